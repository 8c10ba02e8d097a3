import { assert, assertEquals } from "@std/assert";
import { testSubject } from "./_lib.ts";
import { STEPS } from "./properties/steps.ts";
import { parseRange } from "../../handlers/static/policy/range.ts";
import { countSteps, stopCounting } from "./_steps.ts";

Deno.test("countSteps() counts the same each time, and more for more work", async () => {
  const steps = (count: number) =>
    countSteps(() => void parseRange("bytes=" + "1-2,".repeat(count), 10));
  assertEquals(await steps(20), await steps(20));
  assert(await steps(40) > 1.5 * await steps(20));
});

testSubject(STEPS, "inherit");

Deno.test.afterAll(stopCounting);
