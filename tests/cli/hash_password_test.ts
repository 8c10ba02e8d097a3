// Typing a password at a terminal that shows nothing; another test covers the whole command.

import { assertEquals } from "@std/assert";
import { TypedLine } from "../../cli/hash_password.ts";
import { pureTest } from "../_lib/pure.ts";

const ROWS: readonly [keys: string, state: string, text: string][] = [
  ["abc", "more", "abc"],
  ["abc\r", "done", "abc"],
  ["abc\nx", "done", "abc"],
  ["abc\x04", "done", "abc"],
  ["abc\x03", "interrupted", "abc"],
  ["abd\x7fc\r", "done", "abc"],
  ["\x08\x08a\r", "done", "a"],
  ["a\u00e9\u{1f600}\x7f\x7fb\r", "done", "ab"],
  ["\u00e9\r", "done", "\u00e9"],
];

for (const [keys, state, text] of ROWS) {
  pureTest(`TypedLine is ${state} after ${JSON.stringify(keys)}`, () => {
    const bytes = new TextEncoder().encode(keys);
    const whole = new TypedLine();
    assertEquals([whole.feed(bytes), whole.text], [state, text]);
    const slow = new TypedLine();
    let reached: string = "more";
    for (let at = 0; at < bytes.length && reached === "more"; at++) {
      reached = slow.feed(bytes.subarray(at, at + 1));
    }
    assertEquals([reached, slow.text], [state, text]);
  });
}
