import { assert } from "@std/assert";
import { parseRange } from "../../handlers/static/response/range.ts";
import { testSubject } from "./_lib.ts";
import { countSteps, stopCounting } from "./_steps.ts";
import { STEPS } from "./properties/steps.ts";

/** The least of three counts. */
async function least(work: () => void): Promise<number> {
  let count = Infinity;
  for (let turn = 0; turn < 3; turn++) {
    count = Math.min(count, await countSteps(work));
  }
  return count;
}

Deno.test("countSteps() counts more steps for more work", async () => {
  const ranges = (count: number) =>
    least(() => void parseRange("bytes=" + "1-2,".repeat(count), 10));
  const [ten, twenty, forty] = [
    await ranges(10),
    await ranges(20),
    await ranges(40),
  ];
  const growth = (forty - twenty) / (twenty - ten);
  assert(growth > 1.8 && growth < 2.2, String(growth));
  // The input that a built-in function reads counts too.
  const text = "a".repeat(5_000);
  assert(await least(() => void text.indexOf("b")) >= text.length);
});

testSubject(STEPS, "inherit");

Deno.test.afterAll(stopCounting);
