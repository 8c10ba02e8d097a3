// The response if a file can't be read at the moment: 503 with `Retry-After`, and a log line with
// the cause.

import type { MaybePromise } from "../connection/files.ts";
import { LogLimit } from "../connection/log_limit.ts";
import { isDenoError } from "../connection/runtime.ts";
import { isUnavailable } from "./file_stat.ts";

// Deno opens files for its first stack trace, and panics if it is out of file descriptors. So make
// a stack trace now. Each worker loads its modules again, which covers workers too. Servers also
// prepare the compiler: see `server/stacks.ts`.
void new Error().stack;

/** The value of `Retry-After`, in seconds: a file descriptor becomes free when any response ends. */
export const RETRY_AFTER = "1";

/** The least time between two log lines, in milliseconds: thousands of requests can fail per second. */
const LOG_INTERVAL = 1_000;

/** Advice for causes that the user can fix. */
const HINTS: Readonly<Record<string, string>> = {
  EMFILE: 'raise the limit on open files ("ulimit -n")',
  ENFILE: "raise the system's limit on open files",
};

/** The parts of a handler that send and log a 503. */
export interface ErrorSender {
  /**
   * Logs and sends an error response.
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

/** Shared by all handlers, since the whole system is out of resources. */
const limit = new LogLimit(LOG_INTERVAL);

/** Handlers that are sending a 503 with `Retry-After`. */
const retryable = new WeakSet<object>();

/**
 * Logs why files can't be read, at most once a second per process.
 *
 * @param handler The handler whose `log_error()` is called.
 * @param cause The error.
 */
export function logUnavailable(
  handler: Pick<ErrorSender, "log_error">,
  cause: Error,
): void {
  const dropped = limit.take();
  if (dropped === undefined) return;
  const code = "code" in cause ? String(cause.code) : "";
  const hint = Object.hasOwn(HINTS, code) ? `; ${HINTS[code]}` : "";
  const more = dropped === 0 ? "" : ` (${dropped} more since the last line)`;
  // This server throws Busy itself, when one of its limits is reached.
  const what = isDenoError(cause, "Busy") ? "Busy" : "Files are unavailable";
  handler.log_error("%s: %s", what, cause.message + hint + more);
}

/**
 * Sends 503 with `Retry-After`, and logs the cause.
 *
 * @param handler The handler. It must not have sent any part of a response.
 * @param cause The error.
 * @returns `null`, for `send_head()` to return: the response is complete.
 */
export function sendUnavailable(handler: ErrorSender, cause: Error): null {
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
 * Whether a handler's current error response needs `Retry-After`.
 *
 * @param handler The handler.
 * @returns `true` inside `sendUnavailable()`.
 */
export function isRetryable(handler: object): boolean {
  return retryable.has(handler);
}

/**
 * Calls `work`. If it fails because files can't be read at the moment, calls `otherwise`.
 *
 * @param work The function to call.
 * @param otherwise Called with the error if `isUnavailable()` is true for it.
 * @returns The result of `work` or `otherwise`.
 * @throws {Error} Any other error of `work`.
 */
export function unlessUnavailable<T>(
  work: () => MaybePromise<T>,
  otherwise: (cause: Error) => MaybePromise<T>,
): MaybePromise<T> {
  const recover = (error: unknown): MaybePromise<T> => {
    if (isUnavailable(error)) return otherwise(error);
    throw error;
  };
  try {
    const result = work();
    return result instanceof Promise ? result.catch(recover) : result;
  } catch (error) {
    return recover(error);
  }
}
