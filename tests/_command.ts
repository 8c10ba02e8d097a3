// Runs the command line in a separate process, as a user would.

import { TextLineStream } from "@std/streams";

const root = new URL("..", import.meta.url).pathname;

/** The result of a finished command. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The arguments for `deno` that run one of this project's files with these permissions. */
export function denoArguments(
  file: string,
  permissions: readonly string[] = ["-A"],
): string[] {
  return [
    "run",
    "--quiet",
    "--no-check",
    "--no-prompt",
    ...permissions,
    `--import-map=${root}tools/npm_std.json`,
    file.startsWith("/") ? file : root + file,
  ];
}

/** Runs the command to its end, for at most ten seconds. */
export async function runCommand(
  args: readonly string[],
  options: {
    permissions?: readonly string[];
    cwd?: string;
    file?: string;
    env?: Readonly<Record<string, string>>;
    stdin?: string;
  } = {},
): Promise<Finished> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      ...denoArguments(options.file ?? "mod.ts", options.permissions),
      ...args,
    ],
    env: { NO_COLOR: "1", ...options.env },
    signal: AbortSignal.timeout(10_000),
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const child = command.spawn();
  if (options.stdin !== undefined) {
    await new Blob([options.stdin]).stream().pipeTo(child.stdin);
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** A command that serves until it is stopped. */
export interface Serving extends AsyncDisposable {
  /** Its first line on standard output. */
  readonly firstLine: string;
  /** The port it listens on. */
  readonly port: number;
  /** Sends a signal, waits for the end, and returns all output. */
  stop(signal?: Deno.Signal): Promise<Finished>;
  /** Sends a signal without waiting, such as another one during the shutdown. */
  interrupt(signal?: Deno.Signal): void;
}

/** Starts the command and waits for its first line. */
export async function startCommand(
  args: readonly string[],
  options: {
    cwd?: string;
    file?: string;
    env?: Record<string, string>;
    permissions?: readonly string[];
    /** A program that runs its last arguments as a command, such as `nohup`. */
    through?: readonly string[];
  } = {},
): Promise<Serving> {
  const [program, ...before] = [...options.through ?? [], Deno.execPath()];
  const child = new Deno.Command(program!, {
    args: [
      ...before,
      ...denoArguments(options.file ?? "mod.ts", options.permissions),
      ...args,
    ],
    env: { NO_COLOR: "1", ...options.env },
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())[Symbol.asyncIterator]() as AsyncIterator<
      string
    >;
  const seen: string[] = [];
  const firstLine = (await lines.next()).value ?? "";
  seen.push(firstLine);
  const port = Number(/ port ([0-9]+)/.exec(firstLine)?.[1] ?? NaN);
  let finished: Promise<Finished> | undefined;
  const end = async (signal: Deno.Signal): Promise<Finished> => {
    kill(child, signal);
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      seen.push(line.value);
    }
    const { code } = await child.status;
    return { code, stdout: seen.join("\n"), stderr: await stderr };
  };
  const stop = (signal: Deno.Signal = "SIGINT") => finished ??= end(signal);
  return {
    firstLine,
    port,
    stop,
    interrupt(signal = "SIGINT") {
      kill(child, signal);
    },
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
    },
  };
}

/** Sends a signal, unless the process has already ended. */
function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (
      !(error instanceof TypeError || error instanceof Deno.errors.NotFound)
    ) throw error;
  }
}
