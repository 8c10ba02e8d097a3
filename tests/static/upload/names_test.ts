// Which names may be created.

import { assert, assertEquals } from "@std/assert";
import {
  numberedName,
  refuseNames,
} from "../../../handlers/static/upload/names.ts";
import {
  isTempName,
  makeTempName,
} from "../../../handlers/static/upload/temp_names.ts";
import { pureTest } from "../../_lib/pure.ts";

/** 0 if the name may be created. */
function statusOf(names: readonly string[], os: "posix" | "windows"): number {
  return refuseNames(names, os)?.status ?? 0;
}

pureTest("refuseNames() allows ordinary names in any language", () => {
  for (
    const name of [
      "a",
      "a b.txt",
      "über.pdf",
      "文書.docx",
      "👩‍💻.png",
      "a..b",
      "-rf",
      "~",
      "CONSOLE",
      "nullable",
      "x".repeat(255),
      "%2e%2e",
      "'\"<>|",
    ]
  ) {
    assertEquals(statusOf([name], "posix"), 0, name);
    assertEquals(statusOf(["folder", name], "posix"), 0, name);
  }
});

pureTest("refuseNames() refuses text that is not a safe name", () => {
  const rows: readonly [status: number, name: string][] = [
    [400, ""],
    [400, "a/b"],
    [400, "a\\b"],
    [400, "a\0"],
    [400, "a\nb"],
    [400, "\x1b[2J"],
    [400, "a\x85"],
    [400, "a\u202etxt.exe"],
    [400, "a\u2066b"],
    [400, "a\ufffd"],
    [400, "a\ud800"],
    [400, "x".repeat(256)],
    [400, "é".repeat(128)],
    [400, "a."],
    [400, "a "],
    [400, "aux"],
    [400, "NUL.txt"],
    [400, "com¹"],
    [403, ".bashrc"],
    [403, "\u200c.git"],
    [400, "."],
    [400, ".."],
  ];
  for (const [status, name] of rows) {
    for (const os of ["posix", "windows"] as const) {
      assertEquals(statusOf([name], os), status, JSON.stringify(name));
      assertEquals(statusOf([name, "a"], os), status, JSON.stringify(name));
    }
  }
  assertEquals(statusOf([], "posix"), 400);
  assertEquals(statusOf(Array(64).fill("a"), "posix"), 0);
  assertEquals(statusOf(Array(65).fill("a"), "posix"), 400);
  assertEquals(statusOf(Array(10).fill("x".repeat(250)), "posix"), 400);
});

pureTest("refuseNames() refuses on Windows what names no file there", () => {
  for (const name of ["a:b", "a?", "a*", "a<b", "GIT~1", 'a"']) {
    assertEquals(statusOf([name], "windows"), 400, name);
    assertEquals(statusOf([name], "posix"), 0, name);
  }
});

pureTest(
  "numberedName() puts the number before the extension, within 255 bytes",
  () => {
    const rows: readonly [name: string, number: number, expected: string][] = [
      ["a.txt", 1, "a (1).txt"],
      ["a.tar.gz", 2, "a (2).tar.gz"],
      ["README", 3, "README (3)"],
      ["a.b c", 1, "a (1).b c"],
      ["a", 1_000, "a (1000)"],
      ["a.averyveryverylongending", 1, "a.averyveryverylongending (1)"],
      ["x".repeat(255), 1, "x".repeat(251) + " (1)"],
      ["😀".repeat(63) + ".a", 1, "😀".repeat(62) + " (1).a"],
    ];
    const encoder = new TextEncoder();
    for (const [name, number, expected] of rows) {
      assertEquals(numberedName(name, number), expected);
      assert(encoder.encode(numberedName(name, number)).length <= 255);
      assertEquals(statusOf([numberedName(name, number)], "windows"), 0);
    }
  },
);

pureTest("makeTempName() makes names that nothing else has", () => {
  assert(isTempName(makeTempName()));
  assert(makeTempName() !== makeTempName());
  for (const name of ["", ".x.part", "a.part", ".httpserver-x.part"]) {
    assert(!isTempName(name));
  }
  assert(!isTempName("/" + makeTempName()));
});
