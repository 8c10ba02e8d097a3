// Readers and writers without sockets: sources that return their bytes in chosen pieces,
// and a sink that keeps the bytes written to it, as slowly or as badly as a test wants.

import { assertEquals } from "@std/assert";
import { type ByteSource, RequestReader } from "../../connection/reader.ts";
import { Lifecycle } from "../../connection/lifecycle.ts";
import type { ByteSink } from "../../connection/writer.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";

export { pureTest as test } from "../_lib/pure.ts";

/** Converts latin-1 text to bytes. */
export function bytes(text: string): Uint8Array {
  return encodeLatin1(text);
}

/** Converts bytes to latin-1 text. */
export function text(data: Uint8Array): string {
  return decodeLatin1(data);
}

/** A source that returns one piece per read, and then EOF. */
export class PieceSource implements ByteSource {
  readonly life = new Lifecycle();
  stopping = false;
  /** The number of reads. */
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

/** A source whose reads are settled one by one by a test. */
export class HandSource implements ByteSource {
  readonly life = new Lifecycle();
  stopping = false;
  timeout: number | null = null;
  /** The deadlines passed to the reads. */
  readonly limits: number[] = [];
  #into: Uint8Array | undefined;
  #settle: PromiseWithResolvers<number | null> | undefined;

  /** The number of pending reads: two would overwrite each other's bytes. */
  waiting = 0;

  read(into: Uint8Array, until = Infinity): Promise<number | null> {
    this.limits.push(until);
    this.waiting++;
    this.#into = into;
    this.#settle = Promise.withResolvers();
    return this.#settle.promise;
  }

  /** Settles the pending read with text. */
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

  /** Fails the pending read. */
  fail(error: unknown): void {
    this.waiting--;
    this.#settle!.reject(error);
  }
}

/** Data after the part under test, which must be left alone. */
export const TRAILING = "\r\nTRAILING 1\r\n\r\n";

/**
 * Reads with fresh readers: the whole input at once, byte by byte, and with
 * further data after it. All must have the same result.
 *
 * @param input The latin-1 text of all bytes to read.
 * @param use Reads from a reader.
 * @returns The result.
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
  assertEquals(await attempt([input + TRAILING]), whole, "with data after it");
  if ("value" in whole) return whole.value as T;
  throw new Error(`Expected a result: ${whole.error}`);
}

/** A sink that keeps the bytes written to it. */
export class MemorySink implements ByteSink {
  /** A copy of each write. */
  readonly writes: Uint8Array[] = [];
  /** The arrays themselves, not copies. */
  readonly given: Uint8Array[] = [];
  /** The most bytes that one write accepts. */
  most = Infinity;
  /** The error that the next write fails with. */
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

  /** Holds all writes until `open()`. */
  shut(): void {
    this.#gate = Promise.withResolvers();
  }

  /** Lets all writes through. */
  open(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** All bytes written, as latin-1 text. */
  get text(): string {
    return this.writes.map(text).join("");
  }
}

/** Waits for everything that needs no event from outside. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The state of a promise: its value, its error, or pending. */
export async function stateOf(
  promise: Promise<unknown>,
): Promise<"pending" | "fulfilled" | "rejected"> {
  let state: "pending" | "fulfilled" | "rejected" = "pending";
  promise.then(() => state = "fulfilled", () => state = "rejected");
  await settled();
  return state;
}
