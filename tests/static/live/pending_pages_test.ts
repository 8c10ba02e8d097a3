import { assert, assertEquals } from "@std/assert";
import {
  PATIENCE,
  PendingPages,
} from "../../../handlers/static/live/pending_pages.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("PendingPages reports a page whose script is late, once", () => {
  const pages = new PendingPages();
  const fine = pages.add("/fine", 0);
  pages.add("/late", 0);
  pages.add("/late", 0);
  pages.arrived(fine);
  assertEquals(pages.takeLate(PATIENCE - 1), []);
  assertEquals(pages.takeLate(PATIENCE), ["/late"]);
  assert(pages.isEmpty);
  pages.add("/late", PATIENCE);
  assert(pages.isEmpty);
});

pureTest("PendingPages remembers few pages", () => {
  const pages = new PendingPages();
  for (let count = 0; count < 1_000; count++) pages.add(`/${count}`, 0);
  assertEquals(pages.takeLate(PATIENCE).length, 64);
});
