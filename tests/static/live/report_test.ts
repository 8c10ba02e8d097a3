import { assert, assertEquals } from "@std/assert";
import {
  escapeMarks,
  formatReport,
  ReportLimit,
} from "../../../handlers/static/live/report.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("formatReport() makes one line that can't control a terminal", () => {
  assertEquals(
    formatReport("/a", "TypeError: x\n    at b\u001b[2J\u202e\u0007"),
    "Error in /a: TypeError: x | at b\\x1b[2J\\u{202e}\\x07",
  );
});

pureTest("escapeMarks() escapes invisible characters, except in emoji", () => {
  assertEquals(
    escapeMarks(
      "a\u2028b\u2029c\u200bd\u200de\u{e0041}\u00ad\ufeff\u2066\x85\\",
    ),
    "a\\u{2028}b\\u{2029}c\\u{200b}d\\u{200d}e\\u{e0041}\\u{ad}\\u{feff}\\u{2066}\\x85\\\\",
  );
  const plain = "é日本 👩\u200d💻 ❤\ufe0f\u200d🔥 👩🏽\u200d🚀 क्ष e\u0301";
  assertEquals(escapeMarks(plain), plain);
});

pureTest("formatReport() shortens what a page sends", () => {
  const line = formatReport("/".repeat(9_000), "x".repeat(90_000));
  assert(line.length < 1_300, `${line.length}`);
});

pureTest("ReportLimit shows twenty reports, then one a second", () => {
  const limit = new ReportLimit();
  for (let count = 0; count < 20; count++) assertEquals(limit.admit(0), 0);
  for (let count = 0; count < 5; count++) {
    assertEquals(limit.admit(900), undefined);
  }
  assertEquals(limit.admit(1_000), 5);
  assertEquals(limit.admit(1_500), undefined);
  assertEquals(limit.admit(2_000), 1);
  // Rest doesn't allow more than twenty at once.
  for (let count = 0; count < 20; count++) assertEquals(limit.admit(99_000), 0);
  assertEquals(limit.admit(99_000), undefined);
});
