// The header rules of both hosts, in our own words.

import { assertEquals } from "@std/assert";
import { pureTest } from "../../_lib/pure.ts";
import { headerFaults, headers } from "./_decide.ts";
import type { Dialect } from "../../../handlers/static/rules/interfaces.ts";

/** A file, a target, and the fields that are set, or "! name" for those removed. */
type Case = readonly [text: string, target: string, ...fields: string[]];

function check(name: string, dialect: Dialect, cases: readonly Case[]): void {
  pureTest(name, () => {
    for (const [text, target, ...fields] of cases) {
      assertEquals(
        headers(dialect, text, target),
        fields,
        `${text} for ${target}`,
      );
    }
  });
}

/** One field for a path. */
const x = (path: string) => `${path}\n  X: 1`;

check(
  "Netlify header paths: splats, placeholders, any case, any slash at the end",
  "netlify",
  [
    [x("/a"), "/a", "X: 1"],
    [x("/a"), "/a/", "X: 1"],
    [x("/a/"), "/a", "X: 1"],
    [x("/a"), "/A", "X: 1"],
    [x("/Á"), "/%C3%A1", "X: 1"],
    [x("/a"), "/ab"],
    [x("/a.b"), "/axb"],
    [x("/"), "/", "X: 1"],
    [x("/"), "/a"],
    [x("/*"), "/", "X: 1"],
    [x("/*"), "/a/b", "X: 1"],
    [x("/a/*"), "/a", "X: 1"],
    [x("/a/*"), "/a/b/c", "X: 1"],
    [x("/a/*"), "/b"],
    [x("/a*"), "/abc", "X: 1"],
    [x("/a*"), "/a/b", "X: 1"],
    [x("/*.js"), "/x.js", "X: 1"],
    [x("/*.js"), "/a/b/x.JS", "X: 1"],
    [x("/*.js"), "/x.jsx"],
    [x("/a/*b*/c"), "/a/1b2/c", "X: 1"],
    [x("/*/x/*"), "/1/2/x/3", "X: 1"],
    [x("/:p"), "/a", "X: 1"],
    [x("/:p"), "/a/b"],
    [x("/a/:p/c"), "/a/b/c", "X: 1"],
    [x("/:p/*/z:q"), "/1/2/z:q", "X: 1"],
  ],
);

check(
  "Netlify header values: merged in a block, the later block wins, commas are spaced",
  "netlify",
  [
    ["/a\n  X: 1\n  X: 2", "/a", "X: 1, 2"],
    ["/a\n  X: 1\n  x: 2", "/a", "X: 1, 2"],
    ["/a\n  X: 1,2 ,3", "/a", "X: 1, 2, 3"],
    ["/a\n  X: 1\n/a\n  X: 2\n  Y: 3", "/a", "X: 2", "Y: 3"],
    ["/*\n  X: 1\n  Y: 1\n/a\n  x: 2", "/a", "x: 2", "Y: 1"],
    ["/a\n  X: 1\n/*\n  X: 2", "/a", "X: 2"],
    ["/a\n  X: a:b: c", "/a", "X: a:b: c"],
    ["/a\n  X: 1 # c", "/a", "X: 1 # c"],
    ["/:p\n  X: :p :splat", "/a", "X: :p :splat"],
    ["\ufeff/a\r\n  X: 1\r\n\r\n# c\r\n  Y: 2", "/a", "X: 1", "Y: 2"],
    ["/a\nX: 1", "/a", "X: 1"],
    ["/a\n  Content-Type: text/x", "/a", "Content-Type: text/x"],
  ],
);

check(
  "Cloudflare header paths: one splat, placeholders in segments, exact",
  "cloudflare",
  [
    [x("/a"), "/a", "X: 1"],
    [x("/a"), "/a/"],
    [x("/a"), "/A"],
    [x("/*"), "/", "X: 1"],
    [x("/*"), "/a/b", "X: 1"],
    [x("/a/*"), "/a"],
    [x("/a/*"), "/a/", "X: 1"],
    [x("/*.js"), "/a/b/x.js", "X: 1"],
    [x("/:p"), "/a", "X: 1"],
    [x("/:p"), "/a/b"],
    [x("/:p.css"), "/a.min.css", "X: 1"],
    [x("/é"), "/%C3%A9", "X: 1"],
    [x("/a?q"), "/a", "X: 1"],
  ],
);

check(
  "Cloudflare header values: joined over rules, removed with !, filled in",
  "cloudflare",
  [
    ["/a\n  X: 1\n  X: 2", "/a", "X: 1, 2"],
    ["/*\n  X: 1\n/a\n  x: 2", "/a", "x: 1, 2"],
    ["/*\n  X: 1\n  Y: 1\n/a\n  ! X", "/a", "Y: 1", "! x"],
    ["/*\n  X: 1\n/a\n  ! X\n  X: 2", "/a", "X: 2"],
    ["/a\n  X: 2\n  ! X", "/a", "X: 2"],
    ["/a\n  ! X\n/*\n  X: 1", "/a", "X: 1"],
    ["/a\n  ! Cache-Control", "/a", "! cache-control"],
    ["/:p/*\n  X: :p and :splat", "/a/b/c", "X: a and b/c"],
    ["/:p\n  X: :p", "/a%0D%0AY:%201", "X: a%0D%0AY:%201"],
    ["/:p\n  X: :p", "/%C3%A9", "X: %C3%A9"],
    ["/:p\n  X: :q", "/a", "X: :q"],
    // The second block for a path replaces the first one.
    ["/a\n  X: 1\n/a\n  Y: 2", "/a", "Y: 2"],
    ["/a\n  X: 1,2", "/a", "X: 1,2"],
  ],
);

pureTest(
  "a Cloudflare header rule may be for a host, whose placeholders end at a dot",
  () => {
    const at = (text: string, host: string, target = "/a") =>
      headers("cloudflare", text, target, host);
    assertEquals(at(x("https://x.test/a"), "x.test"), ["X: 1"]);
    assertEquals(at(x("https://x.test/a"), "X.test:8000"), ["X: 1"]);
    assertEquals(at(x("https://x.test/a"), "y.test"), []);
    assertEquals(at(x("https://x.test"), "x.test", "/"), ["X: 1"]);
    const named = "https://:name.pages.test/:page\n  X: :name :page";
    assertEquals(at(named, "p.pages.test"), ["X: p a"]);
    assertEquals(at(named, "q.p.pages.test"), []);
    assertEquals(at(x("https://*.pages.test/a"), "q.p.pages.test"), ["X: 1"]);
  },
);

pureTest(
  "a header line that is wrong or unsupported is reported with its reason",
  () => {
    const cases: readonly (readonly [Dialect, string, string, RegExp])[] = [
      ["netlify", "  X: 1\n/a\n  Y: 2", "1", /path must come first/],
      ["netlify", "https://x.test/a\n  X: 1", "1", /path must come first/],
      ["netlify", "/a\n  X:", "2", /value of X is missing/],
      ["netlify", "/a\n  : 1", "2", /name of the header is missing/],
      ["netlify", "/a\n  foo\n  X: 1", "2", /form Name: value/],
      ["netlify", "/a\n  ! X\n  Y: 1", "2", /only Cloudflare/],
      ["netlify", "/a\n  X A: 1\n  Y: 1", "2", /not a valid header name/],
      [
        "netlify",
        "/a\n  Basic-Auth: u:p\n  Y: 1",
        "2",
        /Basic-Auth is not supported/,
      ],
      ["netlify", "/a\n/b\n  X: 1", "1", /no headers/],
      ["netlify", "/a # c\n  X: 1", "1", /no path has a space/],
      ["netlify", "/a?b\n  X: 1", "1", /a path has no "\?"/],
      ["netlify", "/a\n  Content-Length: 1", "2", /differs for each response/],
      ["netlify", "/a\n  ETag: x", "2", /differs for each response/],
      ["netlify", "/a\n  X: \u0100", "2", /outside Latin-1/],
      ["cloudflare", "  X: 1", "1", /path must come first/],
      ["cloudflare", "/*/*\n  X: 1", "1", /only one \*/],
      ["cloudflare", "https://*.x.test/*\n  X: 1", "1", /only one \*/],
      ["cloudflare", "/:a/:a\n  X: 1", "1", /repeated/],
      ["cloudflare", "https://x.test:81/\n  X: 1", "1", /port/],
      ["cloudflare", "http://x.test/\n  X: 1", "1", /must begin with/],
      ["cloudflare", "/a\n  X A: 1\n  Y: 1", "2", /not a valid header name/],
      ["cloudflare", "/a\n  foo", "2", /form Name: value/],
      ["cloudflare", "/a\n  ! Content-Type", "2", /can't be removed/],
      ["cloudflare", "/a\n  ! Vary", "2", /can't be removed/],
      ["cloudflare", "/a\n  ! a b", "2", /not a valid header name/],
      ["cloudflare", "/a\n", "1", /no headers/],
      [
        "cloudflare",
        "/a\n  X: 1\n/a\n  Y: 1",
        "1",
        /line 3 is for the same path/,
      ],
      [
        "cloudflare",
        `/a\n  X: ${"1".repeat(2_000)}\n  Y: 1`,
        "2",
        /more than 2000/,
      ],
    ];
    for (const [dialect, text, line, reason] of cases) {
      const faults = headerFaults(dialect, text);
      const [at = "", ...rest] = (faults[0] ?? "").split(": ");
      assertEquals(at, line, `${text}: ${faults}`);
      assertEquals(reason.test(rest.join(": ")), true, `${text}: ${faults}`);
    }
  },
);

pureTest("Basic-Auth of Netlify is never sent", () => {
  const text = "/a\n  Basic-Auth: user:secret\n  X: 1";
  assertEquals(headers("netlify", text, "/a"), ["X: 1"]);
});

pureTest("Cloudflare has 100 header rules", () => {
  const text = Array.from({ length: 102 }, (_, at) => x(`/${at}`)).join("\n");
  assertEquals(headerFaults("cloudflare", text), [
    "201: there are more than 100 paths; this line and all after it are skipped",
  ]);
  assertEquals(headers("cloudflare", text, "/99"), ["X: 1"]);
  assertEquals(headers("cloudflare", text, "/100"), []);
  assertEquals(headers("netlify", text, "/101"), ["X: 1"]);
});
