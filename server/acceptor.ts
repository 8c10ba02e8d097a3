// Takes connections from a listener one at a time, and lets whoever waits for one be
// woken for other reasons too. A pending `accept()` can't be cancelled without closing
// the listener; so it stays pending when nobody waits any more, and what it brings is
// there for who waits next, as in the backlog of a socket. It keeps the process alive
// only while somebody waits.

import { markDisconnect } from "../connection/errors.ts";
import { MAX_DELAY } from "../connection/limits.ts";
import { writeLog } from "../connection/log.ts";
import { escapeControls } from "../text/log_text.ts";
import { isExhausted } from "./exhausted.ts";
import {
  countConnection,
  isCompilerPrepared,
  prepareCompiler,
} from "./stacks.ts";

/** How long to leave a listener alone that can't accept, in milliseconds: without free descriptors, asking at once would only spin. */
const RETRY_DELAY = 100;

/** How often that is logged, in milliseconds: it may last, and the log may be on a disk that fills up. */
const LOG_INTERVAL = 1_000;

/** How often an unknown error may repeat without a connection in between before the listener is left alone: it lasts, and asking at once would only spin. */
const MAX_FAILURES = 10;

/** After how many failures timers and other connections get a turn: a flood of clients that reset would otherwise take the whole thread. */
const FAILURES_PER_TURN = 32;

/** When errors are made safe for the time without descriptors, in milliseconds from the first wait: the first request doesn't wait for it. A burst of connections brings it forward. */
const PREPARE_DELAY = 100;

/** The connections of one listener. */
export class Acceptor {
  readonly #listener: Deno.Listener;
  #pending: Promise<void> | undefined;
  #accepted: Deno.Conn | undefined;
  #error: unknown;
  #closed = false;
  /** Failures of an unknown kind since the last connection. */
  #failures = 0;
  /** Failures of any kind since others had a turn. */
  #inTurn = 0;
  #logged = -Infinity;
  #woken = false;
  #wake: (() => void) | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #preparing: ReturnType<typeof setTimeout> | undefined;

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
   * @param accepting Whether to accept one; else only `wake()` and the time end the wait.
   * @param timeout How long to wait at most, in milliseconds.
   * @returns Whether `take()` has something to give.
   * @throws {TypeError} Where somebody waits already.
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
   * Takes the connection that `wait()` told of.
   *
   * @returns The connection.
   * @throws {Error} What accepting it threw, such as a reset of the client's; marked as a
   * disconnect, unless the listener itself is closed.
   */
  take(): Deno.Conn {
    const conn = this.#accepted;
    const error = this.#error;
    this.#accepted = this.#error = undefined;
    if (conn !== undefined) return conn;
    throw error ?? new TypeError("Cannot take a connection: none has come");
  }

  /**
   * Closes the listener, and the connection that nobody took.
   *
   * @returns A promise that is fulfilled once the address is free: the runtime keeps the socket until a pending accept has ended.
   */
  close(): Promise<void> {
    if (!this.#closed) this.#close();
    return this.#pending ?? Promise.resolve();
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#preparing);
    // So that the process lives until a pending accept has ended.
    this.#listener.ref();
    try {
      this.#listener.close();
    } catch (error) {
      // It was closed directly, as `server.socket`.
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

  /** How long to wait after a failure, in milliseconds; `undefined` to accept at once. */
  #delayAfter(error: unknown): number | undefined {
    if (isExhausted(error)) {
      this.#logExhausted(error);
      return RETRY_DELAY;
    }
    // One client that left says nothing about the next; any other error may last.
    if (!isClientGone(error) && ++this.#failures >= MAX_FAILURES) {
      return RETRY_DELAY;
    }
    return ++this.#inTurn % FAILURES_PER_TURN === 0 ? 0 : undefined;
  }

  #prepare(): void {
    if (
      this.#preparing !== undefined || isCompilerPrepared() || this.#closed
    ) return;
    const timer = setTimeout(prepareCompiler, PREPARE_DELAY);
    Deno.unrefTimer(timer);
    this.#preparing = timer;
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

/** `NotConnected`: the runtime asks for the peer's address, and a client that has reset has none any more. */
function isClientGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.BrokenPipe;
}
