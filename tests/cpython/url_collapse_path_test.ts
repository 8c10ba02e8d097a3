// CGIHTTPServerTestCase.test_url_collapse_path of CPython's test_httpservers.py: the
// directory and the script of a target.

import { assertEquals, assertThrows } from "@std/assert";
import { collapseUrlPath } from "../../handlers/cgi/collapse_path.ts";
import { pureTest } from "../_lib/pure.ts";

/** Targets that resolve to the root. */
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

/** Targets that resolve to above the root. */
const ABOVE: readonly string[] = [
  "..",
  "/.//..",
  "../a/b/c/../d/e/.././././..//f",
  "/a/b/c/../d/e/../../../../../f",
];

pureTest(
  "CGIHTTPServerTestCase.test_url_collapse_path: collapseUrlPath() separates the last name",
  () => {
    for (const target of ROOT) {
      assertEquals(collapseUrlPath(target), "//", target);
    }
    for (const [target, collapsed] of NAMED) {
      assertEquals(collapseUrlPath(target), collapsed, target);
    }
  },
);

pureTest(
  "CGIHTTPServerTestCase.test_url_collapse_path: collapseUrlPath() throws for a target above the root",
  () => {
    for (const target of ABOVE) {
      assertThrows(() => collapseUrlPath(target), RangeError);
    }
  },
);
