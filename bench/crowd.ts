// Idle connections.

import { close, connect, exchangeOn, type Target } from "./exchange.ts";
import { SMALL } from "./works.ts";

/** How many connections are opened at once: some servers have a short backlog. */
const BATCH = 16;

/** How long one of them may take, in milliseconds. */
const PATIENCE = 30_000;

/** Connections that got one response and stay open. */
export class Crowd implements Disposable {
  readonly #conns: Deno.Conn[] = [];
  #closed = 0;

  private constructor() {}

  /** How many the server has not closed. */
  get held(): number {
    return this.#conns.length - this.#closed;
  }

  /**
   * Opens connections.
   *
   * @param target The server.
   * @param count How many.
   */
  static async gather(target: Target, count: number): Promise<Crowd> {
    const crowd = new Crowd();
    try {
      while (crowd.#conns.length < count) {
        const missing = count - crowd.#conns.length;
        const batch = Array.from({ length: Math.min(BATCH, missing) });
        await Promise.all(batch.map(() => crowd.#add(target)));
      }
      return crowd;
    } catch (error) {
      crowd[Symbol.dispose]();
      throw error;
    }
  }

  /** Closes the connections. */
  [Symbol.dispose](): void {
    for (const conn of this.#conns.splice(0)) close(conn);
  }

  async #add(target: Target): Promise<void> {
    const conn = await connect(target);
    this.#conns.push(conn);
    await exchangeOn(conn, SMALL, PATIENCE);
    // Either end closes it: the server sends nothing more.
    const ended = () => void this.#closed++;
    conn.read(new Uint8Array(1)).then(ended, ended);
  }
}
