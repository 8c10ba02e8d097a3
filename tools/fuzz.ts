// Runs the property tests for a long time with new inputs: `deno task fuzz`.
//
//   --minutes N   how long to run (default: 10)
// --seed S      the first seed (default: a new one each time)
// --only NAME   only subjects and properties whose name contains this text
//
// Prints each failure as a line for `tests/fuzz/corpus/SUBJECT.json`.

// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import {
  errorOf,
  type Failure,
  type Property,
  runCases,
  type Subject,
} from "../tests/fuzz/_lib.ts";
import { closeSite } from "../tests/fuzz/_site.ts";
import { stopCounting } from "../tests/fuzz/_steps.ts";
import { closePython } from "../tests/fuzz/properties/python.ts";
import { SUBJECTS } from "../tests/fuzz/subjects.ts";

/** How long a property runs before the next one, in milliseconds. */
const TURN = 200;

/** Skip a property after this many failures. */
const MAX_FAILURES = 3;

/** A property and its state. */
interface Runner {
  readonly subject: Subject;
  readonly tested: Property;
  readonly failures: Map<string, Failure>;
  /** The number of the next case. */
  next: number;
}

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly only: string;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      only: { type: "string", default: "" },
    },
  });
  const number = (name: "minutes" | "seed") => {
    const value = Number(values[name]);
    if (values[name] !== "" && value >= 0) return value;
    throw new TypeError(`Cannot fuzz: --${name} must be a number`);
  };
  return {
    minutes: number("minutes"),
    seed: number("seed"),
    only: values.only,
  };
}

async function hasPython(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("python3", { args: ["-V"] })
      .output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function runnersFor(only: string): Promise<Runner[]> {
  const python = await hasPython();
  if (!python) console.error("python3 is missing: nothing is compared with it");
  return SUBJECTS.filter(({ name }) => python || name !== "python").flatMap(
    (subject) =>
      subject.properties
        .filter(({ name }) => `${subject.name}: ${name}`.includes(only))
        .map((tested) => ({ subject, tested, failures: new Map(), next: 0 })),
  );
}

/** Checks the cases in the corpus. */
async function replay(runners: readonly Runner[]): Promise<void> {
  for (const runner of runners) {
    const { subject, tested } = runner;
    for (const { property, input } of subject.corpus) {
      if (property !== tested.name) continue;
      const failed = await errorOf(tested, input);
      if (failed === undefined) continue;
      const failure = { property, index: -1, input, error: failed.error };
      runner.failures.set(JSON.stringify(input), failure);
      report(runner, failure);
    }
  }
}

/** Runs one property for its turn. */
async function runTurn(runner: Runner, seed: number): Promise<void> {
  const until = performance.now() + TURN;
  while (performance.now() < until && runner.failures.size < MAX_FAILURES) {
    const failure = await runCases(runner.tested, seed, runner.next, 1);
    runner.next++;
    if (failure === undefined) continue;
    const input = JSON.stringify(failure.input);
    if (runner.failures.has(input)) continue;
    runner.failures.set(input, failure);
    report(runner, failure);
  }
}

function report(
  { subject, tested }: Runner,
  { index, input, error }: Failure,
): void {
  const why = error instanceof Error ? error.message.trim() : String(error);
  const place = index < 0 ? "the corpus" : `case ${index}`;
  console.log(`\n${subject.name}, ${place}: ${tested.name}`);
  console.log(JSON.stringify({ property: tested.name, input, why: "" }));
  console.log(why.split("\n").slice(0, 20).join("\n"));
}

async function main(): Promise<number> {
  const { minutes, seed, only } = readOptions(Deno.args);
  const runners = await runnersFor(only);
  if (runners.length === 0) {
    throw new TypeError(`Cannot fuzz: no property has a name with "${only}"`);
  }
  console.log(`${runners.length} properties, --seed ${seed}`);
  let until = performance.now() + minutes * 60_000;
  // End early, but print the summary and remove the temporary folder.
  const interrupt = () => void (until = 0);
  Deno.addSignalListener("SIGINT", interrupt);
  await replay(runners);
  do {
    for (const runner of runners) {
      await runTurn(runner, seed);
      if (performance.now() >= until) break;
    }
  } while (performance.now() < until);
  Deno.removeSignalListener("SIGINT", interrupt);
  await closePython();
  await closeSite();
  await stopCounting();
  const count = (number: (runner: Runner) => number) =>
    runners.reduce((sum, runner) => sum + number(runner), 0);
  const failures = count((runner) => runner.failures.size);
  console.log(
    `\n${count((runner) => runner.next)} cases, ${failures} failures`,
  );
  return failures === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
