// Imitates a slow network, for `--slow`: a token bucket for what each connection sends, and a
// delay before each response.

import type { Address, Connection } from "../connection/connection.ts";
import type { MaybePromise } from "../connection/files.ts";
import type { ThreadingHTTPServer } from "../server/http.ts";
import { repr } from "../text/repr.ts";
import { UsageError } from "./usage_error.ts";

/** The speed of a network. */
export interface Speed {
  /** Bytes per second and connection. */
  readonly rate: number;
  /** Milliseconds from a request to its response. */
  readonly latency: number;
}

/** Usual values for these networks: 1.6 and 9 Mbit/s. */
const NETWORKS: Readonly<Record<string, Speed>> = {
  "3g": { rate: 200_000, latency: 300 },
  "4g": { rate: 1_125_000, latency: 170 },
};

const UNITS = ["", "k", "m"];

/** The longest latency, in milliseconds: that of a client's patience. */
const MAX_LATENCY = 60_000;

/** How much may be sent at once, in seconds at the rate. */
const BURST = 0.1;

/** The time, which tests replace. */
export interface Clock {
  /** Milliseconds from any point in time. */
  now(): number;
  /** Waits this many milliseconds. */
  sleep(time: number): Promise<void>;
}

const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (time) => new Promise((resolve) => setTimeout(resolve, time)),
};

/**
 * Parses the value of `--slow`. Pure.
 *
 * @param text The text, such as "3g", "64k" or "64k,500".
 * @returns The speed.
 * @throws {SyntaxError} If it is malformed.
 */
export function parseSpeed(text: string): Speed {
  const known = NETWORKS[text.toLowerCase()];
  if (known !== undefined) return known;
  const [, digits, unit = "", delay = "0"] =
    /^([0-9]{1,9})([km]?)(?:,([0-9]{1,5}))?$/i.exec(text) ?? [];
  const rate = Number(digits) * 1024 ** UNITS.indexOf(unit.toLowerCase());
  const latency = Number(delay);
  if (rate >= 1 && latency <= MAX_LATENCY) return { rate, latency };
  throw new UsageError(
    `argument --slow: ${
      repr(text)
    } must be 3g, 4g, or RATE[,LATENCY] in bytes per second and milliseconds, such as 64k,500`,
  );
}

/** How many bytes may be sent by now. Pure. */
export class TokenBucket {
  readonly #rate: number;
  readonly #capacity: number;
  #tokens: number;
  #filled: number;

  /**
   * Creates a full bucket.
   *
   * @param rate Bytes per second.
   * @param now The time, in milliseconds.
   */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#capacity = Math.max(Math.floor(rate * BURST), 1);
    this.#tokens = this.#capacity;
    this.#filled = now;
  }

  /**
   * Takes as many bytes as are there.
   *
   * @param size How many are wanted.
   * @param now The time.
   * @returns How many may be sent; 0 for none.
   */
  take(size: number, now: number): number {
    const earned = (now - this.#filled) * this.#rate / 1000;
    this.#tokens = Math.min(this.#tokens + earned, this.#capacity);
    this.#filled = now;
    const taken = Math.min(size, Math.floor(this.#tokens));
    this.#tokens -= taken;
    return taken;
  }

  /**
   * Gives back bytes that were taken but not sent.
   *
   * @param size How many.
   */
  giveBack(size: number): void {
    this.#tokens = Math.min(this.#tokens + size, this.#capacity);
  }

  /**
   * How long to wait for bytes: few, but not a packet for each.
   *
   * @param size How many are wanted.
   * @returns The time in milliseconds, from the last `take()`.
   */
  delay(size: number): number {
    const missing = Math.min(size, this.#capacity) - this.#tokens;
    return Math.max(missing * 1000 / this.#rate, 1);
  }
}

/** The parts of a connection that carry its bytes. */
export type Carrier = Pick<Connection, "read" | "lookAhead" | "write">;

/**
 * Slows what a connection sends.
 *
 * @param connection The connection, whose methods are replaced.
 * @param speed The speed.
 * @param clock The time.
 */
export function slowDown(
  connection: Carrier,
  { rate, latency }: Speed,
  clock: Clock = CLOCK,
): void {
  const bucket = new TokenBucket(rate, clock.now());
  // Whether the client has sent something since the last write.
  let asked = false;
  const { read, lookAhead, write } = connection;
  const note = (size: number | null) => {
    if (size !== null) asked = true;
    return size;
  };
  Object.assign(connection, {
    read: (...args: Parameters<Carrier["read"]>) =>
      read.apply(connection, args).then(note),
    lookAhead: (...args: Parameters<Carrier["lookAhead"]>) =>
      lookAhead.apply(connection, args).then(note),
    async write(bytes: Uint8Array): Promise<number> {
      if (asked && latency > 0) await clock.sleep(latency);
      asked = false;
      let allowed = bucket.take(bytes.length, clock.now());
      while (allowed === 0 && bytes.length > 0) {
        await clock.sleep(bucket.delay(bytes.length));
        allowed = bucket.take(bytes.length, clock.now());
      }
      const part = bytes.subarray(0, allowed);
      const written = await write.call(connection, part);
      bucket.giveBack(allowed - written);
      return written;
    },
  });
}

/**
 * Creates a server class whose connections are slow.
 *
 * @typeParam Base The class.
 * @param Server The class to extend.
 * @param speed The speed.
 * @returns The subclass.
 */
export function slowServer<Base extends typeof ThreadingHTTPServer>(
  Server: Base,
  speed: Speed,
): Base {
  // deno-lint-ignore no-explicit-any -- required for mixin base classes (TS2545).
  const Any = Server as any as new (...args: any[]) => ThreadingHTTPServer;
  class SlowServer extends Any {
    override get_request(): MaybePromise<[Connection, Address]> {
      const next = super.get_request();
      return next instanceof Promise ? next.then(slowed) : slowed(next);
    }
  }
  function slowed(next: [Connection, Address]): [Connection, Address] {
    slowDown(next[0], speed);
    return next;
  }
  return SlowServer as unknown as Base;
}
