// Properties that must hold for every input, each with a generator of inputs. A property
// runs with many seeds; an input that breaks it is shrunk and can be kept as a case.

import { type Generator, Random, seedFor } from "./_random.ts";

/** A statement that must hold for every input. */
export interface Property<Input = unknown> {
  /** A sentence about a symbol. */
  readonly name: string;
  /** Makes an input of plain JSON data, so that it can be kept and shrunk. */
  generate(random: Random): Input;
  /** Throws if the property does not hold. */
  check(input: Input): void | Promise<void>;
  /** How many cases the short test runs. Default: 200. */
  readonly cases?: number;
}

/** An input that once broke a property. */
export interface Case {
  /** The name of the property. */
  readonly property: string;
  /** The input. */
  readonly input: unknown;
  /** What went wrong. */
  readonly why: string;
}

/** Properties of one subject, and the cases that were found. */
export interface Subject {
  /** The name for `--only`, and of the corpus file. */
  readonly name: string;
  readonly properties: readonly Property[];
  readonly corpus: readonly Case[];
}

/** An input that breaks a property. */
export interface Failure {
  readonly property: string;
  /** The number of the case; the seed and the number reproduce the generated input. */
  readonly index: number;
  /** The shrunk input. */
  readonly input: unknown;
  readonly error: unknown;
}

/** The seed of the short tests. */
export const SEED = 20_261_128;

/** How many smaller candidates are tried. */
const MAX_TRIES = 3_000;

/**
 * Defines a property.
 *
 * @param name A sentence about a symbol.
 * @param generate Makes an input.
 * @param check Throws if the property does not hold.
 * @param cases How many cases the short test runs.
 * @returns The property.
 */
export function property<Input>(
  name: string,
  generate: Generator<Input>,
  check: (input: Input) => void | Promise<void>,
  cases: number = 200,
): Property<Input> {
  return { name, generate, check, cases };
}

/**
 * Makes the input of one case.
 *
 * @param tested The property.
 * @param seed The seed of the run.
 * @param index The number of the case.
 * @returns The input.
 */
export function inputOf(
  tested: Property,
  seed: number,
  index: number,
): unknown {
  return tested.generate(new Random(seedFor(seed + index, tested.name)));
}

/**
 * Runs cases of a property until one fails.
 *
 * @param tested The property.
 * @param seed The seed of the run.
 * @param from The number of the first case.
 * @param count How many cases.
 * @returns The failure, `undefined` if there is none.
 */
export async function runCases(
  tested: Property,
  seed: number,
  from: number,
  count: number,
): Promise<Failure | undefined> {
  for (let index = from; index < from + count; index++) {
    const input = inputOf(tested, seed, index);
    const error = await errorOf(tested, input);
    if (error === undefined) continue;
    const small = await shrink(input, async (candidate) => {
      const other = await errorOf(tested, candidate);
      return other !== undefined && isSameKind(other.error, error.error);
    });
    const final = await errorOf(tested, small) ?? error;
    return { property: tested.name, index, input: small, error: final.error };
  }
  return undefined;
}

/**
 * Checks one input.
 *
 * @param tested The property.
 * @param input The input.
 * @returns The error; `undefined` if the property holds.
 */
export async function errorOf(
  tested: Property,
  input: unknown,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    const done = tested.check(input);
    if (done !== undefined) await done;
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** A smaller input must fail in the same way, not because it is malformed. */
function isSameKind(a: unknown, b: unknown): boolean {
  if (!(a instanceof Error) || !(b instanceof Error)) return true;
  const gist = (error: Error) => error.message.replace(/[^A-Za-z ].*/s, "");
  return a.constructor === b.constructor && gist(a) === gist(b);
}

/**
 * Shrinks an input as long as it still fails.
 *
 * @param input Plain JSON data.
 * @param fails Whether an input fails.
 * @returns The smallest failing input that was found.
 */
export async function shrink(
  input: unknown,
  fails: (candidate: unknown) => boolean | Promise<boolean>,
): Promise<unknown> {
  let smallest = input;
  let tries = 0;
  for (let found = true; found;) {
    found = false;
    for (const candidate of smaller(smallest)) {
      if (++tries > MAX_TRIES) return smallest;
      if (!await fails(candidate)) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

/** Yields simpler values than a value, the simplest first. */
function* smaller(value: unknown): Iterable<unknown> {
  if (typeof value === "string") {
    for (const kept of withoutPieces([...value])) yield kept.join("");
    yield* withPlainCharacters(value);
  } else if (typeof value === "number") {
    for (const less of new Set([0, 1, Math.trunc(value / 2), value - 1])) {
      if (Math.abs(less) < Math.abs(value)) yield less;
    }
  } else if (Array.isArray(value)) {
    yield* withoutPieces(value);
    for (const [index, item] of value.entries()) {
      for (const less of smaller(item)) yield value.with(index, less);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      for (const less of smaller(item)) yield { ...value, [name]: less };
    }
  } else if (value === true) yield false;
}

function* withoutPieces<Item>(items: readonly Item[]): Iterable<Item[]> {
  for (
    let size = items.length;
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < items.length; at += size) {
      yield [...items.slice(0, at), ...items.slice(at + size)];
    }
  }
}

/** Replaces each other character by a plain letter, to show which of them matter. */
function* withPlainCharacters(text: string): Iterable<string> {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "a") continue;
    yield text.slice(0, at) + "a" + text.slice(at + 1);
  }
}

/** The outcome of a call: its result, or one of its documented errors. */
export type Outcome<Result> =
  | { readonly value: Result; readonly error?: undefined }
  | { readonly error: Error; readonly value?: undefined };

/** The messages of the engine's own errors, which no code throws on purpose. */
const ENGINE =
  /^(?:Cannot (?:read|set) propert|Cannot (?:mix|convert|destructure|access)|Invalid array length|Maximum call)| is not (?:a function|iterable|defined|a constructor)/;

/**
 * Calls a function that may throw only certain errors.
 *
 * @param work The call.
 * @param classes The classes of its documented errors.
 * @returns The outcome.
 */
export function attempt<Result>(
  work: () => Result,
  ...classes: readonly (new (...args: never[]) => Error)[]
): Outcome<Result> {
  try {
    return { value: work() };
  } catch (error) {
    const own = error instanceof Error && !ENGINE.test(error.message) &&
      classes.some((Class) => error.constructor === Class);
    if (!own) throw error;
    return { error };
  }
}

/**
 * Describes an outcome as plain data, for comparison.
 *
 * @param outcome The outcome.
 * @returns Plain data.
 */
export function describeOutcome<Result>(outcome: Outcome<Result>): unknown {
  return outcome.error === undefined
    ? { value: outcome.value }
    : { error: `${outcome.error.name}: ${outcome.error.message}` };
}

/**
 * Declares the short tests of a subject: each property with a fixed seed, and each case
 * of its corpus.
 *
 * @param subject The subject.
 * @param permissions The permissions of the tests. Default: none.
 */
export function testSubject(
  subject: Subject,
  permissions: Deno.PermissionOptions = "none",
): void {
  for (const tested of subject.properties) {
    test(tested.name, permissions, async () => {
      const failure = await runCases(tested, SEED, 0, tested.cases ?? 200);
      if (failure === undefined) return;
      throw new Error(`It fails for ${JSON.stringify(failure.input)}`, {
        cause: failure.error,
      });
    });
  }
  if (subject.corpus.length === 0) return;
  test(
    `the cases of corpus/${subject.name}.json hold`,
    permissions,
    async () => {
      for (const { property: name, input, why } of subject.corpus) {
        const tested = subject.properties.find((each) => each.name === name);
        if (tested === undefined) {
          throw new Error(
            `The corpus names no property ${JSON.stringify(name)}`,
          );
        }
        const failed = await errorOf(tested, input);
        if (failed === undefined) continue;
        throw new Error(`${why}: ${JSON.stringify(input)}`, {
          cause: failed.error,
        });
      }
    },
  );
}

function test(
  name: string,
  permissions: Deno.PermissionOptions,
  fn: () => Promise<void>,
): void {
  Deno.test({ name, permissions, fn });
}
