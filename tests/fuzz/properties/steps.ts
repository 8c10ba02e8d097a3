// Linear time, by counting steps: if twice as much text is added, a function that reads a
// peer's text takes at most twice as many additional steps.

import { assert } from "@std/assert";
import { type Property, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/steps.json" with { type: "json" };
import { ODD, soup } from "../_random.ts";
import { type Reader, READERS } from "../_readers.ts";
import { countSteps } from "../_steps.ts";

/** The length of the shortest text; the others are twice and four times as long. */
const LENGTH = 1_500;

/** Linear growth is 2, with a logarithm a little more, and quadratic growth 4. */
const MOST_GROWTH = 2.7;

/** Steps that do not count: those done once, and again when a buffer grows. */
const SLACK = 1_500;

function linear(
  { name, words, read }: Reader,
): Property<{ before: string; pump: string; after: string }> {
  const some = soup(words, 3, ODD.filter((odd) => odd.length === 1));
  return property(
    `${name} takes steps in proportion to its input`,
    (random) => ({
      before: some(random),
      pump: some(random) || random.pick(words),
      after: some(random),
    }),
    async ({ before, pump, after }) => {
      if (pump === "") return;
      const least = [Infinity, Infinity, Infinity];
      for (let attempt = 0; attempt < 4; attempt++) {
        for (const [index, times] of [1, 2, 4].entries()) {
          const count = Math.ceil(LENGTH * times / pump.length);
          const text = before + pump.repeat(count) + after;
          const steps = await countSteps(() => read(text));
          least[index] = Math.min(least[index]!, steps);
        }
        const [small, middle, large] = least as [number, number, number];
        const allowed = MOST_GROWTH * Math.max(0, middle - small) + SLACK;
        if (large - middle <= allowed) return;
      }
      assert(false, `The steps are ${least}`);
    },
    3,
  );
}

/** Properties that count steps. */
export const STEPS: Subject = {
  name: "steps",
  properties: READERS.map(linear),
  corpus,
};
