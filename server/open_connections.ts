// The connections of a server that are not closed yet, and how they end with it.

import { Connection } from "../connection/connection.ts";
import { State } from "../connection/lifecycle.ts";
import { MAX_DELAY } from "../connection/limits.ts";

/** How long a handler whose connection was cut may take to end, in milliseconds. */
const CUT_TIME = 1_000;

/** How often a server that is full looks for an idle connection, in milliseconds. */
export const FULL_POLL = 200;

/** How a server that closes ends the handlers that still run. */
export interface ClosePlan {
  /** How long they may run before their connections are cut, in seconds; `Infinity` is without a limit. */
  readonly grace: number;
  /** Whether closing waits for them. */
  readonly wait: boolean;
}

/** A server's open connections and the handlers that run on them. */
export class OpenConnections {
  readonly #connections = new Set<Connection>();
  readonly #max: () => number;
  readonly #onRoom: () => void;
  #handlers = 0;
  #onSettled: (() => void) | undefined;

  /**
   * Begins without any.
   *
   * @param max How many may be open at once.
   * @param onRoom Called when there is room again.
   */
  constructor(max: () => number, onRoom: () => void) {
    this.#max = max;
    this.#onRoom = onRoom;
  }

  /** Whether one more connection can be taken, if in place of an idle one. */
  get hasRoom(): boolean {
    return this.#connections.size < this.#max() ||
      this.#oldestIdle !== undefined;
  }

  /**
   * Takes over an accepted socket; where there are too many, the oldest idle one gives way.
   *
   * @param conn The socket.
   * @returns The connection, which leaves when it is closed.
   */
  open(conn: Deno.Conn): Connection {
    if (this.#connections.size >= this.#max()) this.#oldestIdle?.close();
    const connection: Connection = new Connection(conn, () => {
      this.#connections.delete(connection);
      if (this.#connections.size + 1 === this.#max()) this.#onRoom();
      this.#settle();
    });
    this.#connections.add(connection);
    return connection;
  }

  /** Counts a handler that starts beside others, so that closing waits for it too. */
  handlerStarted(): void {
    this.#handlers++;
  }

  /** Notes that a counted handler has ended. */
  handlerEnded(): void {
    this.#handlers--;
    this.#settle();
  }

  /** Closes idle connections now, and every other after its response. */
  stop(): void {
    for (const connection of [...this.#connections]) connection.stop();
  }

  /**
   * Waits until all connections are closed and their handlers have ended; cuts them
   * when the time is over.
   *
   * @param grace How long to wait, in milliseconds; `Infinity` is without a limit.
   */
  async close(grace: number): Promise<void> {
    await this.#settled(grace);
    for (const connection of [...this.#connections]) connection.close();
    await this.#settled(CUT_TIME);
  }

  async #settled(timeout: number): Promise<void> {
    if (this.#isSettled) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onSettled = resolve;
    // Without a limit there is no timer: what handlers wait for keeps the process alive.
    const timer = timeout === Infinity
      ? undefined
      : setTimeout(resolve, Math.min(timeout, MAX_DELAY));
    await promise;
    clearTimeout(timer);
  }

  /** The connection that was accepted first of those that wait for a request; `undefined` where none does. */
  get #oldestIdle(): Connection | undefined {
    for (const connection of this.#connections) {
      if (connection.life.state === State.Idle) return connection;
    }
    return undefined;
  }

  get #isSettled(): boolean {
    return this.#connections.size === 0 && this.#handlers === 0;
  }

  #settle(): void {
    if (this.#isSettled) this.#onSettled?.();
  }
}
