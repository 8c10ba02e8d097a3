// Ordering by code point.

import { assertEquals } from "@std/assert";
import { compareCodePoints } from "../../text/compare.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "compareCodePoints() orders as Python does, astral characters last",
  () => {
    const ordered = [
      "",
      "A",
      "Z",
      "a",
      "a.txt",
      "ab",
      "b",
      "\xe9",
      "\ud800",
      "\ud800a",
      "\ud800\ud800",
      "\ud83d",
      "\ud83d\ue000",
      "\udfff",
      "\ue000",
      "\uffff",
      "\u{10000}",
      "\u{1f600}",
      "\u{1f600}a",
      "\u{10ffff}",
    ];
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        assertEquals(Math.sign(compareCodePoints(a, b)), Math.sign(i - j));
      }
    }
  },
);

pureTest("compareCodePoints() sorts an array", () => {
  const names = ["\u{1f600}", "\uff21", "b", "B", "a"];
  assertEquals(names.sort(compareCodePoints), [
    "B",
    "a",
    "b",
    "\uff21",
    "\u{1f600}",
  ]);
});
