// Turns: which microtasks share what the first of them has seen.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { currentTurn, turnNow } from "../../connection/turn.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "currentTurn() is the same for all microtasks that were queued before it",
  async () => {
    const turns = await Promise.all(
      [1, 2, 3].map(() => Promise.resolve().then(() => currentTurn())),
    );
    assertEquals(new Set(turns).size, 1);
  },
);

pureTest(
  "currentTurn() differs for a microtask that was queued after it",
  async () => {
    const first = currentTurn();
    const second = await Promise.resolve().then(() => currentTurn());
    assertNotEquals(first, second);
  },
);

pureTest(
  "currentTurn() differs for a microtask that another one of the turn queues",
  async () => {
    const [[first, later], second] = await Promise.all([
      Promise.resolve().then(async () => {
        const turn = currentTurn();
        await Promise.resolve();
        return [turn, currentTurn()];
      }),
      Promise.resolve().then(() => currentTurn()),
    ]);
    assertEquals(first, second);
    assertNotEquals(first, later);
  },
);

pureTest("turnNow() stays the same during a turn", async () => {
  const before = performance.now();
  const now = turnNow();
  assert(now >= before);
  while (performance.now() - now < 2);
  assertEquals(turnNow(), now);
  await Promise.resolve();
  assert(turnNow() >= now + 2);
});
