// The kept-open connections to upstreams, shared by all sites of the process.

import { connect } from "./connect.ts";
import type { ProxySettings, Upstream } from "./interfaces.ts";
import type { UpstreamConnection } from "./upstream_connection.ts";

/** How many idle connections are kept for each upstream. */
const MAX_IDLE = 64;

/** How long an idle connection is kept, in seconds, if the upstream doesn't say: many close it after 5. */
const IDLE_TIME = 4;

/** The longest that an idle connection is kept, in seconds, even if the upstream keeps it longer. */
const MAX_IDLE_TIME = 60;

/** How much earlier a connection is given up than the upstream closes it, in seconds. */
const MARGIN = 1;

/** How long a connection may have been idle for a request that can't be sent again, in milliseconds. */
const FRESH = 1_000;

/** A connection that waits for a request. */
interface Idle {
  readonly connection: UpstreamConnection;
  readonly since: number;
  readonly until: number;
}

/** The idle connections to one upstream. */
export class Pool {
  /** The most recently used one comes last. */
  #idle: Idle[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** How many connections are idle. */
  get size(): number {
    return this.#idle.length;
  }

  /**
   * Takes an idle connection.
   *
   * @param isFresh Whether it must have been used just now, so that the upstream has hardly closed it.
   * @returns The connection that was used last; `undefined` if none is open.
   */
  take(isFresh: boolean): UpstreamConnection | undefined {
    const last = this.#idle.at(-1);
    const now = performance.now();
    if (last === undefined || last.until <= now) return undefined;
    if (isFresh && last.since + FRESH < now) return undefined;
    this.#idle.pop();
    this.#schedule();
    last.connection.begin();
    return last.connection;
  }

  /**
   * Keeps a connection, or closes it if enough are idle.
   *
   * @param connection The connection. Its last response was read to the end.
   * @param seconds How long the upstream keeps it open; `undefined` if it doesn't say.
   */
  give(connection: UpstreamConnection, seconds: number | undefined): void {
    const time = Math.min(
      seconds === undefined ? IDLE_TIME : seconds - MARGIN,
      MAX_IDLE_TIME,
    );
    if (time <= 0 || this.#idle.length >= MAX_IDLE) return connection.close();
    const since = performance.now();
    const idle = { connection, since, until: since + time * 1000 };
    this.#idle.push(idle);
    connection.rest(() => this.#remove(idle));
    this.#schedule();
  }

  /** Closes all idle connections. */
  close(): void {
    for (const { connection } of this.#idle) connection.close();
    this.#idle = [];
    this.#schedule();
  }

  /** The upstream has closed an idle connection. */
  #remove(idle: Idle): void {
    const at = this.#idle.indexOf(idle);
    // A request has taken it: the read was the first of its response.
    if (at < 0) return;
    this.#idle.splice(at, 1);
    idle.connection.close();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#idle.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#sweep(), MARGIN * 1000);
      // Idle connections must not keep the process alive.
      Deno.unrefTimer(this.#timer);
    }
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = performance.now();
    const [kept, over] = [true, false].map((isKept) =>
      this.#idle.filter(({ until }) => (until > now) === isKept)
    );
    this.#idle = kept!;
    for (const { connection } of over!) connection.close();
    this.#schedule();
  }
}

/** The pools by upstream and trusted certificates. */
const pools = new Map<string, Pool>();

/**
 * Returns the pool for an upstream.
 *
 * @param upstream The upstream.
 * @param settings The certificates that its connections were checked with, and the time limit.
 * @returns The pool.
 */
export function poolOf(
  { name }: Upstream,
  { ca = "", timeout }: Pick<ProxySettings, "ca" | "timeout">,
): Pool {
  const key = `${name} ${timeout} ${ca}`;
  let pool = pools.get(key);
  if (pool === undefined) pools.set(key, pool = new Pool());
  return pool;
}

/** Closes the idle connections to all upstreams. */
export function closePools(): void {
  for (const pool of pools.values()) pool.close();
}

/**
 * Takes an idle connection to an upstream, or opens one.
 *
 * @param upstream The upstream.
 * @param settings The time limit, and the certificates to trust.
 * @param kind `"any"` idle connection, only one that is `"fresh"`, or always a `"new"` one.
 * @returns The connection.
 * @throws {UpstreamError} None can be opened.
 */
export async function takeConnection(
  upstream: Upstream,
  settings: Pick<ProxySettings, "ca" | "timeout">,
  kind: "any" | "fresh" | "new",
): Promise<UpstreamConnection> {
  const idle = kind === "new"
    ? undefined
    : poolOf(upstream, settings).take(kind === "fresh");
  return idle ?? await connect(upstream, settings);
}
