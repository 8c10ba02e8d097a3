// Splitting arguments. What argparse reads differently is tested with the other arguments.

import { assertEquals } from "@std/assert";
import { parseArgs } from "node:util";
import type { Option } from "../../cli/options.ts";
import { splitArguments } from "../../cli/split_arguments.ts";

const OPTIONS: readonly Option[] = [
  { name: "bind", short: "b", value: "ADDRESS", help: "" },
  { name: "header", value: "FIELD", help: "" },
  { name: "quiet", short: "q", help: "" },
  { name: "cgi", help: "" },
];

/** The pieces of random arguments: valid, unknown, and almost options. */
const PIECES = [
  "",
  "-",
  "--",
  "=",
  "x",
  "b",
  "q",
  "z",
  "bind",
  "header",
  "quiet",
  "cgi",
  "constructor",
  " ",
  "\n",
];

/** What argparse reads differently than Node: `-b=x`, and a dash or nothing as a name. */
const UNLIKE_NODE = /^-[^-]*b=|^-[^-]+-|^--=/;

Deno.test("splitArguments() reads options like parseArgs() of node:util", () => {
  const random = generator(7);
  let [accepted, refused] = [0, 0];
  for (let run = 0; run < 20_000; run++) {
    const args = Array.from(
      { length: 1 + random(4) },
      () =>
        Array.from(
          { length: 1 + random(4) },
          () => PIECES[random(PIECES.length)],
        ).join(""),
    );
    if (args.some((arg) => UNLIKE_NODE.test(arg))) continue;
    const expected = outcome(() => byNode(args));
    assertEquals(
      outcome(() => bySplitting(args)),
      expected,
      JSON.stringify(args),
    );
    if (typeof expected === "string") refused++;
    else accepted++;
  }
  assertEquals([accepted > 1000, refused > 1000], [true, true]);
});

function bySplitting(args: readonly string[]): unknown {
  const { values, positionals } = splitArguments(args, OPTIONS);
  return { values: Object.fromEntries(values), positionals };
}

function byNode(args: readonly string[]): unknown {
  const options = Object.fromEntries(
    OPTIONS.map(({ name, short, value }) => [name, {
      type: value === undefined ? "boolean" as const : "string" as const,
      multiple: true,
      ...(short !== undefined && { short }),
    }]),
  );
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options,
  });
  return { values: { ...values }, positionals };
}

/** The result, or the message of the error without its advice. */
function outcome(split: () => unknown): unknown {
  try {
    return split();
  } catch (error) {
    const { message } = error as Error;
    return message.split(
      /\. To specify|\.\nDid you|; (?:did|write|give)/,
      1,
    )[0];
  }
}

/** Returns a function that draws from 0 up to a limit, the same numbers in each run. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}
