// Splits arguments into options and positional arguments, like Python's argparse. Pure.
// `parseArgs()` of `node:util` does much of this, but importing it loads Node's globals, which
// takes longer than everything else here.

import type { Option } from "./options.ts";
import { suggest } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** The options and positional arguments in order. */
export interface SplitArguments {
  /** The values of each given option, by long name; `true` for a switch. */
  readonly values: ReadonlyMap<string, readonly (string | true)[]>;
  readonly positionals: readonly string[];
}

/** A value that argparse takes although it begins with a dash. */
const NEGATIVE_NUMBER = /^-(?:[0-9]+|[0-9]*\.[0-9]+)$/;

/**
 * Splits arguments. Everything after `--` is positional.
 *
 * @param args The arguments, without the program's name.
 * @param options The valid options.
 * @returns The options and positional arguments.
 * @throws {SyntaxError} If an option is unknown, lacks its value, or takes none.
 */
export function splitArguments(
  args: readonly string[],
  options: readonly Option[],
): SplitArguments {
  const splitter = new Splitter(args, options);
  splitter.run();
  return splitter;
}

class Splitter implements SplitArguments {
  readonly values = new Map<string, (string | true)[]>();
  readonly positionals: string[] = [];
  readonly #args: readonly string[];
  readonly #options: readonly Option[];
  /** The index of the next argument. */
  #next = 0;

  constructor(args: readonly string[], options: readonly Option[]) {
    this.#args = args;
    this.#options = options;
  }

  run(): void {
    while (this.#next < this.#args.length) {
      const arg = this.#args[this.#next++]!;
      if (arg === "--") {
        this.positionals.push(...this.#args.slice(this.#next));
        return;
      }
      if (arg.startsWith("--")) this.#long(arg);
      else if (arg.startsWith("-") && arg !== "-") this.#short(arg);
      else this.positionals.push(arg);
    }
  }

  /** Reads `--name`, `--name value` or `--name=value`. */
  #long(arg: string): void {
    // A name has at least one character.
    const equals = arg.indexOf("=", 3);
    const typed = equals < 0 ? arg : arg.slice(0, equals);
    const option = this.#options.find(({ name }) => `--${name}` === typed);
    if (option === undefined) throw unknown(typed, this.#options);
    if (equals < 0) this.#withoutValue(option, typed);
    else this.#withValue(option, arg.slice(equals + 1));
  }

  /** Reads `-d`, `-d value`, `-dvalue` or `-d=value`, after any switches, as in `-qd`. */
  #short(arg: string): void {
    const letters = [...arg.slice(1)];
    for (const [at, letter] of letters.entries()) {
      const option = this.#options.find(({ short }) => short === letter);
      if (option === undefined) throw unknown(`-${letter}`, this.#options);
      const rest = letters.slice(at + 1).join("");
      if (option.value !== undefined && rest !== "") {
        return this.#withValue(option, rest.replace(/^=/, ""));
      }
      this.#withoutValue(option, `-${letter}`);
    }
  }

  /** Adds a switch, or an option whose value is the next argument. */
  #withoutValue(option: Option, typed: string): void {
    if (option.value === undefined) return this.#add(option, true);
    const value = this.#args[this.#next++];
    if (value === undefined) {
      throw new UsageError(
        `Option '${namesOf(option)} <value>' argument missing`,
      );
    }
    // It may be the next option.
    if (/^-./s.test(value) && !NEGATIVE_NUMBER.test(value)) {
      throw new UsageError(
        `Option '${typed}' argument is ambiguous; ` +
          `write a value that begins with "-" as ${typed}=VALUE`,
      );
    }
    this.#add(option, value);
  }

  #withValue(option: Option, value: string): void {
    if (option.value === undefined) {
      throw new UsageError(
        `Option '${namesOf(option)}' does not take an argument`,
      );
    }
    this.#add(option, value);
  }

  #add({ name }: Option, value: string | true): void {
    const values = this.values.get(name);
    if (values === undefined) this.values.set(name, [value]);
    else values.push(value);
  }
}

function namesOf({ name, short }: Option): string {
  return short === undefined ? `--${name}` : `-${short}, --${name}`;
}

/** The error for an unknown option, with what to write instead. */
function unknown(typed: string, options: readonly Option[]): UsageError {
  return new UsageError(`Unknown option '${typed}'${hintFor(typed, options)}`);
}

function hintFor(typed: string, options: readonly Option[]): string {
  if (!typed.startsWith("--")) return "";
  if (typed === "--port") return "; give the port without an option: 8080";
  const name = suggest(typed.slice(2), options.map(({ name }) => name));
  return name === undefined ? "" : `; did you mean --${name}?`;
}
