// How an error of the wire is told from every other.

import { assertEquals, assertStrictEquals } from "@std/assert";
import { isDisconnect, markDisconnect } from "../../connection/errors.ts";
import { test } from "./_memory.ts";

test("markDisconnect() marks this error and gives it back", () => {
  const error = new Deno.errors.ConnectionReset("gone");
  assertEquals(isDisconnect(error), false);
  assertStrictEquals(markDisconnect(error), error);
  assertEquals(isDisconnect(error), true);
});

test("isDisconnect() says no to an error of the same class from elsewhere", () => {
  markDisconnect(new Deno.errors.ConnectionReset("a client"));
  const other = new Deno.errors.ConnectionReset("a database");
  assertEquals(isDisconnect(other), false);
});

test("markDisconnect() and isDisconnect() take what is no object", () => {
  for (const thrown of [undefined, null, "text", 7]) {
    assertStrictEquals(markDisconnect(thrown), thrown);
    assertEquals(isDisconnect(thrown), false);
  }
});
