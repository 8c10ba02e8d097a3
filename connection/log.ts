// Where log lines and tracebacks go: standard error, in order. While a server runs,
// lines are gathered and written together, since a system call per line is a large
// part of a small answer's cost; without one, each is written at once.

/** How long a line may wait for others, in milliseconds: not noticed by a reader. */
const LATENCY = 50;

/** Lines are written earlier when they reach this many characters. */
const BATCH = 32_768;

let waiting = "";
let timer: ReturnType<typeof setTimeout> | undefined;
let holders = 0;
let broken = false;
let destination: LogDestination = Deno.stderr;

/** Where log lines can be written: standard error, or an open file. */
export interface LogDestination {
  /**
   * Writes part of the bytes.
   *
   * @param bytes What to write.
   * @returns How many bytes were taken.
   */
  writeSync(bytes: Uint8Array): number;
}

/**
 * Sends the log of this process elsewhere: the lines of all servers and handlers that
 * don't replace `log_message()`. The caller closes a file, after the log has left it.
 *
 * @param to Where it goes from now on.
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
 * Writes a log line, within 50 ms while a server runs, else at once.
 *
 * @param line The text with its line end.
 */
export function writeLog(line: string): void {
  waiting += line;
  if (holders === 0 || waiting.length > BATCH) flushLog();
  else timer ??= setTimeout(flushLog, LATENCY);
}

/** Writes the lines that wait. */
export function flushLog(): void {
  clearTimeout(timer);
  timer = undefined;
  if (waiting === "") return;
  let bytes = new TextEncoder().encode(waiting);
  waiting = "";
  try {
    while (bytes.length > 0 && !broken) {
      bytes = bytes.subarray(destination.writeSync(bytes));
    }
  } catch (error) {
    // A full pipe loses this batch rather than stop the server. Where nobody reads
    // standard error any more, serving goes on without a log: there is nowhere to say so.
    broken = !(error instanceof Deno.errors.WouldBlock);
  }
}

/**
 * Lets lines be gathered until the hold is released; a release writes them.
 *
 * @returns The hold, released when it is disposed of.
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
