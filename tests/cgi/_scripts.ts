// A temporary folder with CGI scripts that all users can run, since scripts run as nobody if the
// tests run as root, and a server for it whose log can be read.

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

/** Whether the system can't run the scripts of these tests. */
export const NO_SCRIPTS = Deno.build.os === "windows";

/** Defines a test that runs scripts, with a time limit and checks for leaks. */
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

/** Options of `serveScripts()`. */
export interface ScriptsOptions extends CGIHTTPRequestHandlerOptions {
  /** The base class of the handler. */
  readonly Handler?: typeof CGIHTTPRequestHandler;
}

/** A folder with scripts and a server for it. */
export interface Scripts extends Served, Folder {
  /** The log messages, without address and time. */
  readonly log: readonly string[];
  /** Returns the body of the response to a GET request. */
  get(target: string): Promise<string>;
}

/**
 * Creates a folder whose files all users can read and run, but not write. All users can write to
 * `scratch/`.
 *
 * @param files The contents as latin-1 text, by name. Scripts without a "#!" line run in sh.
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

/** Makes a file and its parent directories executable by all users. */
async function openUp(path: string, name: string): Promise<void> {
  for (const part of name.split("/").filter((part) => part !== "")) {
    path += `/${part}`;
    await Deno.chmod(path, 0o755);
  }
}

/** Returns a handler class that uses HTTP/1.1 and records its log messages. */
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

/** Serves a folder with these scripts. See `scriptFolder()`. */
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

/** A GET request of HTTP/1.1. */
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

/** A POST request of HTTP/1.1 with a Content-Length. */
export function post(target: string, body: string, length?: number): string {
  const field = `Content-Length: ${length ?? body.length}`;
  return ask("POST", target, [field], body);
}

/** Prints a plain header. */
export const HEAD = "printf 'Content-Type: text/plain\\n\\n'\n";

/** Waits up to five seconds until a file has a complete line, and returns its text. */
export async function lineOf(path: string): Promise<string> {
  for (let tries = 0; tries < 250; tries++) {
    const text = await textOf(path);
    if (text.endsWith("\n")) return text.trimEnd();
    await delay(20);
  }
  throw new Error(`Timed out waiting for a line in ${path}`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Whether a process is running. A zombie counts as gone. */
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
    // The process has exited, perhaps between open and read.
    return false;
  }
}

/** Waits up to three seconds until all these processes are gone. */
export async function untilGone(...pids: string[]): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    const running = await Promise.all(pids.map(isRunning));
    if (!running.includes(true)) return;
    await delay(20);
  }
  throw new Error(`Some of these processes are still running: ${pids}`);
}

/** Whether scripts can find a program. */
export function hasProgram(name: string): boolean {
  return mayStart("/usr/bin/env", name);
}

/** Whether a script's user can start a program. */
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
