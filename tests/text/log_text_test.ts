// The parts of a log line.

import { assertEquals } from "@std/assert";
import { escapeControls, formatLogDate } from "../../text/log_text.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "escapeControls() escapes C0, DEL and C1 and doubles backslashes",
  () => {
    for (let code = 0; code < 0x100; code++) {
      const text = String.fromCharCode(code);
      const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
      const hex = code.toString(16).padStart(2, "0");
      const expected = control ? `\\x${hex}` : text === "\\" ? "\\\\" : text;
      assertEquals(escapeControls(text), expected);
    }
  },
);

pureTest("escapeControls() keeps a text on one line", () => {
  assertEquals(
    escapeControls("GET /\r\n\x1b[31m\\x0a \x9b1m"),
    "GET /\\x0d\\x0a\\x1b[31m\\\\x0a \\x9b1m",
  );
  const harmless = '"GET /\xa0\xe9\u2028\u{1f600} HTTP/1.1" 200 -';
  assertEquals(escapeControls(harmless), harmless);
  assertEquals(escapeControls(""), "");
});

pureTest("formatLogDate() writes the local date and time", () => {
  // Made from local fields, so it reads the same in every time zone.
  const rows: [Date, string][] = [
    [new Date(2026, 10, 22, 16, 23, 31), "22/Nov/2026 16:23:31"],
    [new Date(1999, 0, 1, 12, 0, 9), "01/Jan/1999 12:00:09"],
    [new Date(2024, 11, 31, 23, 59, 59, 999), "31/Dec/2024 23:59:59"],
  ];
  for (const [date, expected] of rows) {
    assertEquals(formatLogDate(date), expected);
  }
});
