// What the server and its workers tell each other.

import type { Address } from "../../connection/connection.ts";

/** The first message, through `Worker.postMessage()`. All others go through its port. */
export interface Start {
  /** The worker's end of the channel. */
  readonly port: MessagePort;
  /** The URL of the module that has the handler. */
  readonly module: string;
  /** The argument of the module's function. */
  readonly data: unknown;
  /** Host and port, which all workers share. */
  readonly address: Address;
  /** The certificate; `undefined` for plain HTTP. */
  readonly tls: WorkerCertificate | undefined;
  /** The number of workers. */
  readonly workers: number;
  /** This worker's share of the connections. */
  readonly maxConnections: number;
  /** This worker's share of the connections of one address. */
  readonly maxConnectionsPerAddress: number;
  /** How long responses may take when the server closes, in seconds. */
  readonly gracePeriod: number;
  /** Whether to accept connections until responses have ended. */
  readonly acceptWhileDraining: boolean;
  /** How often to show that the worker isn't blocked, in milliseconds. */
  readonly beat: number;
  /** The memory of the `Counter`s. */
  readonly counters: SharedArrayBuffer;
}

/** The files of a certificate, which each worker reads. */
export interface WorkerCertificate {
  readonly certfile: string;
  readonly keyfile: string | null;
  readonly password: string | Uint8Array | null;
  readonly redirect_http: boolean;
  readonly ca_certificate: Uint8Array | null;
}

/** Numbers that both sides see at once, also if one of them is blocked. */
export enum Counter {
  /** Counts up while the worker's event loop runs. */
  Beats,
  /** How many bytes of the log were sent, but not written yet. */
  LogBytes,
}

/** The bytes that the counters take. */
export const COUNTER_BYTES = 8;

/** A message to a worker: no further connection, then the end. */
export interface Stop {
  readonly kind: "stop";
  /** Whether other workers go on serving. */
  readonly replaced: boolean;
}

/** A message from a worker. */
export type WorkerMessage =
  /** It listens. */
  | { readonly kind: "ready" }
  /** It can't start, or stopped serving. */
  | { readonly kind: "failed"; readonly error: PlainError }
  /** Whole lines for the log. */
  | { readonly kind: "log"; readonly lines: Uint8Array }
  /** Its last connection is closed. */
  | { readonly kind: "stopped" }
  /** Its code called `Deno.exit()` or `close()`. */
  | { readonly kind: "exited" };

/** An error as plain data: a cloned one loses its name. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/**
 * Converts an error for a message.
 *
 * @param error What was thrown.
 * @returns Its name, message and stack.
 */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) {
    return { name: "Error", message: String(error), stack: undefined };
  }
  const { name, message, stack } = error;
  return { name, message, stack };
}

/**
 * Converts an error from a message.
 *
 * @param plain Its name, message and stack.
 * @returns An error of the same class, if that is one of the language or the runtime.
 */
export function restoredError({ name, message, stack }: PlainError): Error {
  const error = new (classNamed(name))(message);
  if (error.name !== name) setHidden(error, "name", name);
  if (stack !== undefined) setHidden(error, "stack", stack);
  return error;
}

function classNamed(name: string): new (message: string) => Error {
  const known = { ...Deno.errors, RangeError, SyntaxError, TypeError };
  return Object.hasOwn(known, name) ? known[name as keyof typeof known] : Error;
}

function setHidden(error: Error, key: string, value: string): void {
  const hidden = { value, writable: true, configurable: true };
  Object.defineProperty(error, key, hidden);
}
