// Python's repr() of a str. Expected values are those of CPython.

import { assertEquals } from "@std/assert";
import { escapeCharacter, repr } from "../../text/repr.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("repr() prefers single quotation marks", () => {
  const rows: [string, string][] = [
    ["", "''"],
    ["GET", "'GET'"],
    ["it's", `"it's"`],
    ['say "x"', `'say "x"'`],
    [`'"`, `'\\'"'`],
    ["a\\'b", `"a\\\\'b"`],
  ];
  for (const [text, expected] of rows) assertEquals(repr(text), expected);
});

pureTest("repr() escapes unprintable characters", () => {
  const rows: [string, string][] = [
    ["\n\r\t\\", "'\\n\\r\\t\\\\'"],
    ["\0\x1b\x7f", "'\\x00\\x1b\\x7f'"],
    ["\x80\x9f\xa0\xad", "'\\x80\\x9f\\xa0\\xad'"],
    ["\u2028\u3000\ufeff", "'\\u2028\\u3000\\ufeff'"],
    ["\ud800\ue000", "'\\ud800\\ue000'"],
    ["\u{e0001}", "'\\U000e0001'"],
  ];
  for (const [text, expected] of rows) assertEquals(repr(text), expected);
});

pureTest("repr() keeps printable characters", () => {
  for (const text of [" ~", "\xa1\xac\xae\xe9\xff", "\u20ac", "\u{1f600}"]) {
    assertEquals(repr(text), `'${text}'`);
  }
});

pureTest("repr() cuts a text that is longer than the limit", () => {
  const rows: [string, number, string][] = [
    ["abcdef", 3, "'abc...'"],
    ["abc", 3, "'abc'"],
    ["abc", 0, "'...'"],
    ["\n\n\n", 1, "'\\n...'"],
    ["\u{1f600}\u{1f600}\u{1f600}", 2, "'\u{1f600}\u{1f600}...'"],
    ["\u{1f600}\u{1f600}", 2, "'\u{1f600}\u{1f600}'"],
    ["abc'", 3, "'abc...'"],
  ];
  for (const [text, limit, expected] of rows) {
    assertEquals(repr(text, limit), expected);
  }
});

pureTest(
  "escapeCharacter() uses the shortest form for the character's number",
  () => {
    const rows: [string, string][] = [
      ["\n", "\\n"],
      ["'", "\\'"],
      ["A", "\\x41"],
      ["\u20ac", "\\u20ac"],
      ["\u{1f600}", "\\U0001f600"],
    ];
    for (const [text, expected] of rows) {
      assertEquals(escapeCharacter(text), expected);
    }
  },
);
