// Accepts connections one at a time. `accept()` can't be cancelled. If `wake()` ends a wait,
// the connection accepted later goes to the next `wait()`. A pending `accept()` keeps the
// process alive only during a wait.

import { markDisconnect } from "../connection/errors.ts";
import { isExhausted } from "../connection/exhausted.ts";
import { MAX_DELAY } from "../connection/limits.ts";
import { writeLog } from "../connection/log.ts";
import { escapeControls } from "../text/log_text.ts";
import {
  countConnection,
  isCompilerPrepared,
  prepareCompiler,
} from "./stacks.ts";

/**
 * How long to pause after a failure to accept, in milliseconds. Without free descriptors,
 * retrying at once would spin.
 */
const RETRY_DELAY = 100;

/** How often to log that, in milliseconds. It may last, and the log's disk may be filling up. */
const LOG_INTERVAL = 1_000;

/** After how many unknown errors in a row to pause: such errors last, and retrying at once would spin. */
const MAX_FAILURES = 10;

/**
 * After how many failures to yield to timers and other connections, which a flood of resets
 * would starve otherwise.
 */
const FAILURES_PER_TURN = 32;

/**
 * When to call `prepareCompiler()`, in milliseconds after the first wait, so that the first
 * request isn't delayed. A burst of connections brings it forward.
 */
const PREPARE_DELAY = 100;

/** Accepts the connections of one listener. */
export class Acceptor {
  readonly #listener: Deno.Listener;
  #pending: Promise<void> | undefined;
  #accepted: Deno.Conn | undefined;
  #error: unknown;
  #closed = false;
  /** Unknown failures since the last connection. */
  #failures = 0;
  /** Failures since the last yield. */
  #sinceYield = 0;
  #logged = -Infinity;
  #woken = false;
  #wake: (() => void) | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #preparing: AbortSignal | undefined;

  /**
   * Takes over a listener.
   *
   * @param listener The listener.
   */
  constructor(listener: Deno.Listener) {
    this.#listener = listener;
  }

  /**
   * Waits for a connection.
   *
   * @param accepting Whether to accept one; otherwise only `wake()` or the timeout ends the
   * wait.
   * @param timeout The maximum time to wait, in milliseconds.
   * @returns Whether `take()` has a connection or an error.
   * @throws {TypeError} If another call is already waiting.
   */
  async wait(accepting: boolean, timeout: number = Infinity): Promise<boolean> {
    if (this.#wake !== undefined) {
      throw new TypeError(
        "Cannot wait for a connection: the server waits for one already",
      );
    }
    if (accepting) this.#accept();
    this.#prepare();
    if (this.#ready && accepting) return true;
    if (!this.#woken && !this.#closed) {
      this.#listener.ref();
      await this.#sleep(timeout);
      if (!this.#closed) this.#listener.unref();
    }
    this.#woken = false;
    return accepting && this.#ready;
  }

  /** Ends a wait, or the next one if there is none. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /**
   * Takes the connection that `wait()` reported.
   *
   * @returns The connection.
   * @throws {Error} The error of `accept()`, such as a reset by the client. Marked as a
   * disconnect unless the listener is closed: also EMFILE, so that the server keeps serving.
   */
  take(): Deno.Conn {
    const conn = this.#accepted;
    const error = this.#error;
    this.#accepted = this.#error = undefined;
    if (conn !== undefined) return conn;
    throw error ?? new TypeError("Cannot take a connection: none has come");
  }

  /**
   * Closes the listener, and a connection that was accepted but not taken.
   *
   * @returns A promise that fulfills once the address is free: the runtime keeps the socket
   * until a pending accept ends.
   */
  close(): Promise<void> {
    if (!this.#closed) this.#close();
    return this.#pending ?? Promise.resolve();
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    if (this.#preparing !== undefined) this.#preparing.onabort = null;
    // Keep the process alive until a pending accept ends.
    this.#listener.ref();
    try {
      this.#listener.close();
    } catch (error) {
      // It was closed directly, through `server.socket`.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#accepted?.close();
    this.#accepted = undefined;
    this.wake();
  }

  get #ready(): boolean {
    return this.#accepted !== undefined || this.#error !== undefined;
  }

  #accept(): void {
    if (
      this.#pending !== undefined || this.#ready || this.#closed ||
      this.#retry !== undefined
    ) return;
    this.#pending = this.#listener.accept().then((conn) => {
      this.#pending = undefined;
      this.#failures = 0;
      countConnection();
      if (this.#closed) conn.close();
      else this.#accepted = conn;
      this.#wake?.();
    }, (error) => {
      this.#pending = undefined;
      if (this.#closed) return;
      this.#wake?.();
      if (error instanceof Deno.errors.BadResource) {
        this.#error = error;
        return;
      }
      this.#error = markDisconnect(error);
      const delay = this.#delayAfter(error);
      if (delay !== undefined) this.#pause(delay);
    });
  }

  /** How long to pause after a failure, in milliseconds; `undefined` to retry at once. */
  #delayAfter(error: unknown): number | undefined {
    if (isExhausted(error)) {
      this.#logExhausted(error);
      return RETRY_DELAY;
    }
    // A client that reset says nothing about the next one; any other error may last.
    if (!isClientGone(error) && ++this.#failures >= MAX_FAILURES) {
      return RETRY_DELAY;
    }
    return ++this.#sinceYield % FAILURES_PER_TURN === 0 ? 0 : undefined;
  }

  #prepare(): void {
    if (
      this.#preparing !== undefined || isCompilerPrepared() || this.#closed
    ) return;
    // The first `setTimeout()` of a process would delay the first request by some 15 ms.
    this.#preparing = AbortSignal.timeout(PREPARE_DELAY);
    this.#preparing.onabort = prepareCompiler;
  }

  #pause(delay: number): void {
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.wake();
    }, delay);
  }

  #logExhausted(error: Error): void {
    const now = performance.now();
    if (now - this.#logged < LOG_INTERVAL) return;
    this.#logged = now;
    writeLog(
      `Cannot accept connections: ${escapeControls(error.message)}; ` +
        "close some or raise the limit (ulimit -n)\n",
    );
  }

  #sleep(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeout === Infinity
        ? undefined
        : setTimeout(() => this.#wake?.(), Math.min(timeout, MAX_DELAY));
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** `NotConnected` is thrown if the client has reset: the runtime can't get its address. */
function isClientGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.BrokenPipe;
}
