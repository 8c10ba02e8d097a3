import { assertEquals, assertThrows } from "@std/assert";
import {
  compileMounts,
  parsePlace,
  parsePrefix,
} from "../../../handlers/static/lookup/mounts.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("parsePrefix() parses plain paths", () => {
  const rows: [string, string[]][] = [
    ["/", []],
    ["", []],
    ["/app", ["app"]],
    ["app", ["app"]],
    ["/app/", ["app"]],
    ["/a/b", ["a", "b"]],
    ["a/b", ["a", "b"]],
    ["/a b/\xe9", ["a b", "\xe9"]],
    ["/.well-known/x", [".well-known", "x"]],
  ];
  for (const [text, expected] of rows) {
    assertEquals(parsePrefix(text), expected);
  }
});

pureTest("parsePrefix() throws for other paths", () => {
  for (
    const text of [
      "//",
      "//app",
      "/a//b",
      "/./a",
      "/a/..",
      "/a?b",
      "/a#b",
      "/a%20b",
      "/a\\b",
      "/a\nb",
      "/a\0",
    ]
  ) assertThrows(() => parsePrefix(text), TypeError, "Cannot serve files at");
});

/** The result for a path: "folder:rest", "redirect" or "outside". */
function finder(...prefixes: string[]): (path: string) => string {
  const find = compileMounts(
    prefixes.map((text) => ({ prefix: parsePrefix(text), folder: text })),
  );
  return (path) => {
    const segments = path.split("/").filter((name) => name !== "");
    const found = find(segments, path.endsWith("/"));
    if (found.kind !== "inside") return found.kind;
    return `${found.mount.folder}:${found.segments.join("/")}`;
  };
}

pureTest(
  "compileMounts() finds the mount with the longest prefix of whole names",
  () => {
    const find = finder("/", "/docs/api", "/docs");
    assertEquals(find("/"), "/:");
    assertEquals(find(""), "/:");
    assertEquals(find("/a/docs"), "/:a/docs");
    assertEquals(find("/docs/"), "/docs:");
    assertEquals(find("/docs/a/b"), "/docs:a/b");
    assertEquals(find("/docs/api/"), "/docs/api:");
    assertEquals(find("/docs/api/x"), "/docs/api:x");
    assertEquals(find("/docs/apix"), "/docs:apix");
    assertEquals(find("/docsx"), "/:docsx");
    assertEquals(find("/Docs/"), "/:Docs");
  },
);

pureTest("compileMounts() redirects from a prefix without its slash", () => {
  const find = finder("/", "/docs");
  assertEquals(find("/docs"), "redirect");
});

pureTest("compileMounts() finds nothing outside the base", () => {
  const find = finder("/app");
  assertEquals(find("/"), "outside");
  assertEquals(find("/a"), "outside");
  assertEquals(find("/app"), "redirect");
  assertEquals(find("/app/"), "/app:");
  assertEquals(find("/application"), "outside");
});

pureTest(
  "compileMounts() throws for two folders at one prefix, and doesn't sort the caller's array",
  () => {
    const mounts = [
      { prefix: [], folder: 1 },
      { prefix: ["a"], folder: 2 },
    ];
    compileMounts(mounts);
    assertEquals(mounts[0]!.folder, 1);
    assertThrows(
      () => compileMounts([...mounts, { prefix: ["a"], folder: 3 }]),
      TypeError,
      "Cannot serve two folders at the prefix /a",
    );
  },
);

pureTest("parsePlace() takes a name with a dot and a slash for a host", () => {
  const rows: [string, string | undefined, string[]][] = [
    ["docs.localhost/", "docs.localhost", []],
    ["Docs.LocalHost/a/b", "docs.localhost", ["a", "b"]],
    ["box-1.example.test/", "box-1.example.test", []],
    ["/v1.0/", undefined, ["v1.0"]],
    ["docs/a.b/", undefined, ["docs", "a.b"]],
    ["localhost/", undefined, ["localhost"]],
    ["/.hidden/", undefined, [".hidden"]],
  ];
  for (const [text, host, prefix] of rows) {
    const expected = host === undefined ? { prefix } : { host, prefix };
    assertEquals(parsePlace(text), expected);
  }
  // Nobody means a path by these.
  for (
    const text of [
      "docs.localhost",
      "a.localhost:8000/",
      "[::1]/",
      "*.a.test/",
      "a..b/",
      "-a.test/x",
      ".hidden/",
      "v1.0",
    ]
  ) {
    assertThrows(() => parsePlace(text), TypeError, "must begin with");
  }
});

pureTest("compileMounts() prefers the mounts of the request's host", () => {
  const find = compileMounts(
    ["/", "/docs", "docs.localhost/", "docs.localhost/api", "b.test/only"].map(
      (text) => ({ ...parsePlace(text), folder: text }),
    ),
  );
  const rows: [host: string | undefined, path: string, expected: string][] = [
    [undefined, "docs/a", "/docs"],
    ["localhost", "docs/a", "/docs"],
    ["docs.localhost", "docs/a", "docs.localhost/"],
    ["docs.localhost", "a", "docs.localhost/"],
    ["docs.localhost", "api/a", "docs.localhost/api"],
    ["b.test", "only/a", "b.test/only"],
    ["b.test", "docs/a", "/docs"],
    ["a.docs.localhost", "a", "/"],
  ];
  for (const [host, path, expected] of rows) {
    const found = find(path.split("/"), false, host);
    assertEquals(found.kind === "inside" && found.mount.folder, expected);
  }
  const twice = ["a.test/x", "A.test/x/"].map(parsePlace)
    .map((place) => ({ ...place, folder: "" }));
  assertThrows(() => compileMounts(twice), TypeError, "a.test/x");
});
