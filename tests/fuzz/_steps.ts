// Counts the steps of a call without a clock: how often each block of the project's code
// ran, by V8's exact coverage, and how much input the built-in functions read.

import { Session } from "node:inspector";

const ROOT = new URL("../../", import.meta.url).href;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

let session: Session | undefined;

function post(method: string, parameters: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session!.post(method, parameters, (error: unknown, result: unknown) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}

/** Ends the counting, so that the engine can optimize again. */
export async function stopCounting(): Promise<void> {
  if (session === undefined) return;
  await post("Profiler.stopPreciseCoverage");
  await post("Profiler.disable");
  session.disconnect();
  session = undefined;
}

/**
 * Counts the steps of a call.
 *
 * @param work The call; its errors do not matter.
 * @returns The steps. If the engine recompiles a function meanwhile, some of its blocks
 * count twice; the least of several counts is exact.
 */
export async function countSteps(work: () => void): Promise<number> {
  if (session === undefined) {
    session = new Session();
    session.connect();
    await post("Profiler.enable");
    await post("Profiler.startPreciseCoverage", {
      callCount: true,
      detailed: true,
    });
  }
  await post("Profiler.takePreciseCoverage");
  const scanned = countScanned(work);
  const { result } = await post("Profiler.takePreciseCoverage") as Coverage;
  let steps = scanned;
  for (const { url, functions } of result) {
    if (!url.startsWith(ROOT) || url.startsWith(ROOT + "tests/")) continue;
    for (const { ranges } of functions) {
      for (const { count } of ranges) steps += count;
    }
  }
  return steps;
}

// deno-lint-ignore no-explicit-any
type Method = (this: any, ...args: any[]) => any;
type Cost = (
  self: { length: number },
  args: readonly unknown[],
  result: unknown,
) => number;

const whole: Cost = (self) => self.length;

/** The length of a search: up to the match, or everything. */
const search: Cost = (self, [, from], result) => {
  const start = typeof from === "number" ? Math.max(0, from) : 0;
  return typeof result === "number" && result >= 0
    ? result - start + 1
    : Math.max(0, self.length - start);
};

/** The length that an expression read: up to the end of the match, or everything. */
function costOfMatch(
  length: number,
  start: number,
  result: RegExpExecArray | boolean | null,
): number {
  if (typeof result === "object" && result !== null) {
    return result.index + result[0].length - start + 1;
  }
  return Math.max(0, length - start);
}

const COSTS: readonly (readonly [object, Readonly<Record<string, Cost>>])[] = [
  [String.prototype, {
    indexOf: search,
    lastIndexOf: (self, [, from], result) =>
      (typeof from === "number" ? Math.min(from, self.length) : self.length) -
      Math.max(0, result as number),
    includes: whole,
    search: whole,
    match: whole,
    replace: whole,
    replaceAll: whole,
    split: whole,
    toLowerCase: whole,
    toUpperCase: whole,
    trim: whole,
    normalize: whole,
    padStart: (_self, _args, result) => (result as string).length,
    repeat: (_self, _args, result) => (result as string).length,
  }],
  [Array.prototype, {
    indexOf: search,
    includes: whole,
    join: whole,
    shift: whole,
    unshift: whole,
    splice: whole,
    concat: whole,
    slice: (_self, _args, result) => (result as unknown[]).length,
    sort: whole,
    toSorted: whole,
    toReversed: whole,
  }],
  [Object.getPrototypeOf(Uint8Array.prototype), {
    indexOf: search,
    slice: (_self, _args, result) => (result as Uint8Array).length,
    set: (_self, [source]) => (source as ArrayLike<number>).length,
    copyWithin: whole,
    fill: whole,
  }],
  [RegExp.prototype, { exec: whole, test: whole }],
];

/** Counts the input that built-in functions read during a call. */
function countScanned(work: () => void): number {
  let scanned = 0;
  let inside = false;
  const originals: [object, string, Method][] = [];
  for (const [prototype, costs] of COSTS) {
    for (const [name, cost] of Object.entries(costs)) {
      const original = (prototype as Record<string, Method>)[name]!;
      originals.push([prototype, name, original]);
      define(prototype, name, function (...args) {
        const { lastIndex = 0, sticky = false, global = false } =
          this as RegExp;
        const result = original.apply(this, args);
        // A built-in function that calls another one counts once.
        if (inside) return result;
        inside = true;
        scanned += this instanceof RegExp
          ? sticky ? 16 : costOfMatch(
            String(args[0]).length,
            global ? lastIndex : 0,
            result,
          )
          : cost(this, args, result);
        inside = false;
        return result;
      });
    }
  }
  try {
    work();
  } catch {
    // The steps count regardless of the outcome.
  } finally {
    for (const [prototype, name, original] of originals) {
      define(prototype, name, original);
    }
  }
  return scanned;
}

function define(prototype: object, name: string, value: Method): void {
  Object.defineProperty(prototype, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
