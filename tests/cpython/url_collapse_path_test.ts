// CGIHTTPServerTestCase.test_url_collapse_path of CPython's test_httpservers.py: which
// directory and which script a target names.

import { assertEquals, assertThrows } from "@std/assert";
import { collapseUrlPath } from "../../handlers/cgi/collapse_path.ts";

/** What leads to nothing but the root. */
const ROOT: readonly string[] = [
  "",
  "/",
  "//",
  "/.//",
  "/a/b/c/../d/e/../../../../f/..",
  "/a/b/c/../d/e/../../../../f/../.",
];

const NAMED: readonly [target: string, collapsed: string][] = [
  ["a", "//a"],
  ["/a", "//a"],
  ["//a", "//a"],
  ["./a", "//a"],
  ["/\\", "//\\"],
  ["./C:/", "/C:/"],
  ["cgi-bin/file1.py", "/cgi-bin/file1.py"],
  ["/cgi-bin/file1.py", "/cgi-bin/file1.py"],
  ["/a/b", "/a/b"],
  ["/a/b/", "/a/b/"],
  ["/a/b/.", "/a/b/"],
  ["/a/b/c/..", "/a/b/"],
  ["/a/b/c/../d", "/a/b/d"],
  ["/a/b/c/../d/e/../f", "/a/b/d/f"],
  ["/a/b/c/../d/e/../../f", "/a/b/f"],
  ["/a/b/c/../d/e/.././././..//f", "/a/b/f"],
  ["/a/b/c/../d/e/../../../f", "/a/f"],
  ["/a/b/c/../d/e/../../../../f", "//f"],
];

/** What leads above the root. */
const ABOVE: readonly string[] = [
  "..",
  "/.//..",
  "../a/b/c/../d/e/.././././..//f",
  "/a/b/c/../d/e/../../../../../f",
];

Deno.test({
  name:
    "CGIHTTPServerTestCase.test_url_collapse_path: collapseUrlPath() puts the last name apart",
  permissions: "none",
  fn() {
    for (const target of ROOT) {
      assertEquals(collapseUrlPath(target), "//", target);
    }
    for (const [target, collapsed] of NAMED) {
      assertEquals(collapseUrlPath(target), collapsed, target);
    }
  },
});

Deno.test({
  name:
    "CGIHTTPServerTestCase.test_url_collapse_path: collapseUrlPath() throws for what leads above the root",
  permissions: "none",
  fn() {
    for (const target of ABOVE) {
      assertThrows(() => collapseUrlPath(target), RangeError);
    }
  },
});
