import { assertEquals } from "@std/assert";
import {
  median,
  ratiosOf,
  rotate,
  type Sample,
  summarize,
  type WorkFigures,
} from "../../bench/figures.ts";

function sample(value: number, more: Partial<Sample> = {}): Sample {
  return { value, requests: 10, errors: 0, memory: 1_000_000, ...more };
}

function samples(...values: (number | null)[]): (Sample | null)[] {
  return values.map((value) => value === null ? null : sample(value));
}

Deno.test("median() is the middle value, or the mean of the middle two", () => {
  assertEquals(median([10, 9, 100]), 10);
  assertEquals(median([4, 1, 3, 100]), 3.5);
  assertEquals(median([7]), 7);
  assertEquals(median([]), undefined);
});

Deno.test("ratiosOf() pairs rounds, and is over 1 if ours is faster", () => {
  assertEquals(
    ratiosOf(samples(30, 10), samples(10, 20), "req/s"),
    [3, 0.5],
  );
  assertEquals(ratiosOf(samples(30), samples(10), "MB/s"), [3]);
  assertEquals(ratiosOf(samples(50), samples(100), "ms"), [2]);
  assertEquals(ratiosOf(samples(50), samples(100), "MB"), [2]);
});

Deno.test("ratiosOf() has no ratio for a round in which one of the two failed", () => {
  const ours = samples(null, 10, 10, 0, 10);
  const peer = samples(10, null, 5, 10);
  assertEquals(ratiosOf(ours, peer, "req/s"), [null, null, 2, null, null]);
});

Deno.test("summarize() takes medians of what was measured and adds up errors", () => {
  const work: WorkFigures = {
    name: "small",
    description: "",
    unit: "req/s",
    servers: [
      { name: "ours", samples: samples(10, 20, 30) },
      {
        name: "nginx",
        samples: [
          sample(20, { cpu: 3, errors: 1, notes: { alone: 5 } }),
          null,
          sample(10, { cpu: 5, errors: 2, memory: 3_000_000 }),
        ],
      },
      { name: "broken", samples: samples(null, null, null) },
    ],
  };
  const [ours, nginx, ...others] = summarize(work);
  assertEquals(others, []);
  assertEquals(ours, {
    name: "ours",
    value: 20,
    ratios: [],
    ratio: undefined,
    cpu: undefined,
    memory: 1_000_000,
    errors: 0,
    notes: {},
  });
  assertEquals(nginx, {
    name: "nginx",
    value: 15,
    ratios: [0.5, null, 3],
    ratio: 1.75,
    cpu: 4,
    memory: 2_000_000,
    errors: 3,
    notes: { alone: 5 },
  });
});

Deno.test("rotate() begins each round with another item", () => {
  const items = ["a", "b", "c"];
  assertEquals(rotate(items, 0), ["a", "b", "c"]);
  assertEquals(rotate(items, 1), ["b", "c", "a"]);
  assertEquals(rotate(items, 5), ["c", "a", "b"]);
  assertEquals(rotate([], 1), []);
});
