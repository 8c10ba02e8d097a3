// When changes are over.

import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  Batch,
  LONGEST,
  QUIET,
  QUIET_AFTER_REMOVAL,
} from "../../../handlers/static/live/batch.ts";
import { pureTest } from "../../_lib/pure.ts";

/** Lets a batch run on a fake clock, and returns when it is complete. */
function end(times: readonly number[]): number {
  const batch = new Batch();
  for (const time of times) {
    if (time > batch.due) break;
    batch.add(["a"], time);
  }
  return batch.due;
}

pureTest("Batch is complete when nothing has changed for 100 ms", () => {
  assertEquals(new Batch().due, Infinity);
  assert(new Batch().isEmpty);
  assertEquals(end([1_000]), 1_000 + QUIET);
  assertEquals(end([1_000, 1_099, 1_199]), 1_199 + QUIET);
  assertEquals(end([1_000, 1_101]), 1_000 + QUIET);
});

pureTest("Batch is complete after 5 s, even if files still change", () => {
  const times = Array.from({ length: 1_000 }, (_, index) => index * 50);
  assertEquals(end(times), LONGEST);
});

pureTest("Batch waits longer after a removal, but only once", () => {
  const batch = new Batch();
  batch.add(["a"], 0);
  assert(batch.holdForRemoval(QUIET));
  assertEquals(batch.due, QUIET_AFTER_REMOVAL);
  assertFalse(batch.holdForRemoval(QUIET_AFTER_REMOVAL));
  batch.clear();
  batch.add(["a"], 5_000);
  assertEquals(batch.due, 5_000 + QUIET);
});

pureTest(
  "Batch remembers the changed paths, or that there were too many",
  () => {
    const batch = new Batch();
    batch.add(["a", "b"], 0);
    batch.add(["a"], 0);
    assertEquals(batch.paths, new Set(["a", "b"]));
    batch.add(Array.from({ length: 3_000 }, (_, index) => `${index}`), 0);
    assertEquals(batch.paths, "all");
    // They were reported, besides that others may have changed.
    assert(batch.has("a"));
    assertFalse(batch.has("2999"));
    batch.clear();
    assertEquals(batch.paths, new Set());
    batch.add("all", 0);
    batch.add(["c"], 0);
    assertEquals(batch.paths, "all");
  },
);
