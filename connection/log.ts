// Writes log lines and tracebacks to standard error, in order. While a server runs, lines
// are batched, since a system call per line is a large part of the cost of a small
// response. Otherwise each is written at once.

import { isDenoError } from "./runtime.ts";
import { Timer } from "./timers.ts";

/** How long a line may be delayed to be batched, in milliseconds. */
const LATENCY = 50;

/** Flush at this many characters. */
const BATCH = 32_768;

let holders = 0;

/** Where log lines go: standard error, or an open file. */
export interface LogDestination {
  /**
   * Writes some of the bytes.
   *
   * @param bytes The bytes.
   * @returns The number of bytes written.
   */
  writeSync(bytes: Uint8Array): number;
}

/**
 * Redirects this process's log: the lines of all servers and handlers that don't override
 * `log_message()`. To close a file, redirect the log elsewhere first.
 *
 * @param to The new destination.
 *
 * @example A file, as with `--log-file`
 * ```ts
 * import { logTo } from "@x/httpserver";
 *
 * const path = await Deno.makeTempFile();
 * using file = await Deno.open(path, { append: true });
 * logTo(file);
 * // ... serve ...
 * logTo(Deno.stderr);
 * await Deno.remove(path);
 * ```
 */
export function logTo(to: LogDestination): void {
  standard.redirect(to);
}

/** Batches the lines for one destination. */
export class LogChannel {
  #waiting = "";
  #timer: Timer | undefined;
  #broken = false;
  #destination: LogDestination;

  /**
   * Creates a channel.
   *
   * @param destination Where the lines go.
   */
  constructor(destination: LogDestination) {
    this.#destination = destination;
    channels.push(this);
  }

  /**
   * Writes the batched lines, and sends further ones elsewhere.
   *
   * @param to The new destination.
   */
  redirect(to: LogDestination): void {
    this.flush();
    this.#destination = to;
    this.#broken = false;
  }

  /**
   * Writes a line: within 50 ms while a server runs, otherwise at once.
   *
   * @param line The text, including its line end.
   */
  write(line: string): void {
    this.#waiting += line;
    if (holders === 0 || this.#waiting.length > BATCH) this.flush();
    else this.#timer ??= new Timer(() => this.flush(), LATENCY);
  }

  /** Writes the batched lines. */
  flush(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    if (this.#waiting === "") return;
    const bytes = new TextEncoder().encode(this.#waiting);
    this.#waiting = "";
    this.#writeOut(bytes);
  }

  /**
   * Writes lines that another thread has batched, after those of this one.
   *
   * @param lines The bytes of whole lines.
   */
  writeBatch(lines: Uint8Array): void {
    this.flush();
    this.#writeOut(lines);
  }

  #writeOut(lines: Uint8Array): void {
    let rest = lines;
    try {
      while (rest.length > 0 && !this.#broken) {
        rest = rest.subarray(this.#destination.writeSync(rest));
      }
    } catch (error) {
      // A full pipe loses this batch, which is better than stopping the server. If standard
      // error is closed, logging ends: there is nowhere to report it.
      this.#broken = !isDenoError(error, "WouldBlock");
    }
  }
}

const channels: LogChannel[] = [];
const standard = new LogChannel(
  typeof Deno === "undefined" ? { writeSync: writeConsole } : Deno.stderr,
);

/**
 * Writes a log line: within 50 ms while a server runs, otherwise at once.
 *
 * @param line The text, including its line end.
 */
export function writeLog(line: string): void {
  standard.write(line);
}

/** Writes the batched lines. */
export function flushLog(): void {
  for (const channel of channels) channel.flush();
}

/**
 * Writes lines that another thread has batched.
 *
 * @param lines The bytes of whole lines.
 */
export function writeBatch(lines: Uint8Array): void {
  standard.writeBatch(lines);
}

/**
 * Batches lines until the hold is disposed, which flushes them.
 *
 * @returns The hold.
 */
export function gatherLog(): Disposable {
  if (holders++ === 0) globalThis.addEventListener("unload", flushLog);
  let held = true;
  return {
    [Symbol.dispose]() {
      if (!held) return;
      held = false;
      if (--holders === 0) globalThis.removeEventListener("unload", flushLog);
      flushLog();
    },
  };
}

/** Logs lines in a runtime without Deno's standard error. */
function writeConsole(bytes: Uint8Array): number {
  // The console adds the last line end itself.
  // deno-lint-ignore no-console
  console.error(new TextDecoder().decode(bytes).replace(/\n$/, ""));
  return bytes.length;
}
