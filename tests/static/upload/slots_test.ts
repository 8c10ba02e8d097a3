// Which uploads make room for another one.

import { assertEquals } from "@std/assert";
import {
  chooseSlots,
  type Slot,
} from "../../../handlers/static/upload/slots.ts";

function slots(
  ...groups: readonly [owner: string, count: number, isDone?: boolean][]
): Map<string, Slot> {
  return new Map(
    groups.flatMap(([owner, count, isDone = false], group) =>
      Array.from({ length: count }, (_, n): [string, Slot] => [
        `${group}.${n}`,
        { owner, isDone },
      ])
    ),
  );
}

const idle = () => false;

/** Many owners, none of whom has too many. */
const FULL: readonly [string, number][] = [
  ["a", 99],
  ...Array.from({ length: 17 }, (_, n): [string, number] => [`c${n}`, 53]),
];

Deno.test({
  name: "chooseSlots() drops nothing while there is room",
  permissions: "none",
  fn() {
    assertEquals(
      chooseSlots(slots(["a", 99], ["b", 100]), "a", idle),
      undefined,
    );
  },
});

Deno.test({
  name: "chooseSlots() drops the owner's own, the complete ones first",
  permissions: "none",
  fn() {
    const kept = slots(["b", 5], ["a", 98], ["a", 2, true]);
    const found = chooseSlots(kept, "a", (name) => name === "1.0");
    assertEquals(found?.slice(0, 3), ["2.0", "2.1", "1.1"]);
    assertEquals(found?.length, 99);
  },
});

Deno.test({
  name:
    "chooseSlots() drops the oldest idle one of who has most if all are taken",
  permissions: "none",
  fn() {
    const kept = slots(["b", 1], ...FULL);
    assertEquals(kept.size, 1_001);
    const found = chooseSlots(kept, "new", (name) => name === "1.0");
    assertEquals(found?.[0], "1.1");
    assertEquals(found?.length, 98);
  },
});

Deno.test({
  name: "chooseSlots() has nothing to drop if all are being sent",
  permissions: "none",
  fn() {
    assertEquals(chooseSlots(slots(...FULL), "new", () => true), []);
  },
});
