// Telling connection errors from all others.

import { assertEquals, assertStrictEquals } from "@std/assert";
import { isDisconnect, markDisconnect } from "../../connection/errors.ts";
import { test } from "./_memory.ts";

test("markDisconnect() marks the error and returns it", () => {
  const error = new Deno.errors.ConnectionReset("gone");
  assertEquals(isDisconnect(error), false);
  assertStrictEquals(markDisconnect(error), error);
  assertEquals(isDisconnect(error), true);
});

test("isDisconnect() is false for another error of the same class", () => {
  markDisconnect(new Deno.errors.ConnectionReset("a client"));
  const other = new Deno.errors.ConnectionReset("a database");
  assertEquals(isDisconnect(other), false);
});

test("markDisconnect() and isDisconnect() accept values that are not objects", () => {
  for (const thrown of [undefined, null, "text", 7]) {
    assertStrictEquals(markDisconnect(thrown), thrown);
    assertEquals(isDisconnect(thrown), false);
  }
});
