// A running script: its three pipes, its exit code, and how it is ended. It has a process
// group of its own, so that what it started ends with it.

import { TextLineStream } from "@std/streams";
import { markFileError } from "../file_stat.ts";
import type { ScriptUser } from "./privileges.ts";
import { onProcessEnd } from "./process_end.ts";

/** What to run. */
export interface ScriptCommand {
  /** The program's absolute path, or the name of an interpreter. */
  readonly file: string;
  /** The arguments. */
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder to run in. */
  readonly cwd: string;
  /** As whom to run. */
  readonly user: ScriptUser | "self";
}

/** How long a script that was told to end may take to clean up, in milliseconds. */
const TERMINATION_TIME = 500;

/** How much of one line of standard error is kept, in characters: a log line is read by people. */
const MAX_ERROR_LINE = 1_000;

/** How long the pipes of a script that has ended are still read, in milliseconds: what it left running may hold them for ever. */
const PIPE_TIME = 1_000;

/** A shell's way to tell of a signal, and Deno's. */
const SIGNAL_CODE = 128;

/** Whether a process and what it starts can be ended together. */
const HAS_GROUPS = Deno.build.os !== "windows";

/** Codes with which starting the same script may succeed later: there are too many processes, or its file is being written. */
const TEMPORARY_CODES: ReadonlySet<unknown> = new Set([
  "EAGAIN",
  "EBUSY",
  "ETXTBSY",
]);

/** Those that run. */
const running = new Set<ScriptProcess>();

/**
 * How many scripts run in this process.
 *
 * @returns The number.
 */
export function runningScripts(): number {
  return running.size;
}

/** What ends them with this process: they have groups of their own, which a terminal's signals don't reach. */
let ending: Disposable | undefined;

function begin(script: ScriptProcess): void {
  running.add(script);
  ending ??= onProcessEnd(() => {
    for (const each of running) each.killNow();
  });
}

function end(script: ScriptProcess): void {
  running.delete(script);
  if (running.size > 0) return;
  ending?.[Symbol.dispose]();
  ending = undefined;
}

/** A script's process. */
export class ScriptProcess {
  /** What the script reads. */
  readonly stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  /** Its exit code once it has ended: a signal's number is negative, as in Python. */
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
   * @param command What to run.
   * @throws {Error} Where the system can't start it.
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
    // Before it starts: a signal in between would end this process and leave the script.
    begin(this);
    try {
      this.#child = command.spawn();
    } catch (error) {
      end(this);
      throw isTemporary(error) ? markFileError(error) : error;
    }
    this.stdin = this.#child.stdin.getWriter();
    // That the script closed it shows at the next write.
    this.stdin.closed.catch(() => {});
    this.#output = this.#child.stdout.getReader();
    this.#errors = this.#child.stderr
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(shortLines(MAX_ERROR_LINE, () => this.#enoughErrors))
      .pipeThrough<string>(new TextLineStream())
      .getReader();
    this.exitCode = this.#child.status.then(({ code, signal }) => {
      this.#ended = true;
      end(this);
      this.#onEnd?.();
      return signal === null ? code : SIGNAL_CODE - code;
    });
  }

  /** Whether it was told to end. */
  get killed(): boolean {
    return this.#killing !== undefined;
  }

  /**
   * Reads what the script prints.
   *
   * @returns At least one byte; `undefined` at the end, or where the script has ended and nothing comes any more.
   */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // What left its group may hold the pipe, and write to it for ever.
    if (this.killed && this.#ended) return undefined;
    using _quiet = this.#whenQuiet(() => void this.#output.cancel());
    const { value } = await this.#output.read();
    return value;
  }

  /**
   * Hands over what the script prints to standard error, line by line.
   *
   * @param maxLines How many lines are handed over; all others are dropped.
   * @param onLine Called with each line.
   */
  readErrors(maxLines: number, onLine: (line: string) => void): void {
    this.#errorsRead = this.#readErrors(maxLines, onLine);
    // What `onLine` throws shows at `close()`.
    this.#errorsRead.catch(() => {});
  }

  /** Ends the script and what it started: with SIGTERM, and a moment later with SIGKILL. */
  kill(): void {
    if (this.#killing !== undefined) return;
    this.#killing = this.#kill();
    // What went wrong shows at `close()`.
    this.#killing.catch(() => {});
  }

  /**
   * Ends the script if it still runs, and lets go of its pipes.
   *
   * @throws {Error} What the callback of `readErrors()` threw.
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

  /** Ends the script at once, as the server's own process ends; perhaps while it is being started. */
  killNow(): void {
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
        onLine("further lines of it are not logged");
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
      // It has ended by itself; Windows says so with a TypeError.
      if (error instanceof Deno.errors.NotFound || this.#ended) return;
      // A list in --allow-run covers the scripts, but no group.
      if (error instanceof Deno.errors.NotCapable) {
        return this.#child.kill(signal);
      }
      throw error;
    }
  }

  /** Calls back where the script has ended and then, for a while, nothing comes through its pipes. */
  #whenQuiet(giveUp: () => void): Disposable {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const start = () => {
      // In two steps: where the whole machine stood still, what has come is read between them.
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
 * Cuts what is beyond a length off each line, so that a line without end takes no memory.
 * Where enough has come it drops all, as to tell the lines of a flood apart takes long.
 */
function shortLines(
  max: number,
  isEnough: () => boolean,
): TransformStream<string, string> {
  let length = 0;
  return new TransformStream({
    transform(text, controller) {
      if (isEnough()) return;
      for (const part of text.split(/(?<=\n)/)) {
        const kept = part.slice(0, Math.max(max - length, 0));
        const ended = part.endsWith("\n");
        controller.enqueue(
          ended && kept.length < part.length ? kept + "\n" : kept,
        );
        length = ended ? 0 : length + part.length;
      }
    },
  });
}
