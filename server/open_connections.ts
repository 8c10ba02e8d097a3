// A server's open connections, and how they end when the server closes.

import { type Link, LinkedList } from "../cache/linked_list.ts";
import { Connection } from "../connection/connection.ts";
import { markDisconnect } from "../connection/errors.ts";
import { State } from "../connection/lifecycle.ts";
import { MAX_DELAY } from "../connection/limits.ts";
import { writeLog } from "../connection/log.ts";
import type { ConnectionCounts } from "../handlers/types.ts";
import { clientNetwork } from "../text/ip_address.ts";
import { LogLimit } from "../connection/log_limit.ts";

/** How long a handler may take to end after its connection was closed, in milliseconds. */
const CUT_TIME = 1_000;

/** How often a full server looks for an idle connection, in milliseconds. */
export const FULL_POLL = 200;

/**
 * How a closing server ends running handlers. The result of `closePlan()` for each server:
 *
 * | server | `daemon_threads` | `block_on_close` | `server_close()` |
 * |---|---|---|---|
 * | `TCPServer`, `HTTPServer` | | | waits for the `gracePeriod`, then closes their connections |
 * | `ThreadingMixIn` | `false` | `true` | waits for all of them, however long it takes; a handler must not await it |
 * | `ThreadingMixIn` | `false` | `false` | doesn't wait; they continue until they finish |
 * | `ThreadingMixIn` | `true` | `true` | waits for the `gracePeriod`, then closes their connections |
 * | `ThreadingMixIn` | `true` | `false` | doesn't wait; closes their connections after the `gracePeriod` |
 *
 * `ThreadingHTTPServer`: daemon and block, so 5 s. `ThreadingHTTPSServer` has the same.
 *
 * In all cases, idle HTTP connections close at once, busy ones after their response, and every
 * handler's `connection.signal` is aborted. CPython doesn't wait for daemons, and has no grace
 * period.
 */
export interface ClosePlan {
  /** How long they may run before their connections are closed, in seconds; `Infinity` for no limit. */
  readonly grace: number;
  /** Whether closing the server waits for them. */
  readonly wait: boolean;
}

/** Limits on the number of open connections. */
export interface ConnectionLimits {
  /** In total. */
  readonly maxConnections: number;
  /** Per client address. */
  readonly maxConnectionsPerAddress: number;
}

/** A server's open connections and their running handlers. */
export class OpenConnections {
  readonly #connections = new LinkedList<Connection>();
  /** The number of open connections per `clientNetwork()`. */
  readonly #byAddress = new Map<string, number>();
  readonly #limits: () => ConnectionLimits;
  readonly #onRoom: () => void;
  readonly #refusals = new LogLimit(1_000);
  #handlers = 0;
  #onSettled: (() => void) | undefined;
  #refused = 0;
  #draining = false;
  #onDrained: (() => void) | undefined;

  /**
   * Starts without connections.
   *
   * @param limits Returns the limits.
   * @param onRoom Called when another connection can be opened.
   */
  constructor(limits: () => ConnectionLimits, onRoom: () => void) {
    this.#limits = limits;
    this.#onRoom = onRoom;
  }

  /** Whether another connection can be opened, possibly by closing an idle one. */
  get hasRoom(): boolean {
    return this.#connections.size < this.#limits().maxConnections ||
      this.#oldestIdle() !== undefined;
  }

  /**
   * Takes over an accepted socket. If there are too many connections, in total or from its
   * address, the oldest idle one of them is closed.
   *
   * @param conn The socket.
   * @returns The connection.
   * @throws {Deno.errors.ConnectionRefused} If its address has too many connections and
   * none is idle; marked as a disconnect. The socket is closed.
   */
  open(conn: Deno.Conn): Connection {
    const { maxConnections } = this.#limits();
    if (this.#connections.size >= maxConnections) this.#oldestIdle()?.close();
    let link: Link<Connection> | undefined = undefined;
    const connection: Connection = new Connection(conn, () => {
      if (link === undefined || !this.#connections.delete(link)) return;
      this.#count(client, -1);
      if (this.#connections.size + 1 === this.#limits().maxConnections) {
        this.#onRoom();
      }
      this.#settle();
    });
    const client = clientNetwork(connection.client_address[0]);
    this.#admit(connection, client);
    if (this.#draining) connection.stopAfterRequest();
    link = this.#connections.add(connection);
    this.#count(client, 1);
    return connection;
  }

  #admit(connection: Connection, client: string): void {
    const [address] = connection.client_address;
    const { maxConnectionsPerAddress: max } = this.#limits();
    // A proxy on this machine connects for many clients.
    if ((this.#byAddress.get(client) ?? 0) < max || isLocal(address)) return;
    const idle = this.#oldestIdle(client);
    if (idle !== undefined) return idle.close();
    connection.close();
    this.#refused++;
    const dropped = this.#refusals.take();
    if (dropped !== undefined) {
      const more = dropped === 0 ? "" : ` (${dropped} more before it)`;
      writeLog(
        `Refused a connection of ${address}: its limit is ${max}${more}\n`,
      );
    }
    throw markDisconnect(
      new Deno.errors.ConnectionRefused(
        `Cannot take a connection: the limit of ${address} is ${max}`,
      ),
    );
  }

  #count(client: string, by: number): void {
    const count = (this.#byAddress.get(client) ?? 0) + by;
    if (count === 0) this.#byAddress.delete(client);
    else this.#byAddress.set(client, count);
  }

  /** Counts a handler that runs in parallel to others, so that closing waits for it. */
  handlerStarted(): void {
    this.#handlers++;
  }

  /** Counts a handler's end. */
  handlerEnded(): void {
    this.#handlers--;
    this.#settle();
  }

  /** The number of connections. */
  get counts(): ConnectionCounts {
    let idle = 0;
    for (const { life } of this.#connections) {
      if (life.state === State.Idle) idle++;
    }
    return { open: this.#connections.size, idle, refused: this.#refused };
  }

  /** Closes idle connections now, all others after their response. */
  stop(): void {
    for (const connection of [...this.#connections]) connection.stop();
  }

  /**
   * Closes idle connections now and all others after their response, also those that are
   * opened later. Waits until only idle ones are left.
   *
   * @param most How long to wait at most, in milliseconds; `Infinity` for no limit.
   */
  async drain(most: number): Promise<void> {
    this.#draining = true;
    this.stop();
    if (!this.#isBusy) return;
    await waitFor((resolve) => this.#onDrained = resolve, most);
    this.#onDrained = undefined;
  }

  /**
   * Waits until all connections are closed and their handlers have ended; closes the
   * remaining connections after the grace period.
   *
   * @param grace The grace period, in milliseconds; `Infinity` for no limit.
   */
  async close(grace: number): Promise<void> {
    await this.#settled(grace);
    for (const connection of [...this.#connections]) connection.close();
    await this.#settled(CUT_TIME);
  }

  async #settled(timeout: number): Promise<void> {
    if (this.#isSettled) return;
    await waitFor((resolve) => this.#onSettled = resolve, timeout);
  }

  /** The oldest idle connection, of all or of one client. */
  #oldestIdle(client?: string): Connection | undefined {
    for (const connection of this.#connections) {
      if (
        connection.life.state === State.Idle &&
        (client === undefined ||
          clientNetwork(connection.client_address[0]) === client)
      ) return connection;
    }
    return undefined;
  }

  get #isSettled(): boolean {
    return this.#connections.size === 0 && this.#handlers === 0;
  }

  get #isBusy(): boolean {
    for (const { life } of this.#connections) {
      if (life.state !== State.Idle) return true;
    }
    return false;
  }

  #settle(): void {
    if (this.#isSettled) this.#onSettled?.();
    if (this.#onDrained !== undefined && !this.#isBusy) this.#onDrained();
  }
}

/** Waits until a callback is called, or for some milliseconds. */
async function waitFor(
  register: (callback: () => void) => void,
  timeout: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  register(resolve);
  // Without a limit, no timer: the handlers' own operations keep the process alive.
  const timer = timeout === Infinity
    ? undefined
    : setTimeout(resolve, Math.min(timeout, MAX_DELAY));
  await promise;
  clearTimeout(timer);
}

/** Whether an address is local: loopback, or a Unix socket. */
function isLocal(address: string): boolean {
  return address.startsWith("127.") || address === "::1" || address === "unix:";
}
