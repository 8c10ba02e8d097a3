import { assert, assertEquals } from "@std/assert";
import { ByteLru } from "../../cache/byte_lru.ts";

const test = (name: string, fn: () => void) =>
  Deno.test({ name, permissions: "none", fn });

/** What an entry with a key of one letter takes besides its bytes. */
const OVERHEAD = 514;

function keys(cache: ByteLru<string>): string {
  return ["a", "b", "c", "d"].filter((key) => cache.get(key) !== undefined)
    .join("");
}

test("ByteLru evicts what was never used before what was", () => {
  const cache = new ByteLru<string>(2 * (100 + OVERHEAD));
  cache.set("a", "A", 100);
  cache.set("b", "B", 100);
  assertEquals(cache.get("a"), "A");
  cache.set("c", "C", 100);
  assertEquals(keys(cache), "ac");
  assertEquals(cache.total, 2 * (100 + OVERHEAD));
});

test("ByteLru evicts what was used long ago in the end", () => {
  const cache = new ByteLru<string>(2 * (100 + OVERHEAD));
  cache.set("a", "A", 100);
  for (let uses = 0; uses < 100; uses++) cache.get("a");
  for (let n = 0; n < 10; n++) cache.set(`b${n}`, "B", 98);
  assertEquals(cache.get("a"), undefined);
});

test("ByteLru counts the size of a replaced value once", () => {
  const cache = new ByteLru<string>(10_000);
  cache.set("a", "A", 100);
  cache.set("a", "B", 200);
  assertEquals(cache.get("a"), "B");
  assertEquals([cache.total, cache.size], [200 + OVERHEAD, 1]);
  cache.delete("a");
  cache.delete("a");
  assertEquals([cache.total, cache.size], [0, 0]);
});

test("ByteLru does not keep what is larger than itself, and evicts nothing for it", () => {
  const cache = new ByteLru<string>(1_000);
  cache.set("a", "A", 100);
  cache.set("b", "B", 1_000 - OVERHEAD + 1);
  assertEquals(keys(cache), "a");
  cache.set("c", "C", 1_000 - OVERHEAD);
  assertEquals(keys(cache), "c");
});

test("ByteLru bounds many tiny values by their number too", () => {
  const cache = new ByteLru<string>(100_000);
  for (let n = 0; n < 10_000; n++) cache.set(`${n}`, "", 0);
  assert(cache.size < 200);
  assert(cache.total <= 100_000);
});
