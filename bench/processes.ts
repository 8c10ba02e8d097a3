// The processes of a run: started here, ended here, whatever happens.

import { isRunning, type Process, readTree } from "./usage.ts";

/** How long a process may take to end after SIGTERM, in milliseconds. */
const GRACE = 3_000;

/** A command as an argument list. */
export type Command = readonly [string, ...string[]];

/** Settings of all processes: no colors, and no request to a registry for updates. */
const ENVIRONMENT = {
  NO_COLOR: "1",
  NO_UPDATE_CHECK: "1",
  NO_UPDATE_NOTIFIER: "1",
  DENO_NO_UPDATE_CHECK: "1",
};

/** Starts processes and ends them by their ids. */
export class Processes {
  readonly #running = new Set<Deno.ChildProcess>();
  #closed = false;

  /**
   * Starts a process in the background.
   *
   * @param command The command.
   * @param folder Its working directory.
   * @param log The file that its output is appended to.
   */
  start(command: Command, folder: string, log: string): Deno.ChildProcess {
    this.#checkOpen();
    // `exec` keeps the process id, and a shell can redirect to a file.
    const child = new Deno.Command("sh", {
      args: ["-c", 'exec "$@" >>"$0" 2>&1', log, ...command],
      cwd: folder,
      env: ENVIRONMENT,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#keep(child);
    return child;
  }

  /**
   * Runs a command to its end.
   *
   * @param command The command.
   * @param seconds How long it may take.
   * @returns Its output.
   * @throws {Error} It failed or took longer.
   */
  async run(command: Command, seconds: number): Promise<string> {
    this.#checkOpen();
    const [program, ...args] = command;
    const child = new Deno.Command(program, {
      args,
      env: ENVIRONMENT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#keep(child);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      signal(child.pid, "SIGKILL");
    }, seconds * 1000);
    const { success, stdout, stderr } = await child.output()
      .finally(() => clearTimeout(timer));
    const decoder = new TextDecoder();
    if (success) return decoder.decode(stdout);
    if (late) throw new Error(`${program} took over ${seconds} seconds`);
    const message = decoder.decode(stderr).trim().split("\n").at(-1);
    throw new Error(`${program} failed: ${message || "it printed no reason"}`);
  }

  /** Ends a process with its descendants. */
  async end(child: Deno.ChildProcess): Promise<void> {
    const tree = readTree(child.pid);
    if (this.#running.has(child)) signal(child.pid, "SIGTERM");
    let timer;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GRACE);
    });
    await Promise.race([child.status, late]);
    clearTimeout(timer);
    await killAll(tree);
    await child.status;
  }

  /** Ends all processes. After that, none can be started. */
  async endAll(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((child) => this.end(child)));
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("all processes have been ended");
  }

  #keep(child: Deno.ChildProcess): void {
    this.#running.add(child);
    void child.status.then(() => this.#running.delete(child));
  }
}

/** Kills those that still run: an id can be in use by another process by now. */
async function killAll(processes: readonly Process[]): Promise<void> {
  const deadline = performance.now() + GRACE;
  for (;;) {
    const left = processes.filter(isRunning);
    if (left.length === 0 || performance.now() > deadline) return;
    for (const { pid } of left) signal(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Sends a signal, unless the process has ended by itself. */
function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (
      !(error instanceof Deno.errors.NotFound || error instanceof TypeError)
    ) throw error;
  }
}
