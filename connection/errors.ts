// Tells an error of the wire from every other. A peer that leaves is an event, not
// a fault; but the same error class from, say, a handler's own `fetch` is a fault.
// So the connection marks what it throws itself.

const disconnects = new WeakSet<object>();
const timeouts = new WeakSet<object>();
const faults = new WeakSet<object>();
let forgiving = false;

/**
 * Marks an error as the peer's leaving, or as this side's closing under a pending operation.
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
 * @param error The error in question.
 * @returns `true` for an error that reading from or writing to a lost connection threw.
 */
export function isDisconnect(error: unknown): boolean {
  return typeof error === "object" && error !== null && disconnects.has(error);
}

/**
 * The error for a peer that neither sent nor read anything in time.
 *
 * @param message What could not be done.
 * @returns The error.
 */
export function timeoutError(message: string): Deno.errors.TimedOut {
  const error = new Deno.errors.TimedOut(message);
  timeouts.add(error);
  return error;
}

/**
 * Whether an error says that the peer of a connection was too slow.
 *
 * @param error The error in question.
 * @returns `true` for a timeout of the wire, not for one of, say, a handler's own `fetch`.
 */
export function isTimeout(error: unknown): error is Deno.errors.TimedOut {
  return error instanceof Error && timeouts.has(error);
}

/**
 * Marks an error as one that the client's bytes caused, such as a malformed body.
 *
 * @param error The error.
 * @returns The same error.
 */
export function markClientFault<E>(error: E): E {
  if (error instanceof Error) faults.add(error);
  return error;
}

/**
 * Lets the process live on where a handler awaited nothing, and its client left or
 * sent what is malformed: a promise that is rejected for that reason alone, and that
 * nobody handles, must not give a client the power to end the process. Every other
 * unhandled rejection stays what it is.
 */
export function forgiveUnhandledWireErrors(): void {
  if (forgiving) return;
  forgiving = true;
  globalThis.addEventListener("unhandledrejection", (event) => {
    const { reason } = event;
    if (
      isDisconnect(reason) || isTimeout(reason) ||
      (reason instanceof Error && faults.has(reason))
    ) event.preventDefault();
  });
}
