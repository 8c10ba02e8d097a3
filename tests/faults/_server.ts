// A server in a separate process, observed from outside: its output, file descriptors,
// children and memory. Linux only, since all except the output comes from /proc.

import { denoArguments } from "../_command.ts";
import { until } from "./_wait.ts";

/** How much of standard error is kept, in characters, from its end. */
const MAX_LOG = 1_000_000;

/** How to start a server. */
export interface StartOptions {
  /** Arguments of the command, or of the script. */
  readonly args?: readonly string[];
  /** A file of this project to run instead of the command. */
  readonly script?: string;
  /** The most file descriptors of the process (`ulimit -n`). */
  readonly descriptors?: number;
  /** The working directory. */
  readonly cwd?: string;
  /** Whether file modes apply to it although the tests run as root. */
  readonly obeysModes?: boolean;
}

/** What a process uses at one moment. */
export interface Usage {
  readonly descriptors: number;
  readonly children: number;
  /** Resident memory, in bytes. */
  readonly memory: number;
}

/** How a process ended. */
export interface End {
  readonly code: number;
  readonly signal: Deno.Signal | null;
}

/** A running server. */
export class ServerProcess implements AsyncDisposable {
  /** The port on which it listens. */
  port = 0;
  /** Its standard output so far. */
  output = "";
  /** Its standard error so far. */
  log = "";
  /** How it ended; `undefined` while it runs. */
  end: End | undefined;
  /** When it was started, on the `performance.now()` clock. */
  readonly started = performance.now();
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    void child.status.then(({ code, signal }) => this.end = { code, signal });
    this.#read = Promise.all([
      each(child.stdout, (text) => this.output += text),
      each(child.stderr, (text) => {
        this.log = (this.log + text).slice(-MAX_LOG);
      }),
    ]);
  }

  /** Starts a server and waits until it listens. */
  static async start(options: StartOptions = {}): Promise<ServerProcess> {
    const { script = "mod.ts", cwd, args = [] } = options;
    const own = script === "mod.ts" ? ["-b", "127.0.0.1", "0"] : [];
    const command = [
      ...modesCount(options.obeysModes ?? false),
      Deno.execPath(),
      ...denoArguments(script),
      ...args,
      ...own,
    ];
    // With `exec`, so that the observed process is the server itself.
    const shell = `ulimit -n ${options.descriptors ?? 1024}; exec "$@"`;
    const server = new ServerProcess(
      new Deno.Command("sh", {
        args: ["-c", shell, "sh", ...command],
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        ...(cwd !== undefined && { cwd }),
      }).spawn(),
    );
    try {
      const listens = () => / port [0-9]+/.test(server.output);
      await until(() => listens() || server.end !== undefined, "it listens");
      if (!listens()) throw new Error("It ended");
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw new Error(`The server did not start: ${server.log}`, {
        cause: error,
      });
    }
    server.port = Number(/ port ([0-9]+)/.exec(server.output)![1]);
    return server;
  }

  /** The process ID. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What the process uses now. */
  usage(): Usage {
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    return {
      descriptors: [...Deno.readDirSync(`/proc/${this.pid}/fd`)].length,
      children: this.children().length,
      memory: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024,
    };
  }

  /** Its child processes that are still running. */
  children(): number[] {
    return childrenOf(this.pid);
  }

  /** Sends a signal. */
  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** Waits for the end of the process and of its output. */
  async ended(): Promise<End> {
    const { code, signal } = await this.#child.status;
    await this.#read;
    return { code, signal };
  }

  /** Sends a signal and waits for the end. */
  async stop(name: Deno.Signal = "SIGTERM"): Promise<End> {
    this.signal(name);
    return await this.ended();
  }

  /** Ends the process, if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.signal("SIGKILL");
    } catch (error) {
      // It has already ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.ended();
  }
}

/** Root ignores file modes because of its capabilities; without them, modes apply to it too. */
function modesCount(wanted: boolean): string[] {
  return wanted && Deno.uid() === 0
    ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    : [];
}

/** The processes whose parent is this one. */
function childrenOf(pid: number): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
    .filter((child) => child > 0 && parentOf(child) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name in parentheses before the state may contain anything.
    return Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]);
  } catch (error) {
    // It ended while the list was read.
    if (!(error instanceof Deno.errors.NotFound) && !isNoProcess(error)) {
      throw error;
    }
    return undefined;
  }
}

function isNoProcess(error: unknown): boolean {
  // Deno gives this error neither a class nor a code.
  return error instanceof Error && error.message.includes("(os error 3)");
}

async function each(
  stream: ReadableStream<Uint8Array>,
  take: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const piece of stream) take(decoder.decode(piece));
}
