// The connections of a server that are not closed yet, and how they end with it.

import { Connection } from "../connection/connection.ts";
import { MAX_DELAY } from "../connection/limits.ts";

/** How long a handler whose connection was cut may take to notice, in milliseconds. */
const CUT_TIME = 100;

/** A server's open connections and the handlers that run on them. */
export class OpenConnections {
  readonly #connections = new Set<Connection>();
  readonly #onClose: (left: number) => void;
  #handlers = 0;
  #onSettled: (() => void) | undefined;

  /**
   * Begins without any.
   *
   * @param onClose Called with how many are left, when one is closed.
   */
  constructor(onClose: (left: number) => void) {
    this.#onClose = onClose;
  }

  /** How many connections are open. */
  get size(): number {
    return this.#connections.size;
  }

  /**
   * Takes over an accepted socket.
   *
   * @param conn The socket.
   * @returns The connection, which leaves when it is closed.
   */
  open(conn: Deno.Conn): Connection {
    const connection: Connection = new Connection(conn, () => {
      this.#connections.delete(connection);
      this.#onClose(this.#connections.size);
      this.#settle();
    });
    this.#connections.add(connection);
    return connection;
  }

  /**
   * Counts a handler that runs beside others, so that closing waits for it too.
   *
   * @param work What it does.
   */
  async run(work: () => Promise<void>): Promise<void> {
    this.#handlers++;
    try {
      await work();
    } finally {
      this.#handlers--;
      this.#settle();
    }
  }

  /** Lets every connection end after its running answer, idle ones now. */
  drain(): void {
    for (const connection of [...this.#connections]) connection.drain();
  }

  /**
   * Waits until all connections are closed and their handlers have ended; cuts them
   * when the time is over.
   *
   * @param grace How long to wait, in milliseconds.
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
    const timer = setTimeout(resolve, Math.min(timeout, MAX_DELAY));
    await promise;
    clearTimeout(timer);
  }

  get #isSettled(): boolean {
    return this.#connections.size === 0 && this.#handlers === 0;
  }

  #settle(): void {
    if (this.#isSettled) this.#onSettled?.();
  }
}
