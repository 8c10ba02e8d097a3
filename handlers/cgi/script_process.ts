// A running script: its pipes, its exit code, and how it is killed. Each script has its own process
// group, so that its child processes are killed too.

import { markFileError } from "../file_stat.ts";
import type { ScriptUser } from "./privileges.ts";
import { onProcessEnd } from "./process_end.ts";

/** How to start a script. */
export interface ScriptCommand {
  /** The program's absolute path, or an interpreter's name. */
  readonly file: string;
  /** The arguments. */
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The working directory. */
  readonly cwd: string;
  /** The user to run as. */
  readonly user: ScriptUser | "self";
}

/** The time between SIGTERM and SIGKILL, in milliseconds. */
const TERMINATION_TIME = 500;

/** The most characters of a standard error line that are logged. */
const MAX_ERROR_LINE = 1_000;

/** How long to read the pipes of a script that has exited, in milliseconds: its child processes may keep them open. */
const PIPE_TIME = 1_000;

/** Deno, like shells, reports a signal as this number plus the signal's. */
const SIGNAL_CODE = 128;

/** Whether the system has process groups. */
const HAS_GROUPS = Deno.build.os !== "windows";

/** Codes for start failures that are temporary: too many processes, or the file is being written. */
const TEMPORARY_CODES: ReadonlySet<unknown> = new Set([
  "EAGAIN",
  "EBUSY",
  "ETXTBSY",
]);

/** All running scripts. */
const running = new Set<ScriptProcess>();

/**
 * Returns how many scripts are running in this process.
 *
 * @returns The number.
 */
export function runningScripts(): number {
  return running.size;
}

/** Kills running scripts when this process ends: a terminal's signals don't reach their process groups. */
let processEnd: Disposable | undefined;

function begin(script: ScriptProcess): void {
  running.add(script);
  processEnd ??= onProcessEnd(() => {
    for (const each of running) each.killNow();
  });
}

function end(script: ScriptProcess): void {
  running.delete(script);
  if (running.size > 0) return;
  processEnd?.[Symbol.dispose]();
  processEnd = undefined;
}

/** A script's process. */
export class ScriptProcess {
  /** The script's standard input. */
  readonly stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  /** The exit code. For a signal it is the negative signal number, as in Python. */
  readonly exitCode: Promise<number>;

  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #errors: ReadableStreamDefaultReader<string>;
  #errorsRead: Promise<void> = Promise.resolve();
  #killing: Promise<void> | undefined;
  #enoughErrors = false;
  #ended = false;
  #onEnd: (() => void) | undefined;

  /**
   * Starts a script.
   *
   * @param command How to start it.
   * @throws {Error} If the system can't start it.
   */
  constructor({ file, args, env, cwd, user }: ScriptCommand) {
    const command = new Deno.Command(file, {
      args: [...args],
      env: { ...env },
      clearEnv: true,
      cwd,
      ...(user !== "self" && user),
      detached: HAS_GROUPS,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
    // Before the start: a signal in between would end this process and leave the script running.
    begin(this);
    try {
      this.#child = command.spawn();
    } catch (error) {
      end(this);
      throw isTemporary(error) ? markFileError(error) : error;
    }
    this.stdin = this.#child.stdin.getWriter();
    // If the script closes its input, the next write fails.
    this.stdin.closed.catch(() => {});
    this.#output = this.#child.stdout.getReader();
    this.#errors = this.#child.stderr
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(shortLines(MAX_ERROR_LINE, () => this.#enoughErrors))
      .getReader();
    this.exitCode = this.#child.status.then(({ code, signal }) => {
      this.#ended = true;
      end(this);
      this.#onEnd?.();
      return signal === null ? code : SIGNAL_CODE - code;
    });
  }

  /** Whether `kill()` was called. */
  get killed(): boolean {
    return this.#killing !== undefined;
  }

  /**
   * Reads the script's standard output.
   *
   * @returns At least one byte; `undefined` at EOF, or if the script has exited and its pipe is silent.
   */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // A child that left the process group may keep writing to the pipe.
    if (this.killed && this.#ended) return undefined;
    using _quiet = this.#whenQuiet(() => void this.#output.cancel());
    const { value } = await this.#output.read();
    return value;
  }

  /**
   * Reads the script's standard error line by line.
   *
   * @param maxLines The most lines to report. Further lines are dropped.
   * @param onLine Called with each line.
   */
  readErrors(maxLines: number, onLine: (line: string) => void): void {
    this.#errorsRead = this.#readErrors(maxLines, onLine);
    // `close()` reports an error of `onLine`.
    this.#errorsRead.catch(() => {});
  }

  /** Kills the script and its child processes: with SIGTERM, and 500 ms later with SIGKILL. */
  kill(): void {
    if (this.#killing !== undefined) return;
    this.#killing = this.#kill();
    // `close()` reports an error.
    this.#killing.catch(() => {});
  }

  /**
   * Kills the script if it is still running, and closes its pipes.
   *
   * @throws {Error} An error of the callback of `readErrors()`.
   */
  async close(): Promise<void> {
    if (!this.#ended) this.kill();
    await this.#killing;
    await this.exitCode;
    using _quiet = this.#whenQuiet(() => void this.#errors.cancel());
    try {
      await this.#errorsRead;
    } finally {
      await this.#errors.cancel();
      await this.#output.cancel();
      await this.stdin.abort();
    }
  }

  /** Kills the script at once, because this process ends. */
  killNow(): void {
    // The script may not be started yet.
    if (this.#child !== undefined) this.#signal("SIGKILL");
  }

  async #readErrors(
    maxLines: number,
    onLine: (line: string) => void,
  ): Promise<void> {
    for (let count = 0;; count++) {
      const { done, value } = await this.#errors.read();
      if (done) return;
      if (count < maxLines) onLine(value);
      if (count === maxLines) {
        this.#enoughErrors = true;
        onLine("further lines are not logged");
      }
    }
  }

  async #kill(): Promise<void> {
    this.#signal("SIGTERM");
    let timer;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, TERMINATION_TIME);
    });
    await Promise.race([this.exitCode, late]);
    clearTimeout(timer);
    this.#signal("SIGKILL");
  }

  #signal(signal: Deno.Signal): void {
    try {
      if (HAS_GROUPS) Deno.kill(-this.#child.pid, signal);
      else this.#child.kill(signal);
    } catch (error) {
      // It has already exited; on Windows, this is a TypeError.
      if (error instanceof Deno.errors.NotFound || this.#ended) return;
      // `--allow-run` with a list of programs doesn't allow signalling a group.
      if (error instanceof Deno.errors.NotCapable) {
        return this.#child.kill(signal);
      }
      throw error;
    }
  }

  /** Calls `giveUp` if the script has exited and a read of its pipes gets nothing for a while. */
  #whenQuiet(giveUp: () => void): Disposable {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const start = () => {
      // Two timers: if the whole system was suspended, pending output is read between them.
      timer = setTimeout(() => {
        timer = setTimeout(giveUp, PIPE_TIME / 2);
      }, PIPE_TIME / 2);
    };
    if (this.#ended) start();
    else this.#onEnd = start;
    return {
      [Symbol.dispose]: () => {
        this.#onEnd = undefined;
        clearTimeout(timer);
      },
    };
  }
}

function isTemporary(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    TEMPORARY_CODES.has(error.code);
}

/**
 * Splits text into lines without their line endings. Truncates each line to a length, so that an
 * endless one takes no memory. Drops all text once `isEnough()` is true, since splitting a flood
 * into lines takes long. The class of `@std/streams` would load the runtime's streams at each start
 * of a server.
 */
function shortLines(
  max: number,
  isEnough: () => boolean,
): TransformStream<string, string> {
  let line = "";
  return new TransformStream({
    transform(text, controller) {
      if (isEnough()) return;
      for (const part of text.split(/(?<=\n)/)) {
        const ended = part.endsWith("\n");
        line = (line + (ended ? part.slice(0, -1) : part)).slice(0, max);
        if (!ended) continue;
        controller.enqueue(line.endsWith("\r") ? line.slice(0, -1) : line);
        line = "";
      }
    },
    flush(controller) {
      if (line !== "") controller.enqueue(line);
    },
  });
}
