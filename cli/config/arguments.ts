// Converts the content of a `--config` file to arguments. Pure.

import { repr } from "../../text/repr.ts";
import { areExclusive } from "../arguments.ts";
import { type Option, OPTIONS } from "../options.ts";
import type { SplitArguments } from "../split_arguments.ts";
import { suggest } from "../suggest.ts";
import { UsageError } from "../usage_error.ts";

/** Options that do something else than serve, or name the file itself. */
const NOT_IN_FILES: ReadonlySet<string> = new Set([
  "config",
  "hash-password",
  "help",
  "help-all",
  "print-script",
  "trust",
]);

/** Options that a file may contain. */
export const CONFIG_OPTIONS: readonly Option[] = Object.freeze(
  OPTIONS.filter(({ name }) => !NOT_IN_FILES.has(name)),
);

/** Placeholders of files and folders. */
const PATH = /^(?:FILE|DIRECTORY)$/;

/** The same, after the first "=" of the value. */
const PATH_AFTER_EQUALS = /=DIRECTORY$/;

/** What else decides on the arguments. */
export interface ConfigContext {
  /** The arguments of the command line, which take precedence. */
  readonly given: SplitArguments;
  /**
   * Resolves a path in the file.
   *
   * @param path The path, as seen from the file's folder if it is relative.
   * @returns The path, as seen from the working directory.
   */
  resolve(path: string): string;
}

/**
 * Converts the content of a config file to arguments.
 *
 * @param config The parsed file.
 * @param context The command line.
 * @returns The arguments, to be put in front of those of the command line.
 * @throws {SyntaxError} If a name is unknown, or a value has the wrong type.
 */
export function configArguments(
  config: unknown,
  context: ConfigContext,
): string[] {
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new UsageError(`it must be an object, such as { "cors": true }`);
  }
  const options: string[] = [];
  const positionals: string[] = [];
  for (const [name, value] of Object.entries(config)) {
    const option = CONFIG_OPTIONS.find((option) => option.name === name);
    if (option !== undefined) {
      const added = optionArguments(option, value, context);
      if (!isOverridden(name, context.given)) options.push(...added);
    } else if (name === "port") {
      positionals.push(...portArgument(value, context));
    } else if (name === "path") {
      positionals.push(...pathArgument(value, context));
    } else if (name !== "$schema") {
      throw new UsageError(`unknown name ${repr(name)}${hintFor(name)}`);
    }
  }
  return [...options, ...positionals];
}

/** Whether the command line has the option, or one that can't be combined with it. */
function isOverridden(
  name: string,
  { values, positionals }: SplitArguments,
): boolean {
  if (values.has(name)) return true;
  if (name === "directory") return positionals.some(isPath);
  return [...values.keys()].some((given) => areExclusive(name, given));
}

function isPath(text: string): boolean {
  return !/^[0-9]+$/.test(text);
}

function optionArguments(
  { name, value: placeholder, repeatable = false }: Option,
  value: unknown,
  { resolve }: ConfigContext,
): string[] {
  if (placeholder === undefined) {
    if (typeof value !== "boolean") throw wrongType(name, "true or false");
    return value ? [`--${name}`] : [];
  }
  const list = Array.isArray(value) && repeatable ? value : [value];
  return list.map((each) => {
    if (typeof each !== "string" && typeof each !== "number") {
      const kind = repeatable ? "a list of values" : "a value";
      throw wrongType(name, `${kind} such as ${placeholder}`);
    }
    const text = String(each);
    if (name === "proxy") return `--proxy=${withSocket(text, resolve)}`;
    if (PATH.test(placeholder)) return `--${name}=${resolve(text)}`;
    if (!PATH_AFTER_EQUALS.test(placeholder)) return `--${name}=${text}`;
    const start = text.indexOf("=") + 1;
    return `--${name}=${text.slice(0, start)}${resolve(text.slice(start))}`;
  });
}

/** Resolves the Unix socket of an upstream, as in `/app=unix:app.sock:/base`. */
function withSocket(
  text: string,
  resolve: ConfigContext["resolve"],
): string {
  const [, start, socket, rest] =
    /^((?:\/[^=]*=)?unix:)([^:]+)([^]*)$/.exec(text) ?? [];
  return socket === undefined ? text : start + resolve(socket) + rest;
}

function portArgument(value: unknown, { given }: ConfigContext): string[] {
  if (typeof value !== "number" || !/^[0-9]+$/.test(String(value))) {
    throw wrongType("port", "a number from 0 to 65535");
  }
  return given.positionals.every(isPath) ? [String(value)] : [];
}

function pathArgument(
  value: unknown,
  { given, resolve }: ConfigContext,
): string[] {
  if (typeof value !== "string") throw wrongType("path", "a path");
  const { values, positionals } = given;
  return positionals.some(isPath) || values.has("directory")
    ? []
    : [resolve(value)];
}

function wrongType(name: string, expected: string): UsageError {
  return new UsageError(`${repr(name)} must be ${expected}`);
}

function hintFor(name: string): string {
  const plain = name.replace(/^-+/, "");
  const names = [...CONFIG_OPTIONS.map(({ name }) => name), "path", "port"];
  const known = names.includes(plain) ? plain : suggest(plain, names);
  return known === undefined ? "" : `; did you mean ${repr(known)}?`;
}
