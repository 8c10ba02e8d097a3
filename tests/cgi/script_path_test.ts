// Splitting a CGI path.

import { assertEquals } from "@std/assert";
import { splitQuery, splitScriptPath } from "../../handlers/cgi/script_path.ts";
import { pureTest } from "../_lib/pure.ts";

/** Splits a path, with these directories. */
function split(path: string, ...directories: string[]): [string, string] {
  const { scriptName, pathInfo } = splitScriptPath(
    "/cgi-bin",
    path,
    (folder) => directories.includes(folder),
  );
  return [scriptName, pathInfo];
}

pureTest(
  "splitScriptPath() returns the first name as the script and the rest as path info",
  () => {
    assertEquals(split("x"), ["/cgi-bin/x", ""]);
    assertEquals(split("x/"), ["/cgi-bin/x", "/"]);
    assertEquals(split("x/y/z"), ["/cgi-bin/x", "/y/z"]);
    assertEquals(split("x/y//z?"), ["/cgi-bin/x", "/y//z?"]);
  },
);

pureTest("splitScriptPath() skips existing directories", () => {
  assertEquals(split("a/b/x/y", "/cgi-bin/a", "/cgi-bin/a/b"), [
    "/cgi-bin/a/b/x",
    "/y",
  ]);
  assertEquals(split("a/b/x", "/cgi-bin/a/b"), ["/cgi-bin/a", "/b/x"]);
});

pureTest("splitScriptPath() returns no script name for a directory", () => {
  assertEquals(split(""), ["/cgi-bin/", ""]);
  assertEquals(split("a/", "/cgi-bin/a"), ["/cgi-bin/a/", ""]);
  assertEquals(split("a", "/cgi-bin/a"), ["/cgi-bin/a", ""]);
});

pureTest("splitQuery() splits off the target's query", () => {
  assertEquals(splitQuery("x?a=b", "/cgi-bin/x?a=b"), ["x", "a=b"]);
  assertEquals(splitQuery("x?a=b?c", "/cgi-bin/x?a=b?c"), ["x", "a=b?c"]);
  assertEquals(splitQuery("x", "/cgi-bin/x"), ["x", ""]);
  assertEquals(splitQuery("x", "/cgi-bin/x?"), ["x", ""]);
});

pureTest("splitQuery() keeps a decoded question mark in the name", () => {
  assertEquals(splitQuery("x?y", "/cgi-bin/x%3Fy"), ["x?y", ""]);
  assertEquals(splitQuery("x?y?z", "/cgi-bin/x%3Fy?z"), ["x?y", "z"]);
  assertEquals(splitQuery("x?y", "/cgi-bin/x%3Fy#?y"), ["x?y", ""]);
});

pureTest(
  "splitQuery() returns the query even if cgi_info doesn't contain it",
  () => {
    assertEquals(splitQuery("x", "/cgi-bin/x?y"), ["x", "y"]);
  },
);
