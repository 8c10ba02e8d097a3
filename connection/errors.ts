// Distinguishes errors of a connection from all others. A client that disconnects is an
// event; the same error class from, say, a handler's `fetch()` is a fault. So the
// connection marks the errors it throws.

import { denoError } from "./runtime.ts";

const disconnects = new WeakSet<object>();
const timeouts = new WeakSet<object>();
const faults = new WeakSet<object>();
let forgiving = false;

/**
 * Marks an error as a disconnect: the peer left, or this side closed during an operation.
 *
 * @param error What the socket threw.
 * @returns The same error.
 */
export function markDisconnect(error: unknown): unknown {
  if (typeof error === "object" && error !== null) disconnects.add(error);
  return error;
}

/**
 * Whether an error came from a connection that is gone.
 *
 * @param error The error.
 * @returns `true` if reading from or writing to a lost connection threw it.
 */
export function isDisconnect(error: unknown): boolean {
  return typeof error === "object" && error !== null && disconnects.has(error);
}

/**
 * Creates the error for a peer that neither sent nor read anything in time.
 *
 * @param message The message.
 * @returns The error.
 */
export function timeoutError(message: string): Deno.errors.TimedOut {
  const error = denoError("TimedOut", message);
  timeouts.add(error);
  return error;
}

/**
 * Whether an error means that the peer of a connection was too slow.
 *
 * @param error The error.
 * @returns `true` for a timeout of a connection, not for one of a handler's `fetch()`.
 */
export function isTimeout(error: unknown): error is Deno.errors.TimedOut {
  return error instanceof Error && timeouts.has(error);
}

/**
 * Marks an error as caused by the client's bytes, such as a malformed body.
 *
 * @param error The error.
 * @returns The same error.
 */
export function markClientFault<E>(error: E): E {
  if (error instanceof Error) faults.add(error);
  return error;
}

/**
 * Keeps the process alive if a handler doesn't await a promise that rejects because the
 * client disconnected, timed out or sent malformed data. Otherwise any client could end the
 * process. Other unhandled rejections are not affected.
 */
export function forgiveUnhandledWireErrors(): void {
  if (forgiving) return;
  forgiving = true;
  // Node has only its own event.
  if (!("addEventListener" in globalThis)) return forgiveInNode();
  globalThis.addEventListener("unhandledrejection", (event) => {
    if (isWireError(event.reason)) event.preventDefault();
  });
}

function isWireError(reason: unknown): boolean {
  return isDisconnect(reason) || isTimeout(reason) ||
    (reason instanceof Error && faults.has(reason));
}

function forgiveInNode(): void {
  const { process } = globalThis as { process?: NodeProcess };
  process?.on("unhandledRejection", (reason) => {
    // Thrown from this listener, it ends the process as it would without one.
    if (!isWireError(reason)) throw reason;
  });
}

/** The part of Node's `process` that is used. */
interface NodeProcess {
  on(event: "unhandledRejection", listener: (reason: unknown) => void): void;
}
