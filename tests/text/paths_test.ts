// The path names in request targets. Expected values are those of CPython's
// translate_path(), with posixpath and with ntpath.

import { assert, assertEquals } from "@std/assert";
import { splitext, translateSegments } from "../../text/paths.ts";
import { pureTest } from "../_lib/pure.ts";

const BOTH: readonly ("posix" | "windows")[] = ["posix", "windows"];

pureTest("translateSegments() splits a plain path into its names", () => {
  const rows: [string, string[], boolean][] = [
    ["/", [], true],
    ["/a.txt", ["a.txt"], false],
    ["/dir/a.txt", ["dir", "a.txt"], false],
    ["/dir/sub/", ["dir", "sub"], true],
    ["/caf\xe9/\u{1f600}", ["caf\xe9", "\u{1f600}"], false],
  ];
  for (const os of BOTH) {
    for (const [path, segments, trailingSlash] of rows) {
      assertEquals(translateSegments(path, os), { segments, trailingSlash });
    }
  }
});

pureTest("translateSegments() cuts off the query and the fragment", () => {
  for (const end of ["?q", "#f", "?q#f", "#f?q", "?", "#", "?/", "#/.."]) {
    assertEquals(translateSegments("/a" + end, "posix").segments, ["a"]);
    assert(!translateSegments("/a" + end, "posix").trailingSlash);
    assert(translateSegments("/a/" + end, "posix").trailingSlash);
  }
});

pureTest("translateSegments() decodes before it splits and resolves", () => {
  const rows: [string, string[], boolean][] = [
    ["/a%20b%2Fc", ["a b", "c"], false],
    ["/a%2f", ["a"], true],
    ["/a%3Fb%23c", ["a?b#c"], false],
    ["/%2e%2e/%2E/a", ["a"], false],
    ["/%ED%A0%80", ["\ud800"], false],
    ["/%ED%A0%80%FF", ["\ufffd\ufffd\ufffd\ufffd"], false],
    ["/%252e%252e/a", ["%2e%2e", "a"], false],
    ["/%zz", ["%zz"], false],
  ];
  for (const [path, segments, trailingSlash] of rows) {
    assertEquals(translateSegments(path, "posix"), {
      segments,
      trailingSlash,
    });
  }
});

pureTest("translateSegments() never leaves the root", () => {
  const rows: [string, string[]][] = [
    ["", []],
    ["..", []],
    ["/..", []],
    ["/../../a", ["a"]],
    ["../a/../../b", ["b"]],
    ["/a/./b/../c", ["a", "c"]],
    ["//a///b", ["a", "b"]],
    ["/a/..", []],
    ["/.../..a/.b", ["...", "..a", ".b"]],
    ["/./", []],
    ["a/b", ["a", "b"]],
  ];
  for (const os of BOTH) {
    for (const [path, segments] of rows) {
      assertEquals(translateSegments(path, os).segments, segments, path);
    }
  }
});

pureTest(
  "translateSegments() drops names that are drives or folders on Windows",
  () => {
    const rows: [string, string[]][] = [
      ["/c:c:c:foo/filename", ["filename"]],
      ["/\\c:../filename", ["filename"]],
      ["/c:\\c:..\\foo/filename", ["filename"]],
      ["/c:c:foo\\c:c:bar/filename", ["filename"]],
      ["/c:/windows", ["windows"]],
      ["/..%5C..%5Ca", []],
      ["/a\\", []],
      ["/c:x/../a", ["a"]],
      ["/ab:c", ["ab:c"]],
    ];
    for (const [path, segments] of rows) {
      assertEquals(translateSegments(path, "windows").segments, segments, path);
    }
  },
);

pureTest("translateSegments() keeps backslashes and colons on POSIX", () => {
  assertEquals(translateSegments("/c:/a\\b/..\\c", "posix").segments, [
    "c:",
    "a\\b",
    "..\\c",
  ]);
});

pureTest("translateSegments() resolves a long row of ..", () => {
  const { segments } = translateSegments(
    "/..".repeat(20_000) + "/a",
    "posix",
  );
  assertEquals(segments, ["a"]);
});

pureTest("splitext() cuts at the last dot of the name", () => {
  const rows: [string, string, string][] = [
    ["", "", ""],
    ["a", "a", ""],
    ["a.txt", "a", ".txt"],
    ["a.tar.gz", "a.tar", ".gz"],
    ["/d.d/a", "/d.d/a", ""],
    ["/d.d/a.b", "/d.d/a", ".b"],
    [".profile", ".profile", ""],
    ["/d/...x", "/d/...x", ""],
    [".a.b", ".a", ".b"],
    ["...", "...", ""],
    ["a.", "a", "."],
    ["a..", "a.", "."],
    ["a.b/", "a.b/", ""],
  ];
  for (const [path, root, extension] of rows) {
    assertEquals(splitext(path), [root, extension]);
  }
});
