// From the command's arguments to what they ask for, on plain data.

import { parseArgs } from "node:util";
import { TOKEN } from "../parser/syntax.ts";
import { repr } from "../text/repr.ts";
import { OPTIONS } from "./options.ts";

/** What the arguments ask for. */
export interface CommandLine {
  /** The address to listen at; `undefined` is all interfaces. */
  readonly bind: string | undefined;
  /** The port to listen at, 0 for a free one. */
  readonly port: number;
  /** The folder to serve. */
  readonly directory: string;
  /** The version to speak. */
  readonly protocol: string;
  /** Header fields to send with every file. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The media type of files whose name tells none. */
  readonly contentType: string;
  /** Whether scripts are run. */
  readonly cgi: boolean;
  /** The files that HTTPS needs; `undefined` for plain HTTP. */
  readonly tls: CommandLineTls | undefined;
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

/** The arguments can't be followed; the message is for the user. */
export class UsageError extends SyntaxError {}

/**
 * Reads the arguments.
 *
 * @param args The arguments, without the program's name.
 * @returns What they ask for, or "help".
 * @throws {SyntaxError} Where they can't be followed.
 *
 * @example
 * ```ts
 * import { parseCommandLine } from "@x/httpserver/cli";
 * import { assertObjectMatch } from "@std/assert";
 *
 * const commandLine = parseCommandLine(["-b", "127.0.0.1", "8080"]);
 * if (commandLine !== "help") {
 *   assertObjectMatch(commandLine, { bind: "127.0.0.1", port: 8080 });
 * }
 * ```
 */
export function parseCommandLine(
  args: readonly string[],
): CommandLine | "help" {
  const { values, positionals } = splitArguments(args);
  const text = (name: string) => values[name] as string | undefined;
  if (values.help === true) return "help";
  const [port = "8000", ...rest] = positionals;
  if (rest.length > 0) {
    throw new UsageError(`unrecognized arguments: ${rest.join(" ")}`);
  }
  const cgi = values.cgi === true;
  return {
    // Scripts are for those who can reach the machine anyway, unless an address is given.
    bind: (text("bind") ?? (cgi ? "127.0.0.1" : "")) || undefined,
    port: parsePort(port),
    directory: text("directory") ?? ".",
    protocol: parseProtocol(text("protocol") ?? "HTTP/1.0"),
    headers: (values.header as string[] | undefined ?? []).map(parseHeader),
    contentType: text("content-type") ?? "application/octet-stream",
    cgi,
    tls: parseTls(text("tls-cert"), text("tls-key"), text("tls-password-file")),
  };
}

/** The values by the options' names: texts, `true` for switches, lists for what may be repeated. */
function splitArguments(args: readonly string[]): {
  values: Readonly<
    Record<string, string | boolean | (string | boolean)[] | undefined>
  >;
  positionals: readonly string[];
} {
  const options = Object.fromEntries(
    OPTIONS.map(({ name, short, value, multiple = false }) => [name, {
      type: value === undefined ? "boolean" as const : "string" as const,
      multiple,
      ...(short !== undefined && { short }),
    }]),
  );
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    // Its messages name the option and what is wrong with it; only the first sentence is short.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split(". ", 1)[0]!);
  }
}

function parsePort(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) {
    throw new UsageError(`argument port: invalid int value: ${repr(text)}`);
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

function parseHeader(text: string): readonly [name: string, value: string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim();
  const value = text.slice(colon + 1).trim();
  if (!TOKEN.test(name)) {
    throw new UsageError(
      `argument -H/--header: ${repr(text)} is not of the form 'Name: value'`,
    );
  }
  // deno-lint-ignore no-control-regex
  if (/[\0\r\n]|[^\x00-\xff]/.test(value)) {
    throw new UsageError(
      `argument -H/--header: ${
        repr(text)
      } holds a line end or a character outside latin-1`,
    );
  }
  return [name, value];
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
