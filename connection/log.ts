// Writes log lines and tracebacks to standard error, in order. While a server runs, lines
// are batched, since a system call per line is a large part of the cost of a small
// response. Otherwise each is written at once.

import { Timer } from "./timers.ts";

/** How long a line may be delayed to be batched, in milliseconds. */
const LATENCY = 50;

/** Flush at this many characters. */
const BATCH = 32_768;

let waiting = "";
let timer: Timer | undefined;
let holders = 0;
let broken = false;
let destination: LogDestination = Deno.stderr;

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
  flushLog();
  destination = to;
  broken = false;
}

/**
 * Writes a log line: within 50 ms while a server runs, otherwise at once.
 *
 * @param line The text, including its line end.
 */
export function writeLog(line: string): void {
  waiting += line;
  if (holders === 0 || waiting.length > BATCH) flushLog();
  else timer ??= new Timer(flushLog, LATENCY);
}

/** Writes the batched lines. */
export function flushLog(): void {
  timer?.stop();
  timer = undefined;
  if (waiting === "") return;
  const bytes = new TextEncoder().encode(waiting);
  waiting = "";
  writeOut(bytes);
}

/**
 * Writes lines that another thread has batched.
 *
 * @param lines The bytes of whole lines.
 */
export function writeBatch(lines: Uint8Array): void {
  flushLog();
  writeOut(lines);
}

function writeOut(lines: Uint8Array): void {
  let rest = lines;
  try {
    while (rest.length > 0 && !broken) {
      rest = rest.subarray(destination.writeSync(rest));
    }
  } catch (error) {
    // A full pipe loses this batch, which is better than stopping the server. If standard
    // error is closed, logging ends: there is nowhere to report it.
    broken = !(error instanceof Deno.errors.WouldBlock);
  }
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
