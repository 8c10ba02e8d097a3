import { assert, assertEquals } from "@std/assert";
import { ByteLru } from "../../cache/byte_lru.ts";
import { pureTest } from "../_lib/pure.ts";

/** The size of an entry with a key of one letter, besides its bytes. */
const OVERHEAD = 514;

function keys(cache: ByteLru<string>): string {
  return ["a", "b", "c", "d"].filter((key) => cache.get(key) !== undefined)
    .join("");
}

pureTest("ByteLru evicts unused entries before used ones", () => {
  const cache = new ByteLru<string>(2 * (100 + OVERHEAD));
  cache.set("a", "A", 100);
  cache.set("b", "B", 100);
  assertEquals(cache.get("a"), "A");
  cache.set("c", "C", 100);
  assertEquals(keys(cache), "ac");
  assertEquals(cache.total, 2 * (100 + OVERHEAD));
});

pureTest("ByteLru eventually evicts entries that were used long ago", () => {
  const cache = new ByteLru<string>(2 * (100 + OVERHEAD));
  cache.set("a", "A", 100);
  for (let uses = 0; uses < 100; uses++) cache.get("a");
  for (let n = 0; n < 10; n++) cache.set(`b${n}`, "B", 98);
  assertEquals(cache.get("a"), undefined);
});

pureTest("ByteLru counts the size of a replaced value once", () => {
  const cache = new ByteLru<string>(10_000);
  cache.set("a", "A", 100);
  cache.set("a", "B", 200);
  assertEquals(cache.get("a"), "B");
  assertEquals([cache.total, cache.size], [200 + OVERHEAD, 1]);
  cache.delete("a");
  cache.delete("a");
  assertEquals([cache.total, cache.size], [0, 0]);
});

pureTest(
  "ByteLru neither keeps a value above its limit nor evicts others for it",
  () => {
    const cache = new ByteLru<string>(1_000);
    cache.set("a", "A", 100);
    cache.set("b", "B", 1_000 - OVERHEAD + 1);
    assertEquals(keys(cache), "a");
    cache.set("c", "C", 1_000 - OVERHEAD);
    assertEquals(keys(cache), "c");
  },
);

pureTest("ByteLru also bounds the number of values", () => {
  const cache = new ByteLru<string>(100_000);
  for (let n = 0; n < 10_000; n++) cache.set(`${n}`, "", 0);
  assert(cache.size < 200);
  assert(cache.total <= 100_000);
});
