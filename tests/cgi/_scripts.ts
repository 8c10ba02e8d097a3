// A temporary folder with CGI scripts that everybody may read and run (where the tests
// run as root, scripts run as nobody), and a server over it whose log can be read.

import {
  CGIHTTPRequestHandler,
  type CGIHTTPRequestHandlerOptions,
  partial,
} from "../../handlers/mod.ts";
import { scriptUser } from "../../handlers/cgi/privileges.ts";
import { format } from "../../text/format.ts";
import { serve, type Served } from "../_serve.ts";
import { type Folder, folder } from "../handlers/_folder.ts";
import { delay } from "../server/_harness.ts";

/** Whether this machine can run the tests of scripts at all. */
export const NO_SCRIPTS = Deno.build.os === "windows";

/** Names a test that runs scripts, leaves nothing behind and ends within a bounded time. */
export function test(
  name: string,
  fn: () => Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name,
    fn,
    ignore: NO_SCRIPTS || ignore,
    sanitizeOps: true,
    sanitizeResources: true,
    timeout: 20_000,
  });
}

/** What scripts and their server may be told besides the handler's own options. */
export interface ScriptsOptions extends CGIHTTPRequestHandlerOptions {
  /** What the handler derives from. */
  readonly Handler?: typeof CGIHTTPRequestHandler;
}

/** Scripts, and a server for them. */
export interface Scripts extends Served, Folder {
  /** What was logged, a message a line, without host and time. */
  readonly log: readonly string[];
  /** The body of the answer to a GET. */
  get(target: string): Promise<string>;
}

/**
 * Makes a folder whose files everybody may read and run, but not write. What stands in
 * `scratch/` may be written by everybody.
 *
 * @param files Their content in latin-1 text, by name; that of a script without a first
 * line of its own is for sh.
 */
export async function scriptFolder(
  files: Readonly<Record<string, string>>,
): Promise<Folder> {
  const contents = Object.entries(files).map(([name, content]) => [
    name,
    /^[^/]*bin\//.test(name) && !content.startsWith("#!") &&
      !name.endsWith("/")
      ? `#!/bin/sh\n${content}\n`
      : content,
  ]);
  const made = await folder({
    "scratch/": "",
    ...Object.fromEntries(contents),
  });
  await Deno.chmod(made.path, 0o755);
  for (const name of Object.keys(files)) await openUp(made.path, name);
  await Deno.chmod(made.in("scratch"), 0o777);
  return made;
}

/** Lets everybody enter what leads to a file, and run it. */
async function openUp(path: string, name: string): Promise<void> {
  for (const part of name.split("/").filter((part) => part !== "")) {
    path += `/${part}`;
    await Deno.chmod(path, 0o755);
  }
}

/** The handler class of tests, which speaks HTTP/1.1 and tells its log. */
export function logged(
  log: string[],
  Handler: typeof CGIHTTPRequestHandler = CGIHTTPRequestHandler,
): typeof CGIHTTPRequestHandler {
  return class extends Handler {
    override protocol_version = "HTTP/1.1";
    override log_message(template: string, ...args: unknown[]): void {
      log.push(format(template, args));
    }
  };
}

/** Serves a folder with these scripts; see `scriptFolder()`. */
export async function serveScripts(
  files: Readonly<Record<string, string>>,
  { Handler, ...options }: ScriptsOptions = {},
): Promise<Scripts> {
  const made = await scriptFolder(files);
  const log: string[] = [];
  const served = serve(
    partial(logged(log, Handler), { ...options, directory: made.path }),
  );
  return {
    ...served,
    path: made.path,
    in: made.in,
    log,
    get: async (target) => (await served.ask(get(target))).body,
    async [Symbol.asyncDispose]() {
      await using _made = made;
      await served[Symbol.asyncDispose]();
    },
  };
}

/** A GET of HTTP/1.1. */
export function get(target: string, ...fields: string[]): string {
  return ask("GET", target, fields);
}

/** A request of HTTP/1.1. */
export function ask(
  method: string,
  target: string,
  fields: readonly string[] = [],
  body = "",
): string {
  return [`${method} ${target} HTTP/1.1`, "Host: a", ...fields, "", body]
    .join("\r\n");
}

/** A POST of HTTP/1.1 whose body has a length. */
export function post(target: string, body: string, length?: number): string {
  const field = `Content-Length: ${length ?? body.length}`;
  return ask("POST", target, [field], body);
}

/** A script's first lines: a header without anything special. */
export const HEAD = "printf 'Content-Type: text/plain\\n\\n'\n";

/** Waits until a file has a whole line, for five seconds at most, and gives its text. */
export async function lineOf(path: string): Promise<string> {
  for (let tries = 0; tries < 250; tries++) {
    const text = await textOf(path);
    if (text.endsWith("\n")) return text.trimEnd();
    await delay(20);
  }
  throw new Error(`Waited in vain for a line in ${path}`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Whether a process runs. One that has ended and whose parent doesn't care counts as gone. */
export async function isRunning(pid: string): Promise<boolean> {
  if (Deno.build.os !== "linux") {
    const { success } = await new Deno.Command("kill", {
      args: ["-0", pid],
      stderr: "null",
    }).output();
    return success;
  }
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !/\) [ZX] /.test(stat);
  } catch {
    // It has gone, perhaps between opening and reading.
    return false;
  }
}

/** Waits until none of these processes runs any more, for three seconds at most. */
export async function untilGone(...pids: string[]): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    const running = await Promise.all(pids.map(isRunning));
    if (!running.includes(true)) return;
    await delay(20);
  }
  throw new Error(`Some of the processes ${pids} still run`);
}

/** Whether a script can find a program. */
export function hasProgram(name: string): boolean {
  return mayStart("/usr/bin/env", name);
}

/** Whether the server can start a program for a script: the first of this name must do. */
export function mayStart(file: string, ...args: string[]): boolean {
  if (NO_SCRIPTS) return false;
  const user = scriptUser();
  try {
    return new Deno.Command(file, {
      args: [...args, "--version"],
      cwd: "/",
      ...(user !== "self" && user),
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied
    ) return false;
    throw error;
  }
}
