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

import {
  type CommandLine,
  type CommandLineTls,
  parseCommandLine,
  UsageError,
} from "./cli/arguments.ts";
import { colored } from "./cli/color_log.ts";
import { help, PROGRAM, usage } from "./cli/options.ts";
import { test, type TestOptions } from "./cli/serve.ts";
import { flushLog } from "./connection/log.ts";
import { CGIHTTPRequestHandler } from "./handlers/cgi/handler.ts";
import { partial } from "./handlers/partial.ts";
import { SimpleHTTPRequestHandler } from "./handlers/simple.ts";
import type { RequestHandlerClass } from "./handlers/types.ts";
import { repr } from "./text/repr.ts";

export { type CommandLine, type CommandLineTls, parseCommandLine };
export { type ServerClass, test, type TestOptions } from "./cli/serve.ts";

/**
 * Runs the command: serves until it is interrupted.
 *
 * @param args The arguments, without the program's name.
 * @returns The exit code: 0 after an interrupt, 1 where serving failed, 2 where the arguments can't be followed.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine === "help") {
      await Deno.stdout.write(new TextEncoder().encode(help()));
      return 0;
    }
    const { protocol, port, bind = null } = commandLine;
    const tls = tlsOptions(commandLine.tls);
    checkDirectory(commandLine.directory);
    await test(commandLineHandler(commandLine), undefined, {
      protocol,
      port,
      bind,
      ...tls,
    });
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) return fail(error);
    console.error(`${usage()}${PROGRAM}: error: ${error.message}`);
    return 2;
  }
}

/** The handler class that the arguments describe. */
function commandLineHandler(
  { cgi, directory, headers, contentType }: CommandLine,
): RequestHandlerClass {
  const Handler = cgi ? CGIHTTPRequestHandler : SimpleHTTPRequestHandler;
  return partial(Deno.stderr.isTerminal() ? colored(Handler) : Handler, {
    directory,
    extra_response_headers: headers,
    default_content_type: contentType,
  });
}

/** Without a password, a key that needs one is refused; there is never a question on the terminal. */
function tlsOptions(tls: CommandLineTls | undefined): TestOptions {
  if (tls === undefined) return {};
  const { cert, key, passwordFile } = tls;
  return {
    tls_cert: cert,
    ...(key !== undefined && { tls_key: key }),
    ...(passwordFile !== undefined &&
      { tls_password: readPassword(passwordFile) }),
  };
}

function readPassword(file: string): string {
  try {
    return Deno.readTextFileSync(file).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) {
      throw error;
    }
    throw new UsageError(
      `argument --tls-password-file: Cannot read ${repr(file)}: ${
        reasonOf(error, "file")
      }`,
    );
  }
}

/** A folder that isn't there would else only show as a 404 to the first client. */
function checkDirectory(directory: string): void {
  try {
    if (Deno.statSync(directory).isDirectory) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) {
      throw error;
    }
    throw new TypeError(
      `Cannot serve ${repr(directory)}: ${reasonOf(error, "folder")}`,
    );
  }
  throw new TypeError(`Cannot serve ${repr(directory)}: it is not a folder`);
}

function reasonOf(error: Error, what: string): string {
  return error instanceof Deno.errors.NotFound
    ? `there is no such ${what}`
    : error.message;
}

/** One line for what can't be mended here. */
function fail(error: unknown): number {
  flushLog();
  const message = error instanceof Error ? error.message : String(error);
  console.error(`${PROGRAM}: ${message.split("\n", 1)[0]}`);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
