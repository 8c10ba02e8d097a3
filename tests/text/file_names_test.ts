import { assertEquals } from "@std/assert";
import {
  beginsWithDot,
  foldPath,
  isWindowsAlias,
} from "../../text/file_names.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "foldPath() returns the same form for paths that are one path on Windows and macOS",
  () => {
    const rows: [path: string, expected: string][] = [
      ["/CGI-bin/X", "/cgi-bin/x"],
      ["/\u017fcripts", "/scripts"],
      ["/\u212afolder", "/kfolder"],
      ["/cg\u200ci-\ufeffbin/x", "/cgi-bin/x"],
      ["/e\u0301", "/\u00e9"],
      ["/a.b/c d", "/a.b/c d"],
    ];
    for (const [path, expected] of rows) assertEquals(foldPath(path), expected);
    // Case mapping produces a letter that composes with the accent after it.
    for (const name of ["\u015b", "s\u0301", "\u017f\u0301", "S\u0301"]) {
      assertEquals(foldPath(name), "\u015b");
    }
  },
);

pureTest(
  "isWindowsAlias() finds the names that Windows maps to other files",
  () => {
    const aliases = [
      "GIT~1",
      "git~1",
      "INDEX~12.HTM",
      "A1B2C3~1.TXT",
      "~1",
      "~LOCKR~1.ODT",
      "aux .txt",
      "a.txt::$DATA",
      "a.txt:stream",
      "a.txt.",
      "a.txt ",
      "...",
      "NUL",
      "nul.txt",
      "con",
      "Com1.log",
      "LPT¹",
      "CONIN$",
    ];
    const others = [
      "a.txt",
      "~",
      "a~b.txt",
      "backup~",
      "file.txt~1",
      "a longer name~1.txt",
      "console",
      "com10",
      "nullable.ts",
      ".git",
      "",
    ];
    for (const name of aliases) assertEquals(isWindowsAlias(name), true, name);
    for (const name of others) assertEquals(isWindowsAlias(name), false, name);
  },
);

pureTest("beginsWithDot() skips characters that HFS+ ignores", () => {
  for (const name of [".a", ".", "\u200c.git", "\ufeff\u206a.env"]) {
    assertEquals(beginsWithDot(name), true, name);
  }
  for (const name of ["", "a.", "a", "é.", "\u200ca.b", "\u3002git"]) {
    assertEquals(beginsWithDot(name), false, name);
  }
});
