import { assertEquals } from "@std/assert";
import { LinkedList } from "../../cache/linked_list.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("LinkedList keeps its members in order", () => {
  const list = new LinkedList<string>();
  for (const value of ["a", "b", "c"]) list.add(value);
  assertEquals([[...list], list.size], [["a", "b", "c"], 3]);
});

pureTest("LinkedList.delete() deletes any member, once", () => {
  for (let at = 0; at < 3; at++) {
    const list = new LinkedList<string>();
    const links = ["a", "b", "c"].map((value) => list.add(value));
    const left = ["a", "b", "c"].filter((_, index) => index !== at);
    assertEquals(list.delete(links[at]!), true);
    assertEquals([[...list], list.size], [left, 2]);
    assertEquals(list.delete(links[at]!), false);
    assertEquals([links[at]!.value, list.size], [undefined, 2]);
    list.add("d");
    assertEquals([...list], [...left, "d"]);
  }
});

pureTest("LinkedList is empty after all members were deleted", () => {
  const list = new LinkedList<number>();
  const links = [1, 2, 3].map((value) => list.add(value));
  for (const link of links) list.delete(link);
  assertEquals([[...list], list.size], [[], 0]);
  list.add(4);
  assertEquals([...list], [4]);
});
