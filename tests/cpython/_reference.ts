// CPython's own server as a process, if this machine has Python.

import { fromFileUrl } from "@std/path";
import { TextLineStream } from "@std/streams";

const PROGRAM: string = fromFileUrl(import.meta.resolve("./_reference.py"));

/** Before 3.10, redirects have no length, index pages may be folders, and "//" is a host. */
const OLDEST_MINOR = 10;

/** How long Python may take to start and to stop, in milliseconds. */
const PATIENCE = 10_000;

/** The command of a suitable Python, or why it is missing. */
export type Python =
  | { readonly command: string; readonly missing?: undefined }
  | { readonly command?: undefined; readonly missing: string };

/** CPython's server, one for each version of the protocol. */
export interface Reference extends AsyncDisposable {
  /** The minor version of Python 3, such as 14. */
  readonly minor: number;
  /** The port on which it speaks this version. */
  port(protocol: string): number;
}

/**
 * Looks for a suitable Python: `$PYTHON`, or else `python3`.
 *
 * @returns The command, or why it is missing.
 */
export async function findPython(): Promise<Python> {
  const command = Deno.env.get("PYTHON") ?? "python3";
  try {
    const { success, stdout } = await new Deno.Command(command, {
      args: ["-c", "import sys; print(*sys.version_info[:2])"],
      stderr: "null",
      signal: AbortSignal.timeout(PATIENCE),
    }).output();
    const [major, minor] = new TextDecoder().decode(stdout).split(" ");
    return success && major === "3" && Number(minor) >= OLDEST_MINOR
      ? { command }
      : { missing: `${command} is not Python 3.${OLDEST_MINOR} or later` };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { missing: `there is no ${command}` };
  }
}

/** Starts CPython's server for a folder. */
export async function startReference(
  command: string,
  directory: string,
): Promise<Reference> {
  const child = new Deno.Command(command, {
    args: ["-B", PROGRAM, directory],
    env: { PYTHONUTF8: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  const lines: ReadableStream<string> = child.stdout.pipeThrough(
    new TextDecoderStream(),
  )
    .pipeThrough(new TextLineStream());
  const line = await firstOf(lines);
  clearTimeout(timer);
  if (line === undefined) {
    await child.stdin.close();
    await child.status;
    throw new Error(`Cannot start ${command}: it printed nothing`);
  }
  const { version, ports } = JSON.parse(line);
  return {
    minor: version[1],
    port: (protocol) => ports[protocol],
    async [Symbol.asyncDispose]() {
      const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
      await child.stdin.close();
      await child.status;
      clearTimeout(timer);
    },
  };
}

async function firstOf<T>(source: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of source) return item;
}
