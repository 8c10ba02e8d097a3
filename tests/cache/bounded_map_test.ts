import { assertEquals } from "@std/assert";
import { BoundedMap } from "../../cache/bounded_map.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("BoundedMap evicts the entry that was set first", () => {
  const map = new BoundedMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("c", 3);
  assertEquals(["a", "b", "c"].map((key) => map.get(key)), [undefined, 2, 3]);
  assertEquals(map.size, 2);
});

pureTest("BoundedMap moves an entry to the end when it is set again", () => {
  const map = new BoundedMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  assertEquals(["a", "b", "c"].map((key) => map.get(key)), [3, undefined, 4]);
});

pureTest(
  "BoundedMap does not keep a long key, nor an older value of it",
  () => {
    const map = new BoundedMap<number>(10);
    map.set("a".repeat(512), 1);
    map.set("a".repeat(513), 2);
    assertEquals(map.get("a".repeat(512)), 1);
    assertEquals(map.get("a".repeat(513)), undefined);
    const longer = new BoundedMap<number>(10, Infinity);
    longer.set("a".repeat(513), 3);
    assertEquals(longer.get("a".repeat(513)), 3);
  },
);

pureTest("BoundedMap forgets deleted entries", () => {
  const map = new BoundedMap<number>(1);
  map.set("a", 1);
  map.delete("a");
  map.delete("b");
  assertEquals([map.get("a"), map.size], [undefined, 0]);
});
