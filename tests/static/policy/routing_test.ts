import { assertEquals } from "@std/assert";
import { toReference } from "../../../handlers/static/policy/location.ts";
import { isNavigation } from "../../../handlers/static/policy/navigation.ts";
import {
  type Candidate,
  planRoute,
} from "../../../handlers/static/policy/routing.ts";
import { translateSegments } from "../../../text/paths.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** A candidate in short: "a/b" for a file, "a/" for a folder, and what is done. */
function describe(
  segments: readonly string[],
  { suffix, kind, action }: Candidate,
): string {
  const path = (segments.join("/") + suffix).replace(/^\//, "") +
    (kind === "directory" ? "/" : "");
  if (typeof action === "string") return `${path} ${action}`;
  const to = ["", ...action.segments].join("/") || "/";
  const slash = action.trailingSlash && to !== "/" ? "/" : "";
  return `${path} ${action.status} ${to}${slash}`;
}

function route(
  path: string,
  { indexPages = ["index.html", "index.htm"], cleanUrls = false }: {
    indexPages?: string[];
    cleanUrls?: boolean;
  } = {},
): string[] {
  const { segments, trailingSlash } = translateSegments(path, "posix");
  return planRoute(segments, trailingSlash, indexPages, cleanUrls)
    .map((candidate) => describe(segments, candidate));
}

test("planRoute() finds a file, or leads to the folder of that name", () => {
  assertEquals(route("/a/b.css"), ["a/b.css send", "a/b.css/ 301 /a/b.css/"]);
  assertEquals(route("/a.html"), ["a.html send", "a.html/ 301 /a.html/"]);
});

test("planRoute() finds a folder's pages, or lists it", () => {
  assertEquals(route("/a/"), [
    "a/index.html send",
    "a/index.htm send",
    "a/ list",
  ]);
  assertEquals(route("/"), ["index.html send", "index.htm send", "/ list"]);
  assertEquals(route("", { indexPages: [] }), ["/ list"]);
});

test("planRoute() finds pages without their extension where URLs are clean", () => {
  const options = { cleanUrls: true };
  assertEquals(route("/about", options), [
    "about send",
    "about.html send",
    "about/ 301 /about/",
  ]);
  assertEquals(route("/a/about/", options), [
    "a/about/index.html send",
    "a/about/index.htm send",
    "a/about/ list",
    "a/about.html 302 /a/about",
  ]);
  assertEquals(route("/", options), [
    "index.html send",
    "index.htm send",
    "/ list",
  ]);
});

test("planRoute() leads from a page's file to its clean URL", () => {
  const options = { cleanUrls: true };
  assertEquals(route("/a/b.html", options), [
    "a/b.html 302 /a/b",
    "a/b.html.html send",
    "a/b.html/ 301 /a/b.html/",
  ]);
  assertEquals(route("/a/index.html", options)[0], "a/index.html 302 /a/");
  assertEquals(route("/index.html", options)[0], "index.html 302 /");
  assertEquals(route("/.html", options)[0], ".html send");
  assertEquals(route("/a.htm", options)[0], "a.htm send");
});

test("planRoute() leads nowhere that leads back", () => {
  for (const path of ["/a", "/a/", "/a.html", "/index.html", "/a/index.html"]) {
    const { segments, trailingSlash } = translateSegments(path, "posix");
    for (
      const { action } of planRoute(
        segments,
        trailingSlash,
        ["index.html"],
        true,
      )
    ) {
      if (typeof action === "string") continue;
      const { segments, trailingSlash } = action;
      const to = new URL(
        toReference(segments, trailingSlash, path),
        `http://a.test${path}`,
      );
      assertEquals(to.pathname === path, false);
    }
  }
});

const BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8";

test("isNavigation() believes what a browser says itself", () => {
  const rows: [Record<string, string>, boolean][] = [
    [{ "Sec-Fetch-Mode": "navigate", Accept: BROWSER }, true],
    [{ "Sec-Fetch-Mode": "navigate" }, true],
    [{ "Sec-Fetch-Mode": "cors", Accept: BROWSER }, false],
    [{ "Sec-Fetch-Mode": "no-cors", Accept: BROWSER }, false],
    [{ "Sec-Fetch-Mode": "", Accept: BROWSER }, false],
  ];
  for (const [fields, expected] of rows) {
    for (const segments of [[], ["a"], ["a.js"], ["j.doe"]]) {
      const headers = new Headers(fields);
      assertEquals(
        isNavigation({ method: "GET", headers, segments }),
        expected,
      );
    }
  }
});

test("isNavigation() goes by Accept and the extension otherwise", () => {
  const rows: [string, string[], boolean][] = [
    [BROWSER, [], true],
    [BROWSER, ["users", "7"], true],
    [BROWSER, [".config"], true],
    [BROWSER, ["v1.2", "page"], true],
    [BROWSER, ["app.js"], false],
    [BROWSER, ["a", "b.png"], false],
    ["*/*", ["users"], false],
    ["application/json", ["users"], false],
    ["image/avif,*/*", ["users"], false],
    ["", ["users"], false],
  ];
  for (const [Accept, segments, expected] of rows) {
    const headers = new Headers({ Accept });
    for (const method of ["GET", "HEAD"]) {
      assertEquals(isNavigation({ method, headers, segments }), expected);
    }
    assertEquals(isNavigation({ method: "POST", headers, segments }), false);
  }
});
