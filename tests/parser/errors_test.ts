import { assert, assertEquals } from "@std/assert";
import { ParseError } from "@x/httpserver/parser";
import { pureTest } from "../_lib/pure.ts";

pureTest("ParseError carries a status, a reason and an explanation", () => {
  const cause = new Error("inner");
  const error = new ParseError(431, "Line too long", {
    explain: "more",
    cause,
  });
  assert(error instanceof SyntaxError);
  assertEquals(error.name, "ParseError");
  assertEquals(error.status, 431);
  assertEquals(error.message, "Line too long");
  assertEquals(error.explain, "more");
  assertEquals(error.simple, false);
  assertEquals(error.cause, cause);
});

pureTest("ParseError has no explanation or cause by default", () => {
  const error = new ParseError(400, "Bad", { simple: true });
  assertEquals(error.explain, undefined);
  assertEquals(error.simple, true);
  assertEquals("cause" in error, false);
});
