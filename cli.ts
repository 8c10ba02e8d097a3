/**
 * The command line: Python's `python -m http.server` for Deno, with more options.
 *
 * ```sh
 * deno run -A jsr:@x/httpserver --directory public 8000
 * ```
 *
 * @example What arguments mean
 * ```ts
 * import { parseCommandLine } from "@x/httpserver/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const parsed = parseCommandLine(["--directory", "public", "8000"]);
 * if (typeof parsed === "string") throw new Error(parsed);
 * assertEquals([parsed.site.directory, parsed.port], ["public", 8000]);
 * ```
 *
 * @module
 */
// deno-lint-ignore-file no-console

import {
  type CommandLine,
  type CommandLineStart,
  type CommandLineTls,
  parseCommandLine,
} from "./cli/arguments.ts";
import { colored, loggedToOutput, silent } from "./cli/handlers.ts";
import { printHashedPassword } from "./cli/hash_password.ts";
import {
  checkFolders,
  checkScripts,
  checkWritable,
  hiddenUploads,
  ignoredRules,
  missingPage,
  tlsOptions,
  withPath,
  withProxyCa,
  withSecrets,
} from "./cli/inputs.ts";
import type { LocalHttps, PageAdder } from "./cli/https/local_https.ts";
import { onHangUp } from "./cli/interrupt.ts";
import { LogFile } from "./cli/log_file.ts";
import { isLoopback } from "./cli/loopback.ts";
import { privateFiles } from "./cli/private_files.ts";
import { PROGRAM, usage } from "./cli/options.ts";
import { type ServerClass, test, type TestOptions } from "./cli/serve.ts";
import { announce, type Listening } from "./cli/start.ts";
import { activeLine, sitePath } from "./cli/start_lines.ts";
import { openUploads, uploadText } from "./cli/uploads.ts";
import { UsageError } from "./cli/usage_error.ts";
import { flushLog, logTo } from "./connection/log.ts";
import { deferTimers } from "./connection/timers.ts";
import { compileAllow } from "./handlers/static/access/forwarded.ts";
import { CGIHTTPRequestHandler } from "./handlers/cgi/handler.ts";
import { partial } from "./handlers/partial.ts";
import { StaticFileHandler } from "./handlers/static/handler.ts";
import { reloadPages } from "./handlers/static/live/entrance.ts";
import { endUploads, sweepUploads } from "./handlers/static/upload/entrance.ts";
import { compileSite } from "./handlers/static/site.ts";
import { staticFiles, withSite } from "./handlers/static/static_files.ts";
import type { StaticFileOptions } from "./handlers/static/options.ts";
import { withoutFiles } from "./handlers/static/without_files.ts";
import type { RequestHandlerClass } from "./handlers/types.ts";
import { ThreadingHTTPServer } from "./server/http.ts";
import { ThreadingHTTPSServer } from "./server/https.ts";
import { workerCount } from "./server/parallel/decisions.ts";
import { prepareStacks } from "./server/stacks.ts";

export {
  type CommandLine,
  type CommandLineStart,
  type CommandLineTls,
  type Listening,
  parseCommandLine,
};
export { type ServerClass, type StaticFileOptions, test, type TestOptions };

/** How long to defer timers, in milliseconds: until a waiting client has its first response. */
const TIMERS_DEFERRED = 100;

/** The key of `--live`. */
const RELOAD = { key: "r", help: "reload the pages", run: reloadPages };

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
    const commandLine = parseCommandLine(await withConfigOf(args));
    if (commandLine === "help" || commandLine === "help-all") {
      const { help, helpAll } = await import("./cli/help.ts");
      await print(commandLine === "help" ? help() : helpAll());
      return 0;
    }
    if (commandLine === "hash-password") return await printHashedPassword();
    if (commandLine === "trust") {
      return await (await import("./cli/https/trust.ts")).trustAuthority();
    }
    const complete = withPath(commandLine);
    if (complete.printScript) {
      if (!complete.cgi) refuseInvalid(() => void compileSite(complete.site));
      const { scriptFor } = await import("./cli/script/script.ts");
      await print(scriptFor(complete));
      return 0;
    }
    await serve(complete);
    await endUploads();
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) return fail(error);
    console.error(`${usage()}${PROGRAM}: error: ${error.message}`);
    return 2;
  }
}

/** Adds what the file of `--config` contains. */
async function withConfigOf(
  args: readonly string[],
): Promise<readonly string[]> {
  if (!args.some((arg) => arg.startsWith("--config"))) return args;
  const { withConfig } = await import("./cli/config/read.ts");
  return withConfig(args);
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

async function serve(commandLine: CommandLine): Promise<void> {
  deferTimers(TIMERS_DEFERRED);
  const { logFile, protocol } = commandLine;
  const https = await httpsFor(commandLine);
  const tls = https?.tls ?? tlsOptions(commandLine.tls);
  checkFolders(commandLine.site);
  if (commandLine.cgi) checkScripts(commandLine.site);
  const site = {
    ...withSecrets(withProxyCa(commandLine)),
    ...await withPrivateFiles(commandLine, https),
  };
  if (site.upload) checkWritable(site);
  const Handler = handlerFor({ ...commandLine, site }, https?.withPage);
  if (!commandLine.cgi) await reportRules(site);
  using _log = logFile === undefined ? undefined : logToFile(logFile);
  const options = testOptions(commandLine, site, { ...https, tls });
  const workers = workersOf(commandLine);
  if (workers === 1) {
    return await test(Handler, await serverFor(commandLine), options);
  }
  const { serveInWorkers } = await import("./cli/workers.ts");
  await serveInWorkers(workers, {
    site,
    protocol,
    color: inColor(commandLine),
    ca: tls.ca_certificate ?? null,
  }, options);
}

/** The option for files that are not served, if there are any. */
async function withPrivateFiles(
  commandLine: CommandLine,
  https: LocalHttps | undefined,
): Promise<Pick<StaticFileOptions, "privateFiles">> {
  const { uploadsFolder } = commandLine.site.upload
    ? await import("./handlers/static/upload/state_folder.ts")
    : { uploadsFolder: () => undefined };
  const files = [
    ...privateFiles(commandLine),
    ...https?.folders ?? [],
    ...[uploadsFolder()].filter((path) => path !== undefined),
  ];
  return files.length === 0 ? {} : { privateFiles: files };
}

/** Makes what `--https` needs, and warns of what the certificate leaves out. */
async function httpsFor(
  commandLine: CommandLine,
): Promise<LocalHttps | undefined> {
  if (!commandLine.https) return undefined;
  const { localHttps } = await import("./cli/https/local_https.ts");
  const https = await localHttps(commandLine);
  for (const text of https.warnings) warn(text);
  return https;
}

/** The options for `test()`, which `--workers` takes as well. */
function testOptions(
  commandLine: CommandLine,
  site: StaticFileOptions,
  { tls, lines, isUsable }: Partial<LocalHttps> & { tls: TestOptions },
): TestOptions {
  const { bind = null, port, protocol, drain, fd, start } = commandLine;
  const active = activeOf({ ...commandLine, site });
  const path = sitePath(site);
  const keys = site.live ? [RELOAD] : [];
  return {
    bind,
    port,
    port_fallback: mayFallBack(commandLine),
    protocol,
    ...tls,
    acceptWhileDraining: (site.health ?? false) !== false,
    ...(fd !== undefined && { fd }),
    ...(drain !== undefined && { gracePeriod: drain }),
    started: (listening) => {
      if (site.upload) void sweepUploads();
      return announce(listening, {
        ...start,
        active,
        keys,
        path,
        isUsable,
        more: lines,
      });
    },
    silent: start.json,
  };
}

/** The number of threads that serve. */
function workersOf({ workers }: CommandLine): number {
  return workerCount(workers, navigator.hardwareConcurrency);
}

/** The server class, if it is not the usual one. */
async function serverFor(
  { slow, tls, https }: CommandLine,
): Promise<ServerClass | undefined> {
  if (slow === undefined) return undefined;
  const { parseSpeed, slowServer } = await import("./cli/slow.ts");
  const Server = https || tls !== undefined
    ? ThreadingHTTPSServer
    : ThreadingHTTPServer;
  return slowServer(Server, parseSpeed(slow));
}

/** Whether to take the next free port: on a terminal, a person sees which one it is. */
function mayFallBack({ portFallback, start }: CommandLine): boolean {
  return portFallback === "terminal"
    ? !start.json && Deno.stdin.isTerminal() && Deno.stdout.isTerminal()
    : portFallback;
}

/** The line that lists the features that are on. */
function activeOf(commandLine: CommandLine): string | undefined {
  const { site, cgi, slow, usersFile, usersVariable } = commandLine;
  const workers = workersOf(commandLine);
  const uploads = uploadText(commandLine);
  const others = [
    ...uploads === undefined ? [] : [uploads],
    ...(usersFile ?? usersVariable) === undefined ? [] : ["password"],
    ...slow === undefined ? [] : [`slow network (${slow})`],
    ...workers === 1 ? [] : [`${workers} workers`],
  ];
  return activeLine(site, cgi, others);
}

/** Creates the handler class for the arguments; `withPage` adds the page of `--https`. */
function handlerFor(
  commandLine: CommandLine,
  withPage: PageAdder = (Handler) => Handler,
): RequestHandlerClass {
  const { cgi, site } = commandLine;
  const color = inColor(commandLine);
  if (cgi) {
    const Base = site.privateFiles === undefined
      ? CGIHTTPRequestHandler
      : withoutFiles(CGIHTTPRequestHandler, site.privateFiles);
    const Handler = site.log === "none" ? silent(Base) : Base;
    return partial(withPage(color ? colored(Handler) : Handler), site);
  }
  refuseInvalid(() => void staticFiles(site));
  if (site.users !== undefined) warnOfPlainTextPasswords(commandLine);
  if (site.allow !== undefined) warnOfOwnAddress(commandLine, site.allow);
  for (const warning of [missingPage(site), openUploads(commandLine)]) {
    if (warning !== undefined) warn(warning);
  }
  const Handler = commandLine.start.json
    ? loggedToOutput(StaticFileHandler)
    : StaticFileHandler;
  return withSite(withPage(color ? colored(Handler) : Handler), site);
}

/** Runs a check of the site's options. What it refuses is the fault of an argument. */
function refuseInvalid(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) {
      throw error;
    }
    throw new UsageError(error.message);
  }
}

/** Reports rules that can't apply, or that none are applied. */
async function reportRules(site: StaticFileOptions): Promise<void> {
  await compileSite(site).rules?.ready();
  const notes = site.log === "none"
    ? []
    : [ignoredRules(site), hiddenUploads(site)];
  for (const note of notes) {
    if (note !== undefined) console.error(`${PROGRAM}: ${note}`);
  }
}

function inColor({ logFile }: CommandLine): boolean {
  return logFile === undefined && Deno.stderr.isTerminal();
}

function warnOfPlainTextPasswords({ tls, https, bind }: CommandLine): void {
  if (https || tls !== undefined || isLoopback(bind)) return;
  warn("without --https or --tls-cert, passwords are sent unencrypted");
}

/** A person at this machine would get 403. */
function warnOfOwnAddress(
  { bind, start }: CommandLine,
  allow: readonly string[],
): void {
  if (!start.open && !Deno.stdout.isTerminal()) return;
  if (bind !== undefined && !isLoopback(bind)) return;
  if (compileAllow(allow)("127.0.0.1")) return;
  warn("this machine gets 403; add --allow localhost to open the site here");
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
