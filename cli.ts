/**
 * The command line: `python -m http.server` for Deno.
 *
 * ```sh
 * deno run -A jsr:@x/httpserver --directory public 8000
 * ```
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { parseArgs } from "node:util";
import { cyan, green, red, yellow } from "@std/fmt/colors";
import type { Address } from "./connection/connection.ts";
import { flushLog, writeLog } from "./connection/log.ts";
import { partial } from "./handlers/partial.ts";
import { SimpleHTTPRequestHandler } from "./handlers/simple.ts";
import type { RequestHandlerClass } from "./handlers/types.ts";
import { TOKEN } from "./parser/syntax.ts";
import { ThreadingHTTPServer } from "./server/http.ts";
import { format } from "./text/format.ts";
import { escapeControls } from "./text/log_text.ts";
import { repr } from "./text/repr.ts";

const PROGRAM = "httpserver";

/** An interrupt waits no longer for running answers, in seconds. */
const GRACE = 1;

const USAGE = `usage: ${PROGRAM} [-h] [-b ADDRESS] [-d DIRECTORY] [-p VERSION]
                  [-H 'NAME: VALUE'] [--content-type TYPE]
                  [port]
`;

const HELP = `${USAGE}
Serve a folder over HTTP.

positional arguments:
  port                  listen at this port; 0 takes a free one (default: 8000)

options:
  -h, --help            show this help message and exit
  -b, --bind ADDRESS    listen at this address (default: all interfaces)
  -d, --directory DIRECTORY
                        serve this folder (default: current folder)
  -p, --protocol VERSION
                        speak HTTP/1.0 or HTTP/1.1 (default: HTTP/1.0)
  -H, --header 'NAME: VALUE'
                        send this header with every file; may be repeated
  --content-type TYPE   media type of files whose name tells none
                        (default: application/octet-stream)
`;

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
}

/** The arguments can't be followed; the message is for the user. */
class UsageError extends SyntaxError {}

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
 * if (commandLine !== "help") assertObjectMatch(commandLine, { bind: "127.0.0.1", port: 8080 });
 * ```
 */
export function parseCommandLine(
  args: readonly string[],
): CommandLine | "help" {
  const { values, positionals } = splitArguments(args);
  if (values.help) return "help";
  const [port = "8000", ...rest] = positionals;
  if (rest.length > 0) {
    throw new UsageError(`unrecognized arguments: ${rest.join(" ")}`);
  }
  return {
    bind: values.bind === "" ? undefined : values.bind,
    port: parsePort(port),
    directory: values.directory ?? ".",
    protocol: parseProtocol(values.protocol ?? "HTTP/1.0"),
    headers: (values.header ?? []).map(parseHeader),
    contentType: values["content-type"] ?? "application/octet-stream",
  };
}

/**
 * Runs the command: serves until it is interrupted.
 *
 * @param args The arguments, without the program's name.
 * @returns The exit code: 0 after an interrupt, 1 where serving failed, 2 where the arguments can't be followed.
 */
export async function main(args: readonly string[]): Promise<number> {
  let commandLine: CommandLine | "help";
  try {
    commandLine = parseCommandLine(args);
    if (commandLine === "help") {
      await Deno.stdout.write(new TextEncoder().encode(HELP));
      return 0;
    }
    checkDirectory(commandLine.directory);
  } catch (error) {
    if (!(error instanceof UsageError)) return fail(error);
    console.error(`${USAGE}${PROGRAM}: error: ${error.message}`);
    return 2;
  }
  try {
    return await serve(commandLine);
  } catch (error) {
    return fail(error);
  }
}

function splitArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        bind: { type: "string", short: "b" },
        directory: { type: "string", short: "d" },
        protocol: { type: "string", short: "p" },
        header: { type: "string", short: "H", multiple: true },
        "content-type": { type: "string" },
      },
    });
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

/** A folder that isn't there would else only show as a 404 to the first client. */
function checkDirectory(directory: string): void {
  try {
    if (Deno.statSync(directory).isDirectory) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) {
      throw error;
    }
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such folder"
      : error.message;
    throw new TypeError(`Cannot serve ${repr(directory)}: ${reason}`);
  }
  throw new TypeError(`Cannot serve ${repr(directory)}: it is not a folder`);
}

async function serve(commandLine: CommandLine): Promise<number> {
  await using server = listen(commandLine);
  using _listening = onInterrupt((signal) => {
    if (signal === "SIGINT") {
      console.log("\nKeyboard interrupt received, exiting.");
    }
    void server.server_close();
  });
  console.log(startLines(server.server_address as Address).join("\n"));
  await server.serve_forever();
  await server.server_close();
  return 0;
}

function listen({ bind, port, ...options }: CommandLine): ThreadingHTTPServer {
  const Handler = commandLineHandler(options);
  if (bind !== undefined) return listenAt(bind, port, Handler);
  try {
    // Where the system allows it, this takes IPv4 clients too.
    return listenAt("::", port, Handler);
  } catch (error) {
    if (
      error instanceof Deno.errors.AddrInUse ||
      error instanceof Deno.errors.NotCapable
    ) throw error;
    return listenAt("0.0.0.0", port, Handler);
  }
}

class CommandLineServer extends ThreadingHTTPServer {
  static override gracePeriod = GRACE;
}

function listenAt(
  host: string,
  port: number,
  Handler: RequestHandlerClass,
): ThreadingHTTPServer {
  try {
    return new CommandLineServer([host, port], Handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new Deno.errors.AddrInUse(
        `Cannot listen at port ${port}: it is in use; give another one, or 0 for any`,
      );
    }
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) {
      throw error;
    }
    throw new TypeError(
      `Cannot listen at ${repr(host)} port ${port}: ${error.message}`,
    );
  }
}

/** The handler class that the arguments describe. */
function commandLineHandler(
  { directory, protocol, headers, contentType }: Omit<
    CommandLine,
    "bind" | "port"
  >,
): RequestHandlerClass {
  class CommandLineHandler extends SimpleHTTPRequestHandler {
    override protocol_version = protocol;

    override log_message(template: string, ...args: unknown[]): void {
      const message = colored(escapeControls(format(template, args)));
      writeLog(
        `${this.address_string()} - - [${this.log_date_time_string()}] ${message}\n`,
      );
    }
  }
  const colored = Deno.stderr.isTerminal()
    ? colorMessage
    : (message: string) => message;
  return partial(CommandLineHandler, {
    directory,
    extra_response_headers: headers,
    default_content_type: contentType,
  });
}

/** Colours a logged request by its status, every other message as an error; NO_COLOR is respected. */
function colorMessage(message: string): string {
  const status = /^".*" ([1-5])[0-9]{2} \S+$/.exec(message)?.[1];
  if (status === undefined || status === "5") return red(message);
  if (status === "4") return yellow(message);
  return status === "3" ? cyan(message) : green(message);
}

/** CPython's line, and for all interfaces the addresses that a browser can be given. */
function startLines([host, port]: Address): string[] {
  const lines = [
    `Serving HTTP on ${host} port ${port} (${url(host, port)}) ...`,
  ];
  if (host !== "::" && host !== "0.0.0.0") return lines;
  const hosts = ["localhost", ...localAddresses(host === "::")];
  return [...lines, ...hosts.map((name) => `  ${url(name, port)}`)];
}

function url(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}

/** The addresses of this machine in its networks, without loopback and link-local ones. */
function localAddresses(dualStack: boolean): string[] {
  // Just a convenience, and not worth a question on the terminal.
  const permission = { name: "sys", kind: "networkInterfaces" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return [];
  return Deno.networkInterfaces()
    .filter(({ family, address }) =>
      family === "IPv4" || (dualStack && !/^fe80:/i.test(address))
    )
    .map(({ address }) => address)
    .filter((address) => address !== "::1" && !address.startsWith("127."));
}

/** Calls back at the first Ctrl-C or SIGTERM; at the second one the process ends at once. */
function onInterrupt(callback: (signal: Deno.Signal) => void): Disposable {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  let again = false;
  const listeners = signals.map((signal) => {
    const listener = () => {
      if (again) Deno.exit(130);
      again = true;
      callback(signal);
    };
    Deno.addSignalListener(signal, listener);
    return [signal, listener] as const;
  });
  return {
    [Symbol.dispose]() {
      for (const [signal, listener] of listeners) {
        Deno.removeSignalListener(signal, listener);
      }
    },
  };
}

/** One line for what can't be mended here. */
function fail(error: unknown): number {
  flushLog();
  const message = error instanceof Error ? error.message : String(error);
  console.error(`${PROGRAM}: ${message.split("\n", 1)[0]}`);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
