/**
 * The command line: Python's `python -m http.server` for Deno, with more options.
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
} from "./cli/arguments.ts";
import { colored, silent } from "./cli/handlers.ts";
import { printHashedPassword } from "./cli/hash_password.ts";
import {
  checkFolders,
  checkScripts,
  missingPage,
  tlsOptions,
  withUsers,
} from "./cli/inputs.ts";
import { onHangUp } from "./cli/interrupt.ts";
import { LogFile } from "./cli/log_file.ts";
import { isLoopback } from "./cli/loopback.ts";
import { help, PROGRAM, usage } from "./cli/options.ts";
import { type ServerClass, test, type TestOptions } from "./cli/serve.ts";
import { UsageError } from "./cli/usage_error.ts";
import { flushLog, logTo } from "./connection/log.ts";
import { deferTimers } from "./connection/timers.ts";
import { CGIHTTPRequestHandler } from "./handlers/cgi/handler.ts";
import { partial } from "./handlers/partial.ts";
import { StaticFileHandler } from "./handlers/static/handler.ts";
import { loadLive } from "./handlers/static/live/entrance.ts";
import { staticFiles } from "./handlers/static/static_files.ts";
import type { StaticFileOptions } from "./handlers/static/options.ts";
import type { RequestHandlerClass } from "./handlers/types.ts";
import { prepareStacks } from "./server/stacks.ts";

export { type CommandLine, type CommandLineTls, parseCommandLine };
export { type ServerClass, type StaticFileOptions, test, type TestOptions };

/** How long to defer timers, in milliseconds: until a waiting client has its first response. */
const TIMERS_DEFERRED = 100;

/**
 * Runs the command until it is interrupted.
 *
 * @param args The arguments, without the program's name.
 * @returns The exit code: 0 after an interrupt, 130 after one at a prompt, 1 if serving
 * failed, 2 if the arguments are invalid.
 */
export async function main(args: readonly string[]): Promise<number> {
  prepareStacks();
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine === "help") {
      await Deno.stdout.write(new TextEncoder().encode(help()));
      return 0;
    }
    if (commandLine === "hash-password") return await printHashedPassword();
    await serve(commandLine);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) return fail(error);
    console.error(`${usage()}${PROGRAM}: error: ${error.message}`);
    return 2;
  }
}

async function serve(commandLine: CommandLine): Promise<void> {
  deferTimers(TIMERS_DEFERRED);
  const { bind = null, port, protocol, logFile } = commandLine;
  const tls = tlsOptions(commandLine.tls);
  checkFolders(commandLine.site);
  if (commandLine.cgi) checkScripts(commandLine.site);
  const Handler = handlerFor(commandLine);
  // Fails at once if its files can't be read, instead of at the first request.
  if (commandLine.site.live) await loadLive();
  using _log = logFile === undefined ? undefined : logToFile(logFile);
  await test(Handler, undefined, { bind, port, protocol, ...tls });
}

/** Creates the handler class for the arguments. */
function handlerFor(commandLine: CommandLine): RequestHandlerClass {
  const { cgi, site, logFile } = commandLine;
  const color = logFile === undefined && Deno.stderr.isTerminal();
  if (cgi) {
    const Handler = site.log === "none"
      ? silent(CGIHTTPRequestHandler)
      : CGIHTTPRequestHandler;
    return partial(color ? colored(Handler) : Handler, site);
  }
  const options = withUsers(commandLine);
  try {
    // Validates the options.
    staticFiles(options);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) {
      throw error;
    }
    throw new UsageError(error.message);
  }
  if (options.users !== undefined) warnOfPlainTextPasswords(commandLine);
  const missing = missingPage(site);
  if (missing !== undefined) warn(missing);
  return partial(
    color ? colored(StaticFileHandler) : StaticFileHandler,
    options,
  );
}

function warnOfPlainTextPasswords({ tls, bind }: CommandLine): void {
  if (tls !== undefined || isLoopback(bind)) return;
  warn("without --tls-cert, passwords are sent unencrypted");
}

function warn(text: string): void {
  console.error(`${PROGRAM}: warning: ${text}`);
}

/** Appends the log to a file until disposed; SIGHUP reopens the file. */
function logToFile(path: string): Disposable {
  const file = new LogFile(path);
  logTo(file);
  const hangUp = onHangUp(() => file.reopen());
  return {
    [Symbol.dispose]() {
      hangUp[Symbol.dispose]();
      logTo(Deno.stderr);
      file[Symbol.dispose]();
    },
  };
}

/** Prints an error in one line. */
function fail(error: unknown): number {
  flushLog();
  const message = error instanceof Error ? error.message : String(error);
  console.error(`${PROGRAM}: ${message.split("\n", 1)[0]}`);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
