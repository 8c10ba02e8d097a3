import { assertEquals } from "@std/assert";
import {
  beginsWithDot,
  foldPath,
  isWindowsAlias,
} from "../../text/file_names.ts";

Deno.test({
  name: "foldPath() gives one form to what Windows and macOS take for one path",
  permissions: "none",
  fn() {
    const rows: [path: string, expected: string][] = [
      ["/CGI-bin/X", "/cgi-bin/x"],
      ["/\u017fcripts", "/scripts"],
      ["/\u212afolder", "/kfolder"],
      ["/cg\u200ci-\ufeffbin/x", "/cgi-bin/x"],
      ["/e\u0301", "/\u00e9"],
      ["/a.b/c d", "/a.b/c d"],
    ];
    for (const [path, expected] of rows) assertEquals(foldPath(path), expected);
    // A letter that case mapping makes composes with the accent after it.
    for (const name of ["\u015b", "s\u0301", "\u017f\u0301", "S\u0301"]) {
      assertEquals(foldPath(name), "\u015b");
    }
  },
});

Deno.test({
  name: "isWindowsAlias() knows the names by which Windows finds other files",
  permissions: "none",
  fn() {
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
});

Deno.test({
  name: "beginsWithDot() looks behind what HFS+ passes over",
  permissions: "none",
  fn() {
    for (const name of [".a", ".", "\u200c.git", "\ufeff\u206a.env"]) {
      assertEquals(beginsWithDot(name), true, name);
    }
    for (const name of ["", "a.", "a", "é.", "\u200ca.b", "\u3002git"]) {
      assertEquals(beginsWithDot(name), false, name);
    }
  },
});
