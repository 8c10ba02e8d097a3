// From the command's arguments to what they ask for, on plain data.

import { parseArgs, type ParseArgsConfig } from "node:util";
import type { StaticFileOptions } from "../handlers/static/options.ts";
import { repr } from "../text/repr.ts";
import { OPTIONS } from "./options.ts";
import {
  isGiven,
  type OptionValues,
  SITE_OPTIONS,
  siteOptions,
} from "./site_options.ts";
import { suggest } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** What the arguments ask for. */
export interface CommandLine {
  /** The address to listen at; `undefined` is all interfaces. */
  readonly bind: string | undefined;
  /** The port to listen at, 0 for a free one. */
  readonly port: number;
  /** The version to speak. */
  readonly protocol: string;
  /** Whether scripts are run, and files served as CPython does. */
  readonly cgi: boolean;
  /** The files that HTTPS needs; `undefined` for plain HTTP. */
  readonly tls: CommandLineTls | undefined;
  /** What is served, and how. */
  readonly site: StaticFileOptions;
  /** The file with the users; `undefined` for none. */
  readonly usersFile: string | undefined;
  /** The variable of the environment with the users; `undefined` for none. */
  readonly usersVariable: string | undefined;
  /** The file for the log; `undefined` for standard error. */
  readonly logFile: string | undefined;
}

/** The files that HTTPS needs. */
export interface CommandLineTls {
  /** The certificate chain. */
  readonly cert: string;
  /** The key; `undefined` where it is with the certificate. */
  readonly key: string | undefined;
  /** The file with the key's password; `undefined` where it has none. */
  readonly passwordFile: string | undefined;
}

/**
 * Reads the arguments.
 *
 * @param args The arguments, without the program's name.
 * @returns What they ask for; "help" or "hash-password" where that is all.
 * @throws {SyntaxError} Where they can't be followed.
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
    throw new UsageError(`argument --${other}: it does not go with --cgi`);
  }
  return {
    // Scripts are for those who can reach the machine anyway, unless an address is given.
    bind: (text("bind") ?? (cgi ? "127.0.0.1" : "")) || undefined,
    port,
    protocol: parseProtocol(text("protocol") ?? "HTTP/1.1"),
    cgi,
    tls: parseTls(text("tls-cert"), text("tls-key"), text("tls-password-file")),
    site: siteOptions(values),
    usersFile: text("users"),
    usersVariable: text("users-env"),
    logFile: text("log-file"),
  };
}

/** The values by the options' names, and what is no option. */
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
  const parsed = parse(args, options);
  const given = (name: string) =>
    (parsed.values[name] ?? []) as readonly (string | boolean)[];
  return {
    values: {
      // As in CPython, the last one counts.
      text: (name) => given(name).at(-1) as string | undefined,
      texts: (name) => given(name).filter((value) => typeof value === "string"),
      has: (name) => given(name).includes(true),
    },
    positionals: parsed.positionals,
  };
}

function parse(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig["options"]>,
): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    // Its messages name the option and what is wrong with it; only the first sentence is short.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split(/\.\s/, 1)[0]! + hintFor(message));
  }
}

/** What somebody may have meant by an option that there is not. */
function hintFor(message: string): string {
  const typed = /^Unknown option '--([^'=]+)/.exec(message)?.[1];
  if (typed === undefined) return "";
  if (typed === "port") return "; the port is written without an option: 8080";
  const name = suggest(typed, OPTIONS.map((option) => option.name));
  return name === undefined ? "" : `; did you mean --${name}?`;
}

function parsePort(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) {
    const hint = /[./\\]/.test(text)
      ? "; a folder is given with --directory"
      : "";
    throw new UsageError(
      `argument port: invalid int value: ${repr(text)}${hint}`,
    );
  }
  const port = Number(text);
  if (port > 65_535) {
    throw new UsageError(
      `argument port: ${text} is not a port from 0 to 65535`,
    );
  }
  return port;
}

function parseProtocol(text: string): string {
  if (text === "HTTP/1.0" || text === "HTTP/1.1") return text;
  throw new UsageError(
    `argument -p/--protocol: ${repr(text)} is neither HTTP/1.0 nor HTTP/1.1`,
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
  throw new UsageError(`argument ${option}: it needs --tls-cert`);
}
