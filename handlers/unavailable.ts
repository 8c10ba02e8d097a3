// The response when a file can't be read just now: 503 with `Retry-After`, so that no
// cache keeps it, and one line in the log that says why.

import type { MaybePromise } from "../connection/files.ts";
import { LogLimit } from "../connection/log_limit.ts";
import { isUnavailable } from "./file_stat.ts";

// Deno looks at files to make the first stack trace, and panics if it gets no descriptor
// for them. Modules are loaded anew in each worker, so this line covers workers too.
void new Error().stack;

/** The value of `Retry-After`, in seconds: a descriptor comes free as soon as some response ends. */
export const RETRY_AFTER = "1";

/** How often the cause is logged at most, in milliseconds: thousands of requests can fail in a second. */
const LOG_INTERVAL = 1_000;

/** What to do about a cause that the user can do something about. */
const HINTS: Readonly<Record<string, string>> = {
  EMFILE: 'raise the limit on open files ("ulimit -n")',
  ENFILE: "raise the system's limit on open files",
};

/** The part of a handler that refuses a request. */
export interface Refuser {
  /**
   * Sends and logs an error response.
   *
   * @param code The status code.
   */
  send_error(code: number): void;
  /**
   * Logs an error.
   *
   * @param template A %-template.
   * @param args The values for the template.
   */
  log_error(template: string, ...args: unknown[]): void;
}

/** One for the process: it is the machine that is short of something, not one handler. */
const limit = new LogLimit(LOG_INTERVAL);

/** Handlers that are sending this response. */
const retryable = new WeakSet<object>();

/**
 * Logs why files can't be read just now, at most once a second in this process.
 *
 * @param handler The handler whose `log_error()` is called.
 * @param cause What reading threw.
 */
export function logUnavailable(
  handler: Pick<Refuser, "log_error">,
  cause: Error,
): void {
  const dropped = limit.take();
  if (dropped === undefined) return;
  const code = "code" in cause ? String(cause.code) : "";
  const hint = Object.hasOwn(HINTS, code) ? `; ${HINTS[code]}` : "";
  const more = dropped === 0 ? "" : ` (${dropped} more since the last line)`;
  // Busy is our own: a bound of this server was reached.
  const what = cause instanceof Deno.errors.Busy
    ? "Busy"
    : "Files are unavailable";
  handler.log_error("%s: %s", what, cause.message + hint + more);
}

/**
 * Refuses a request with 503 and `Retry-After`, and logs why.
 *
 * @param handler The handler, of whose response nothing has been sent.
 * @param cause What reading threw.
 * @returns `null`, for `send_head()`: the response is complete.
 */
export function sendUnavailable(handler: Refuser, cause: Error): null {
  logUnavailable(handler, cause);
  retryable.add(handler);
  try {
    handler.send_error(503);
  } finally {
    retryable.delete(handler);
  }
  return null;
}

/**
 * Whether the error response that a handler is sending carries `Retry-After`.
 *
 * @param handler The handler.
 * @returns `true` inside `sendUnavailable()`.
 */
export function isRetryable(handler: object): boolean {
  return retryable.has(handler);
}

/**
 * Does something with files, or something else if they can't be read just now.
 *
 * @param work What to do.
 * @param otherwise What to do if `work` throws or rejects with such an error.
 * @returns What either returns.
 * @throws {Error} Any other error of `work`.
 */
export function unlessUnavailable<T>(
  work: () => MaybePromise<T>,
  otherwise: (cause: Error) => MaybePromise<T>,
): MaybePromise<T> {
  const settle = (error: unknown): MaybePromise<T> => {
    if (isUnavailable(error)) return otherwise(error);
    throw error;
  };
  try {
    const result = work();
    return result instanceof Promise ? result.catch(settle) : result;
  } catch (error) {
    return settle(error);
  }
}
