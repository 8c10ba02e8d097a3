// The one timer for all deadlines.

import { assert, assertEquals } from "@std/assert";
import { type Deadline, Deadlines } from "../../connection/deadlines.ts";
import { test } from "./_memory.ts";

/** A deadline that records when it expires. */
class Bell implements Deadline {
  at = Infinity;
  readonly rung = Promise.withResolvers<number>();
  rings = 0;
  onExpire: () => void = () => {};

  expire(): void {
    this.rings++;
    this.onExpire();
    this.rung.resolve(performance.now());
  }
}

test("Deadlines calls expire() once, after the deadline", async () => {
  const deadlines = new Deadlines();
  const bell = new Bell();
  deadlines.add(bell);
  const at = performance.now() + 30;
  deadlines.set(bell, at);
  assert(await bell.rung.promise >= at);
  assertEquals(bell.at, Infinity);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assertEquals(bell.rings, 1);
  deadlines.delete(bell);
});

test("Deadlines does not expire a deadline that was postponed", async () => {
  const deadlines = new Deadlines();
  const [early, late] = [new Bell(), new Bell()];
  deadlines.add(early);
  deadlines.add(late);
  deadlines.set(early, performance.now() + 15);
  deadlines.set(late, performance.now() + 40);
  early.at = Infinity;
  await late.rung.promise;
  assertEquals(early.rings, 0);
  deadlines.delete(early);
  deadlines.delete(late);
});

test("Deadlines.set() wakes earlier for an earlier deadline", async () => {
  const deadlines = new Deadlines();
  const [early, late] = [new Bell(), new Bell()];
  deadlines.add(early);
  deadlines.add(late);
  deadlines.set(late, performance.now() + 60_000);
  deadlines.set(early, performance.now() + 15);
  await early.rung.promise;
  assertEquals(late.rings, 0);
  deadlines.delete(early);
  // The sanitizer also sees that the timer of the other deadline is gone.
  deadlines.delete(late);
});

test("Deadlines.set() of a deadline that was removed starts no timer", () => {
  const deadlines = new Deadlines();
  const bell = new Bell();
  deadlines.add(bell);
  deadlines.delete(bell);
  deadlines.set(bell, performance.now() + 60_000);
});

test("Deadlines accepts a deadline set within expire()", async () => {
  const deadlines = new Deadlines();
  const [first, second, far] = [new Bell(), new Bell(), new Bell()];
  for (const bell of [first, second, far]) deadlines.add(bell);
  first.onExpire = () => deadlines.set(second, performance.now() + 15);
  deadlines.set(far, performance.now() + 60_000);
  deadlines.set(first, performance.now() + 15);
  await second.rung.promise;
  assertEquals(far.rings, 0);
  for (const bell of [first, second, far]) deadlines.delete(bell);
});

test("Deadlines.set() sets no timer longer than the runtime supports", () => {
  const deadlines = new Deadlines();
  const bell = new Bell();
  deadlines.add(bell);
  const { setTimeout } = globalThis;
  const delays: unknown[] = [];
  const spy = (run: () => void, delay: number) => {
    delays.push(delay);
    return setTimeout(run, delay);
  };
  globalThis.setTimeout = spy as typeof setTimeout;
  try {
    deadlines.set(bell, performance.now() + 2 ** 40);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  // A longer one would fire after a millisecond, again and again.
  assertEquals(delays, [2 ** 31 - 1]);
  deadlines.delete(bell);
});
