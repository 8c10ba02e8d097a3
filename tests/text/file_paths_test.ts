// File paths by the rules of either system.

import { assertEquals, assertThrows } from "@std/assert";
import {
  absolutePath,
  fromFileUrl,
  joinPath,
  normalizePath,
} from "../../text/file_paths.ts";
import { pureTest } from "../_lib/pure.ts";

function unneeded(): never {
  throw new Error("the working directory is not needed");
}

pureTest("fromFileUrl() follows the rules of the system", () => {
  const url = new URL("file:///C:/a%20b/c");
  assertEquals(fromFileUrl(url, "linux"), "/C:/a b/c");
  assertEquals(fromFileUrl(url, "windows"), "C:\\a b\\c");
  assertThrows(() => fromFileUrl(new URL("http://a/"), "linux"), TypeError);
});

pureTest("joinPath() joins a folder and a name, and normalizes them", () => {
  assertEquals(joinPath("./a//", "b", "linux"), "a/b");
  assertEquals(joinPath("", "b", "linux"), "b");
  assertEquals(joinPath("a", "/b", "linux"), "a/b");
  assertEquals(joinPath("C:\\a/", "b", "windows"), "C:\\a\\b");
});

pureTest("normalizePath() removes dots and repeated separators", () => {
  assertEquals(normalizePath("/a/./b//../c/", "linux"), "/a/c/");
  assertEquals(normalizePath("C:\\a/./b\\..\\c", "windows"), "C:\\a\\c");
  assertEquals(normalizePath("/a\\b", "darwin"), "/a\\b");
});

pureTest("absolutePath() starts from the working directory", () => {
  assertEquals(absolutePath("a/../b/", "linux", () => "/home"), "/home/b");
  assertEquals(absolutePath("", "linux", () => "/home"), "/home");
  assertEquals(absolutePath("a", "windows", () => "C:\\home"), "C:\\home\\a");
  assertEquals(absolutePath("\\a", "windows", () => "C:\\home"), "C:\\a");
});

pureTest("absolutePath() needs no working directory for absolute paths", () => {
  assertEquals(absolutePath("/a/../b/", "linux", unneeded), "/b");
  assertEquals(absolutePath("C:/a/b/..", "windows", unneeded), "C:\\a");
  assertEquals(
    absolutePath("\\\\host\\share\\a", "windows", unneeded),
    "\\\\host\\share\\a",
  );
});
