// Parses the command's arguments. Pure.

import type { StaticFileOptions } from "../handlers/static/options.ts";
import { MAX_WORKERS } from "../server/parallel/decisions.ts";
import { repr } from "../text/repr.ts";
import { OPTIONS } from "./options.ts";
import { isGiven, type OptionValues } from "./option_values.ts";
import { RIVALS, SITE_OPTIONS, siteOptions, whole } from "./site_options.ts";
import { type SplitArguments, splitArguments } from "./split_arguments.ts";
import { bindForUploads } from "./uploads.ts";
import { UsageError } from "./usage_error.ts";

/** The parsed arguments. */
export interface CommandLine {
  /** The address to listen on; `undefined` for all interfaces. */
  readonly bind: string | undefined;
  /** The port to listen on; 0 for a free one. */
  readonly port: number;
  /** The directory or file to serve; `undefined` for the directory of `site`. */
  readonly path: string | undefined;
  /** The HTTP version. */
  readonly protocol: string;
  /** The number of threads that serve; "auto" for one per core. */
  readonly workers: number | "auto";
  /** Whether to print a program that serves the same, instead of serving. */
  readonly printScript: boolean;
  /** Whether to run CGI scripts, and serve files like CPython. */
  readonly cgi: boolean;
  /** The files for HTTPS; `undefined` for plain HTTP. */
  readonly tls: CommandLineTls | undefined;
  /** Whether to serve over HTTPS with a certificate from the local authority. */
  readonly https: boolean;
  /** The options of the site. */
  readonly site: StaticFileOptions;
  /** The file that lists the users; `undefined` for none. */
  readonly usersFile: string | undefined;
  /** The environment variable that lists the users; `undefined` for none. */
  readonly usersVariable: string | undefined;
  /** Whether everything is below a random path. */
  readonly secret: boolean;
  /** The file of certificates that upstreams are checked with; `undefined` for none. */
  readonly proxyCaFile: string | undefined;
  /** The log file; `undefined` for standard error. */
  readonly logFile: string | undefined;
  /** The file that options are read from; `undefined` for none. */
  readonly configFile: string | undefined;
  /** Whether to take the next free port; "terminal" if a terminal is used. */
  readonly portFallback: boolean | "terminal";
  /** The speed of `--slow`; `undefined` for no limit. */
  readonly slow: string | undefined;
  /** The inherited descriptor to listen on; `undefined` to bind an address. */
  readonly fd: number | undefined;
  /** How long responses may take after an interrupt, in seconds; `undefined` for the default. */
  readonly drain: number | undefined;
  /** The features that begin when the server listens. */
  readonly start: CommandLineStart;
}

/** The features that begin when the server listens. */
export interface CommandLineStart {
  /** Whether to open a browser. */
  readonly open: boolean;
  /** Whether to print a QR code. */
  readonly qr: boolean;
  /** Whether standard output is JSON. */
  readonly json: boolean;
  /** Whether to end with the parent process. */
  readonly exitWithParent: boolean;
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
 * @returns The parsed arguments, or the name of the option that was asked for instead.
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
): CommandLine | "help" | "help-all" | "hash-password" | "trust" {
  const { values: given, positionals } = splitArguments(args, OPTIONS);
  const values = optionValues(given);
  const { text, has } = values;
  if (has("help-all")) return "help-all";
  if (has("help")) return "help";
  if (has("hash-password")) return "hash-password";
  if (has("trust")) {
    if (!has("json")) return "trust";
    throw new UsageError("argument --json: not allowed with --trust");
  }
  const { port, path } = parsePositionals(positionals);
  if (path !== undefined && text("directory") !== undefined) {
    throw new UsageError(
      `argument ${repr(path)}: not allowed with -d/--directory`,
    );
  }
  const cgi = has("cgi");
  const workers = parseWorkers(text("workers") ?? "1");
  if (cgi) refuseWithCgi(values, workers);
  if (workers !== 1) refuseWithWorkers(values);
  return {
    // By default, scripts and uploads are for this machine only.
    bind: (text("bind") ?? (cgi ? "127.0.0.1" : bindForUploads(values))) ||
      undefined,
    port: parsePort(port ?? "8000"),
    path,
    protocol: parseProtocol(text("protocol") ?? "HTTP/1.1"),
    workers,
    printScript: has("print-script"),
    cgi,
    tls: parseTls(values),
    https: has("https"),
    site: siteOptions(values),
    usersFile: text("users"),
    usersVariable: text("users-env"),
    secret: has("secret"),
    proxyCaFile: text("proxy-ca"),
    logFile: text("log-file"),
    configFile: text("config"),
    // Somebody who names a port has a use for that one.
    portFallback: has("port-fallback") || (port === undefined && "terminal"),
    slow: text("slow"),
    fd: parseDescriptor(values, port),
    drain: whole(values, "drain", "seconds"),
    start: {
      open: has("open"),
      qr: has("qr"),
      json: has("json"),
      exitWithParent: has("exit-with-parent"),
    },
  };
}

function refuseWithCgi(values: OptionValues, workers: number | "auto"): void {
  const other = SITE_OPTIONS.find((name) => isGiven(values, name));
  if (other !== undefined) {
    throw new UsageError(`argument --${other}: not allowed with --cgi`);
  }
  if (workers !== 1) {
    throw new UsageError(
      "argument --workers: not allowed with --cgi: scripts are processes, which use all cores anyway",
    );
  }
}

/**
 * Options of one thread: an inherited socket can't be shared, each worker would count for
 * itself, a page would connect to another worker than the one that sent it, and their lines
 * would be mixed on standard output.
 */
const ONE_THREAD: readonly string[] = [
  "live",
  "listen-fd",
  "metrics",
  "metrics-path",
  "slow",
  "json",
];

/** Options, each with those that can't be given together with it. */
const EXCLUSIVE: readonly (readonly [string, readonly string[]])[] = [
  ["cgi", [...SITE_OPTIONS, "workers"]],
  ["workers", ONE_THREAD],
  ["listen-fd", ["bind", "port-fallback"]],
  ["https", ["tls-cert", "tls-key", "tls-password-file"]],
  ["trust", ["json"]],
];

/**
 * Whether two options can't be given together.
 *
 * @param a The long name of one.
 * @param b The long name of the other.
 * @returns `true` if they can't.
 */
export function areExclusive(a: string, b: string): boolean {
  return a !== b && (
    RIVALS.some((rivals) => rivals.includes(a) && rivals.includes(b)) ||
    EXCLUSIVE.some(([name, others]) =>
      (name === a && others.includes(b)) || (name === b && others.includes(a))
    )
  );
}

function refuseWithWorkers(values: OptionValues): void {
  const other = ONE_THREAD.find((name) => isGiven(values, name));
  if (other === undefined) return;
  const advice = other === "json" ? "; use --log-format json" : "";
  throw new UsageError(
    `argument --${other}: not allowed with --workers${advice}`,
  );
}

function optionValues(given: SplitArguments["values"]): OptionValues {
  const texts = (name: string) =>
    (given.get(name) ?? []).filter((value) => typeof value === "string");
  return {
    texts,
    // As in CPython, the last one wins.
    text: (name) => texts(name).at(-1),
    has: (name) => given.has(name),
  };
}

/** Distinguishes a port from a path: a number is the port. `./8000` is a path. */
function parsePositionals(
  positionals: readonly string[],
): { port?: string; path?: string } {
  const found: { port?: string; path?: string } = {};
  const rest: string[] = [];
  for (const text of positionals) {
    const kind = /^[0-9]+$/.test(text) ? "port" : "path";
    if (found[kind] === undefined) found[kind] = text;
    else rest.push(text);
  }
  if (rest.length === 0) return found;
  throw new UsageError(`unrecognized arguments: ${rest.join(" ")}`);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (port > 65_535) {
    throw new UsageError(
      `argument port: the port must be from 0 to 65535, not ${text}`,
    );
  }
  return port;
}

/** Parses `--listen-fd`, which replaces address and port. */
function parseDescriptor(
  values: OptionValues,
  port: string | undefined,
): number | undefined {
  const fd = whole(values, "listen-fd", "a descriptor");
  if (fd === undefined) return undefined;
  const others = ["bind", "port-fallback"].filter((name) =>
    isGiven(values, name)
  );
  const [other] = [
    ...port === undefined ? [] : ["port"],
    ...others.map((name) => `--${name}`),
  ];
  if (other !== undefined) {
    throw new UsageError(`argument ${other}: not allowed with --listen-fd`);
  }
  return fd;
}

function parseProtocol(text: string): string {
  if (text === "HTTP/1.0" || text === "HTTP/1.1") return text;
  throw new UsageError(
    `argument -p/--protocol: ${repr(text)} must be HTTP/1.0 or HTTP/1.1`,
  );
}

function parseWorkers(text: string): number | "auto" {
  if (text === "auto") return text;
  const count = Number(text);
  if (/^[0-9]{1,9}$/.test(text) && count >= 1 && count <= MAX_WORKERS) {
    return count;
  }
  throw new UsageError(
    `argument --workers: ${
      repr(text)
    } must be auto or a whole number from 1 to ${MAX_WORKERS}`,
  );
}

function parseTls(values: OptionValues): CommandLineTls | undefined {
  const { text, has } = values;
  const cert = text("tls-cert");
  const key = text("tls-key");
  const passwordFile = text("tls-password-file");
  const given = cert !== undefined
    ? "--tls-cert"
    : key !== undefined
    ? "--tls-key"
    : passwordFile !== undefined
    ? "--tls-password-file"
    : undefined;
  if (given === undefined) return undefined;
  if (has("https")) {
    throw new UsageError(`argument ${given}: not allowed with --https`);
  }
  if (cert !== undefined) return { cert, key, passwordFile };
  throw new UsageError(`argument ${given}: requires --tls-cert`);
}
