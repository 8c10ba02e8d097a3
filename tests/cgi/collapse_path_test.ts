// Normalizing targets. CPython's own examples are in tests/cpython/.

import { assertEquals, assertThrows } from "@std/assert";
import { collapseUrlPath } from "../../handlers/cgi/collapse_path.ts";
import { pureTest } from "../_lib/pure.ts";

function assertCollapses(
  rows: readonly (readonly [target: string, path: string])[],
): void {
  for (const [target, path] of rows) {
    assertEquals(collapseUrlPath(target), path, target);
  }
}

pureTest("collapseUrlPath() returns the same path for every spelling", () => {
  const spellings = [
    "/cgi-bin/x",
    "cgi-bin/x",
    "//cgi-bin/x",
    "/cgi-bin//x",
    "/./cgi-bin/./x",
    "/a/../cgi-bin/x",
    "/cgi-bin/b/../x",
    "/cgi-bin%2fx",
    "/%63gi-bin/x",
    "%2Fcgi-bin%2F%2e%2Fx",
    "/a/%2e%2e/cgi-bin/x",
    "/cgi-bin/x#y",
    "/cgi-bin/x#/../../y",
    "/cgi-bin/x?",
  ];
  assertCollapses(spellings.map((spelling) => [spelling, "/cgi-bin/x"]));
});

pureTest("collapseUrlPath() decodes once", () => {
  assertCollapses([
    ["/cgi-bin/%252e%252e/x", "/cgi-bin/%2e%2e/x"],
    ["/cgi-bin%252fx", "//cgi-bin%2fx"],
  ]);
});

pureTest("collapseUrlPath() keeps the query unchanged", () => {
  assertCollapses([
    ["/cgi-bin/x?a=%2F&/../..//b", "/cgi-bin/x?a=%2F&/../..//b"],
    ["/cgi-bin/x%3Fy?z", "/cgi-bin/x?y?z"],
    ["/cgi-bin/x?y#z", "/cgi-bin/x?y#z"],
    ["/cgi-bin/x#y?z", "/cgi-bin/x"],
    ["/cgi-bin/..?x", "//?x"],
  ]);
});

pureTest("collapseUrlPath() keeps unusual file names", () => {
  assertCollapses([
    ["/cgi-bin/...", "/cgi-bin/..."],
    ["/cgi-bin/.x", "/cgi-bin/.x"],
    ["/cgi-bin/x.", "/cgi-bin/x."],
    ["/cgi-bin/%", "/cgi-bin/%"],
    ["/cgi-bin/%zz", "/cgi-bin/%zz"],
    ["/cgi-bin/%C3%A9", "/cgi-bin/\xe9"],
    ["/cgi-bin/%FF", "/cgi-bin/\ufffd"],
    ["/cgi-bin/a%00b", "/cgi-bin/a\0b"],
    ["/cgi-bin/..%5c", "/cgi-bin/..\\"],
  ]);
});

pureTest(
  "collapseUrlPath() throws for every spelling of a path above the root",
  () => {
    for (
      const target of [
        "/..",
        "/../cgi-bin/x",
        "/%2e%2e/cgi-bin/x",
        "/cgi-bin%2f..%2f../x",
        "/a/../..?x",
        "/..#x",
      ]
    ) {
      assertThrows(
        () => collapseUrlPath(target),
        RangeError,
        "Cannot normalize the path: it goes above the root",
      );
    }
  },
);
