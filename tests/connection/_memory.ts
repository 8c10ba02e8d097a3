// Readers and writers without sockets: a source that gives its bytes in chosen pieces,
// and a sink that keeps what it is given, as slowly or as badly as a test wants.

import { assertEquals } from "@std/assert";
import { type ByteSource, RequestReader } from "../../connection/reader.ts";
import { Lifecycle } from "../../connection/lifecycle.ts";
import type { ByteSink } from "../../connection/writer.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";

/** Names a test that needs no permission, leaves nothing behind and ends within a bounded time. */
export function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({
    name,
    fn,
    permissions: "none",
    sanitizeOps: true,
    sanitizeResources: true,
    timeout: 20_000,
  });
}

/** Bytes of latin-1 text. */
export function bytes(text: string): Uint8Array {
  return encodeLatin1(text);
}

/** The latin-1 text of bytes. */
export function text(data: Uint8Array): string {
  return decodeLatin1(data);
}

/** A source that gives one piece a read, and then the end. */
export class PieceSource implements ByteSource {
  readonly life = new Lifecycle();
  stopping = false;
  /** How many reads it answered. */
  reads = 0;
  #pieces: Uint8Array[];

  constructor(pieces: Iterable<string | Uint8Array>) {
    this.#pieces = [...pieces].map((piece) =>
      typeof piece === "string" ? bytes(piece) : piece
    );
  }

  read(into: Uint8Array): Promise<number | null> {
    this.reads++;
    const piece = this.#pieces.shift();
    if (piece === undefined) return Promise.resolve(null);
    const size = Math.min(piece.length, into.length);
    into.set(piece.subarray(0, size));
    if (size < piece.length) this.#pieces.unshift(piece.subarray(size));
    return Promise.resolve(size);
  }
}

/** A source of which a test feeds each read by hand. */
export class HandSource implements ByteSource {
  readonly life = new Lifecycle();
  stopping = false;
  timeout: number | null = null;
  /** The moments that the reads gave as their limits. */
  readonly limits: number[] = [];
  #into: Uint8Array | undefined;
  #settle: PromiseWithResolvers<number | null> | undefined;

  /** How many reads wait: more than one would write over each other's bytes. */
  waiting = 0;

  read(into: Uint8Array, until = Infinity): Promise<number | null> {
    this.limits.push(until);
    this.waiting++;
    this.#into = into;
    this.#settle = Promise.withResolvers();
    return this.#settle.promise;
  }

  /** Gives text to the read that waits. */
  give(piece: string): void {
    this.waiting--;
    this.#into!.set(bytes(piece));
    this.#settle!.resolve(piece.length);
  }

  /** Ends the stream. */
  end(): void {
    this.waiting--;
    this.#settle!.resolve(null);
  }

  /** Fails the read that waits. */
  fail(error: unknown): void {
    this.waiting--;
    this.#settle!.reject(error);
  }
}

/** What stands behind the part under test, and must be left alone. */
export const TRAILING = "\r\nTRAILING 1\r\n\r\n";

/**
 * Reads with fresh readers: from the whole input at once, byte by byte, and with
 * further data behind it. All must come to the same.
 *
 * @param input The latin-1 text of all bytes that belong to it.
 * @param use What to do with a reader.
 * @returns What it came to.
 */
export async function readThreeWays<T>(
  input: string,
  use: (reader: RequestReader) => Promise<T>,
): Promise<T> {
  const attempt = async (pieces: Iterable<string>) => {
    try {
      return {
        value: await use(new RequestReader(new PieceSource(pieces))),
      };
    } catch (error) {
      return { error: String(error) };
    }
  };
  const whole = await attempt([input]);
  assertEquals(await attempt(input), whole, "byte by byte");
  assertEquals(await attempt([input + TRAILING]), whole, "with data behind it");
  if ("value" in whole) return whole.value as T;
  throw new Error(`Expected a result: ${whole.error}`);
}

/** A sink that keeps what it is given. */
export class MemorySink implements ByteSink {
  /** A copy of each write. */
  readonly writes: Uint8Array[] = [];
  /** The very arrays that were given. */
  readonly given: Uint8Array[] = [];
  /** The most bytes that one write takes. */
  most = Infinity;
  /** What the next write fails with. */
  error: unknown;
  #gate: PromiseWithResolvers<void> | undefined;

  async write(data: Uint8Array): Promise<number> {
    await this.#gate?.promise;
    if (this.error !== undefined) throw this.error;
    const size = Math.min(this.most, data.length);
    this.writes.push(data.slice(0, size));
    this.given.push(data);
    return size;
  }

  /** Lets no write through until `open()`. */
  shut(): void {
    this.#gate = Promise.withResolvers();
  }

  /** Lets all writes through. */
  open(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** All that came, as latin-1 text. */
  get text(): string {
    return this.writes.map(text).join("");
  }
}

/** Lets everything happen that needs no event from outside. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What a promise has come to, if it has. */
export async function stateOf(
  promise: Promise<unknown>,
): Promise<"pending" | "fulfilled" | "rejected"> {
  let state: "pending" | "fulfilled" | "rejected" = "pending";
  promise.then(() => state = "fulfilled", () => state = "rejected");
  await settled();
  return state;
}
