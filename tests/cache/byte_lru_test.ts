import { assert, assertEquals } from "@std/assert";
import { ByteBudget } from "../../cache/byte_budget.ts";
import { ByteLru } from "../../cache/byte_lru.ts";
import { pureTest } from "../_lib/pure.ts";

/** The size of an entry with a key of one letter, besides its bytes. */
const OVERHEAD = 514;

function keys(cache: ByteLru<string>): string {
  return ["a", "b", "c", "d"].filter((key) => cache.get(key) !== undefined)
    .join("");
}

pureTest("ByteLru evicts unused entries before used ones", () => {
  const budget = new ByteBudget(2 * (100 + OVERHEAD));
  const cache = new ByteLru<string>(budget);
  cache.set("a", "A", 100);
  cache.set("b", "B", 100);
  assertEquals(cache.get("a"), "A");
  cache.set("c", "C", 100);
  assertEquals(keys(cache), "ac");
  assertEquals(budget.total, 2 * (100 + OVERHEAD));
});

pureTest("ByteLru eventually evicts entries that were used long ago", () => {
  const budget = new ByteBudget(2 * (100 + OVERHEAD));
  const cache = new ByteLru<string>(budget);
  cache.set("a", "A", 100);
  for (let uses = 0; uses < 100; uses++) cache.get("a");
  for (let n = 0; n < 10; n++) cache.set(`b${n}`, "B", 98);
  assertEquals(cache.get("a"), undefined);
});

pureTest("ByteLru counts the size of a replaced value once", () => {
  const budget = new ByteBudget(10_000);
  const cache = new ByteLru<string>(budget);
  cache.set("a", "A", 100);
  cache.set("a", "B", 200);
  assertEquals(cache.get("a"), "B");
  assertEquals([budget.total, cache.size], [200 + OVERHEAD, 1]);
  cache.delete("a");
  cache.delete("a");
  assertEquals([budget.total, cache.size], [0, 0]);
});

pureTest(
  "ByteLru neither keeps a value above its limit nor evicts others for it",
  () => {
    const budget = new ByteBudget(1_000);
    const cache = new ByteLru<string>(budget);
    cache.set("a", "A", 100);
    cache.set("b", "B", 1_000 - OVERHEAD + 1);
    assertEquals(keys(cache), "a");
    cache.set("c", "C", 1_000 - OVERHEAD);
    assertEquals(keys(cache), "c");
  },
);

pureTest("ByteLru also bounds the number of values", () => {
  const budget = new ByteBudget(100_000);
  const cache = new ByteLru<string>(budget);
  for (let n = 0; n < 10_000; n++) cache.set(`${n}`, "", 0);
  assert(cache.size < 200);
  assert(budget.total <= 100_000);
});

pureTest(
  "ByteLru evicts the oldest entry of all caches with its budget",
  () => {
    const budget = new ByteBudget(3 * (100 + OVERHEAD));
    const [one, other] = [
      new ByteLru<string>(budget),
      new ByteLru<string>(budget),
    ];
    one.set("a", "A", 100);
    other.set("a", "A", 100);
    one.set("b", "B", 100);
    assertEquals(other.get("a"), "A");
    other.set("b", "B", 100);
    assertEquals([keys(one), keys(other)], ["b", "ab"]);
    other.set("c", "C", 100);
    assertEquals([one.size, other.size], [0, 3]);
    assertEquals(budget.total, 3 * (100 + OVERHEAD));
  },
);

pureTest("ByteBudget evicts at once when it gets smaller", () => {
  const budget = new ByteBudget(10_000);
  const cache = new ByteLru<string>(budget);
  for (const key of ["a", "b", "c"]) cache.set(key, key, 100);
  assertEquals(cache.get("a"), "a");
  budget.max = 2 * (100 + OVERHEAD);
  assertEquals(keys(cache), "ac");
  budget.max = 0;
  assertEquals([budget.total, cache.size], [0, 0]);
  cache.set("d", "", 0);
  assertEquals([budget.total, cache.size], [0, 0]);
});

pureTest("ByteBudget is never exceeded, and counts each entry once", () => {
  const budget = new ByteBudget(50_000);
  const caches = [0, 1, 2].map(() => new ByteLru<number>(budget));
  const held = new Map<string, number>();
  let seed = 1;
  const random = (below: number) =>
    (seed = seed * 48_271 % 2_147_483_647) % below;
  for (let step = 0; step < 20_000; step++) {
    const at = random(caches.length);
    const cache = caches[at]!;
    const key = String.fromCharCode(97 + random(26));
    const bytes = random(60_000);
    const action = random(4);
    if (action === 0) cache.delete(key);
    else if (action === 1) cache.get(key);
    else {
      cache.set(key, bytes, bytes);
      held.set(at + key, bytes);
    }
    if (step % 100 > 0) continue;
    let total = 0;
    for (const [n, each] of caches.entries()) {
      for (let letter = 97; letter < 123; letter++) {
        const key = String.fromCharCode(letter);
        const value = each.get(key);
        if (value === undefined) continue;
        assertEquals(value, held.get(n + key));
        total += value + OVERHEAD;
      }
    }
    assertEquals(budget.total, total);
    assert(total <= budget.max);
  }
});
