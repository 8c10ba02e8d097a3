// Parses the command's arguments. Pure.

import { parseArgs, type ParseArgsConfig } from "node:util";
import type { StaticFileOptions } from "../handlers/static/options.ts";
import { repr } from "../text/repr.ts";
import { type Option, OPTIONS } from "./options.ts";
import {
  isGiven,
  type OptionValues,
  SITE_OPTIONS,
  siteOptions,
  whole,
} from "./site_options.ts";
import { suggest } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** The parsed arguments. */
export interface CommandLine {
  /** The address to listen on; `undefined` for all interfaces. */
  readonly bind: string | undefined;
  /** The port to listen on; 0 for a free one. */
  readonly port: number;
  /** The HTTP version. */
  readonly protocol: string;
  /** Whether to run CGI scripts, and serve files like CPython. */
  readonly cgi: boolean;
  /** The files for HTTPS; `undefined` for plain HTTP. */
  readonly tls: CommandLineTls | undefined;
  /** The options of the site. */
  readonly site: StaticFileOptions;
  /** The file that lists the users; `undefined` for none. */
  readonly usersFile: string | undefined;
  /** The environment variable that lists the users; `undefined` for none. */
  readonly usersVariable: string | undefined;
  /** The log file; `undefined` for standard error. */
  readonly logFile: string | undefined;
  /** How long responses may take after an interrupt, in seconds; `undefined` for the default. */
  readonly drain: number | undefined;
}

/** The files for HTTPS. */
export interface CommandLineTls {
  /** The certificate chain. */
  readonly cert: string;
  /** The key; `undefined` if it is in the certificate's file. */
  readonly key: string | undefined;
  /** The file with the key's password; `undefined` if the key is not encrypted. */
  readonly passwordFile: string | undefined;
}

/**
 * Parses the arguments.
 *
 * @param args The arguments, without the program's name.
 * @returns The parsed arguments, or "help" or "hash-password" if that was asked for.
 * @throws {SyntaxError} If the arguments are invalid.
 *
 * @example
 * ```ts
 * import { parseCommandLine } from "@x/httpserver/cli";
 * import { assertObjectMatch } from "@std/assert";
 *
 * const commandLine = parseCommandLine(["-b", "127.0.0.1", "8080"]);
 * if (typeof commandLine === "object") {
 *   assertObjectMatch(commandLine, { bind: "127.0.0.1", port: 8080 });
 * }
 * ```
 */
export function parseCommandLine(
  args: readonly string[],
): CommandLine | "help" | "hash-password" {
  const { values, positionals } = splitArguments(args);
  const { text, has } = values;
  if (has("help")) return "help";
  if (has("hash-password")) return "hash-password";
  const [first = "8000", ...rest] = positionals;
  const port = parsePort(first);
  if (rest.length > 0) {
    throw new UsageError(`unrecognized arguments: ${rest.join(" ")}`);
  }
  const cgi = has("cgi");
  const other = SITE_OPTIONS.find((name) => cgi && isGiven(values, name));
  if (other !== undefined) {
    throw new UsageError(`argument --${other}: not allowed with --cgi`);
  }
  return {
    // By default, scripts are available on this machine only.
    bind: (text("bind") ?? (cgi ? "127.0.0.1" : "")) || undefined,
    port,
    protocol: parseProtocol(text("protocol") ?? "HTTP/1.1"),
    cgi,
    tls: parseTls(text("tls-cert"), text("tls-key"), text("tls-password-file")),
    site: siteOptions(values),
    usersFile: text("users"),
    usersVariable: text("users-env"),
    logFile: text("log-file"),
    drain: whole(values, "drain", "seconds"),
  };
}

/** Splits the arguments into values by option name, and positional arguments. */
function splitArguments(args: readonly string[]): {
  values: OptionValues;
  positionals: readonly string[];
} {
  const options = Object.fromEntries(
    OPTIONS.map(({ name, short, value }) => [name, {
      type: value === undefined ? "boolean" as const : "string" as const,
      multiple: true,
      ...(short !== undefined && { short }),
    }]),
  );
  const parsed = parse(likeArgparse(args), options);
  const given = (name: string) =>
    (parsed.values[name] ?? []) as readonly (string | boolean)[];
  return {
    values: {
      // As in CPython, the last one wins.
      text: (name) => given(name).at(-1) as string | undefined,
      texts: (name) => given(name).filter((value) => typeof value === "string"),
      has: (name) => given(name).includes(true),
    },
    positionals: parsed.positionals,
  };
}

/** A value that argparse takes although it begins with a dash. */
const NEGATIVE_NUMBER = /^-(?:[0-9]+|[0-9]*\.[0-9]+)$/;

/**
 * Rewrites what `parseArgs()` reads differently than argparse: `-d=DIRECTORY`, and a
 * negative number after an option that needs a value.
 */
function likeArgparse(args: readonly string[]): string[] {
  const rewritten: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === "--") return [...rewritten, ...args.slice(at)];
    const found = valueOption(arg);
    const next = args[at + 1] ?? "";
    if (found?.rest.startsWith("=")) {
      rewritten.push(...found.switches, `--${found.name}${found.rest}`);
    } else if (found?.rest === "" && NEGATIVE_NUMBER.test(next)) {
      rewritten.push(...found.switches, `--${found.name}=${next}`);
      at++;
    } else {
      rewritten.push(arg);
    }
  }
  return rewritten;
}

/**
 * Finds the option of an argument that needs a value, the text after its name, and the
 * one-letter switches before it, as in `-qd=DIRECTORY`.
 */
function valueOption(
  arg: string,
): { switches: string[]; name: string; rest: string } | undefined {
  const needsValue = (option: Option | undefined) =>
    option?.value !== undefined;
  if (arg.startsWith("--")) {
    const name = arg.slice(2);
    const option = OPTIONS.find((each) => each.name === name);
    return needsValue(option) ? { switches: [], name, rest: "" } : undefined;
  }
  if (!arg.startsWith("-")) return undefined;
  for (let at = 1; at < arg.length; at++) {
    const option = OPTIONS.find(({ short }) => short === arg[at]);
    if (option === undefined) return undefined;
    if (needsValue(option)) {
      const switches = at === 1 ? [] : [arg.slice(0, at)];
      return { switches, name: option.name, rest: arg.slice(at + 1) };
    }
  }
  return undefined;
}

function parse(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig["options"]>,
): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    // Only the first sentence of these messages is short; it names the option and the
    // error.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split(/\.\s/, 1)[0]! + hintFor(message));
  }
}

/** Says what to write instead. */
function hintFor(message: string): string {
  const ambiguous = /^Option '([^']+)' argument is ambiguous/.exec(message);
  if (ambiguous !== null) {
    return `; write a value that begins with "-" as ${ambiguous[1]}=VALUE`;
  }
  const typed = /^Unknown option '--([^'=]+)/.exec(message)?.[1];
  if (typed === undefined) return "";
  if (typed === "port") return "; give the port without an option: 8080";
  const name = suggest(typed, OPTIONS.map((option) => option.name));
  return name === undefined ? "" : `; did you mean --${name}?`;
}

function parsePort(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) {
    const hint = /[./\\]/.test(text)
      ? "; to serve a directory, use --directory"
      : "";
    throw new UsageError(
      `argument port: invalid int value: ${repr(text)}${hint}`,
    );
  }
  const port = Number(text);
  if (port > 65_535) {
    throw new UsageError(
      `argument port: the port must be from 0 to 65535, not ${text}`,
    );
  }
  return port;
}

function parseProtocol(text: string): string {
  if (text === "HTTP/1.0" || text === "HTTP/1.1") return text;
  throw new UsageError(
    `argument -p/--protocol: ${repr(text)} must be HTTP/1.0 or HTTP/1.1`,
  );
}

function parseTls(
  cert: string | undefined,
  key: string | undefined,
  passwordFile: string | undefined,
): CommandLineTls | undefined {
  if (cert !== undefined) return { cert, key, passwordFile };
  if (key === undefined && passwordFile === undefined) return undefined;
  const option = key === undefined ? "--tls-password-file" : "--tls-key";
  throw new UsageError(`argument ${option}: requires --tls-cert`);
}
