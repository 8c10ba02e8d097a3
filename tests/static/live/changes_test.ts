import { assertEquals } from "@std/assert";
import { Changes } from "../../../handlers/static/live/changes.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("Changes.since() returns what a page has missed", () => {
  const changes = new Changes();
  const page = changes.last;
  assertEquals(changes.since(page), []);
  const first = changes.add([["/a.css"]]);
  const second = changes.add([["/index.html", "/"]]);
  assertEquals(changes.since(page), [first, second]);
  assertEquals(changes.since(first.g), [second]);
  assertEquals(changes.since(second.g), []);
  // A page of another process, or a made-up number.
  assertEquals(changes.since(second.g + 5), []);
});

pureTest("Changes.since() reloads a page that has missed too many", () => {
  const changes = new Changes();
  for (let count = 0; count < 101; count++) changes.add([["/a"]]);
  assertEquals(changes.since(1), [{ g: 102 }]);
  assertEquals(changes.since(0), [{ g: 102 }]);
  assertEquals(changes.since(2).length, 100);
});

pureTest("Changes.add() reloads every page for too many files", () => {
  const changes = new Changes();
  assertEquals(changes.add("all"), { g: 2 });
  const files = Array.from({ length: 200 }, () => ["/" + "x".repeat(500)]);
  assertEquals(changes.add(files), { g: 3 });
});

pureTest("Changes keeps few bytes for pages that connect later", () => {
  const changes = new Changes();
  const files = Array.from({ length: 100 }, () => ["/" + "x".repeat(500)]);
  for (let count = 0; count < 20; count++) changes.add(files);
  assertEquals(changes.since(changes.last - 3).length, 3);
  assertEquals(changes.since(changes.last - 4), [{ g: changes.last }]);
});
