// Compresses files on request: each once, a few at a time, and cached.

import { concat } from "@std/bytes/concat";
import type { ByteBudget } from "../../../cache/byte_budget.ts";
import { ByteLru } from "../../../cache/byte_lru.ts";
import { type Coding, Encoder, Pace, slicesOf } from "./compression_encoder.ts";
import { Slots } from "./slots.ts";
import { type CompressedBody, CompressedStream } from "./compression_stream.ts";

/** The largest file that is compressed as a whole and cached, in bytes; larger ones are compressed while they are sent. */
export const MAX_SOURCE = 8 * 1024 * 1024;

/** The limits of a `CompressionCache`; tests can set others. */
export interface CompressionBounds {
  /**
   * How many files are compressed as a whole at once. It all happens on one thread, so more
   * would not be faster; the second keeps small files from waiting for a large one.
   */
  readonly concurrency: number;
  /**
   * How many files are compressed while they are sent at once. They have separate slots,
   * because a slow client occupies one for as long as it likes. Each holds a compressor
   * with a window of at most 8 MiB.
   */
  readonly streams: number;
}

const CONCURRENCY = 2;
const STREAMS = 4;

const BOUNDS: CompressionBounds = Object.freeze({
  concurrency: CONCURRENCY,
  streams: STREAMS,
});

/** How many files may wait: those of a large page. For further ones, the plain file is faster. */
const MAX_QUEUE = 64;

/** Compresses files, and caches the results. */
export class CompressionCache {
  readonly #slots: Slots;
  readonly #streams: Slots;
  readonly #pace = new Pace();
  /** `null` if compression doesn't make the file smaller. */
  readonly #entries: ByteLru<Uint8Array<ArrayBuffer> | null>;
  readonly #jobs = new Map<
    string,
    Promise<Uint8Array<ArrayBuffer> | undefined>
  >();

  /**
   * Creates an empty cache.
   *
   * @param budget How many bytes of compressed files are cached.
   * @param bounds The limits.
   */
  constructor(budget: ByteBudget, bounds: Partial<CompressionBounds> = {}) {
    const { concurrency, streams } = { ...BOUNDS, ...bounds };
    this.#entries = new ByteLru(budget);
    this.#slots = new Slots(concurrency, MAX_QUEUE);
    this.#streams = new Slots(streams, 0);
  }

  /**
   * Looks up a compressed file.
   *
   * @param key The file's path, its state and the coding, in one string.
   * @returns The compressed bytes, which must not be changed; `undefined` if they are not cached.
   */
  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#entries.get(key) ?? undefined;
  }

  /**
   * Compresses a file unless it is cached. Concurrent calls with the same key share the work, if
   * it identifies the content.
   *
   * @param key The file's path, its state and the coding, in one string.
   * @param coding One of `availableCodings()`.
   * @param read Reads the file's content, which must not change afterwards; called when it is its turn.
   * @param keep Whether the key permanently identifies this content, so the result can be cached and
   * shared. Otherwise a call that comes after a change could get the content before it.
   * @returns The compressed bytes, which must not be changed; `undefined` to send the plain
   * file, because compression doesn't make it smaller or too many files wait.
   * @throws {Error} `read` or the compressor failed; the next call tries again.
   */
  compress(
    key: string,
    coding: Coding,
    read: () => Promise<Uint8Array<ArrayBuffer>>,
    keep: boolean = true,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const known = keep ? this.#entries.get(key) : undefined;
    if (known !== undefined) return Promise.resolve(known ?? undefined);
    const running = keep ? this.#jobs.get(key) : undefined;
    if (running !== undefined) return running;
    const turn = this.#slots.take();
    if (turn === undefined) return Promise.resolve(undefined);
    const job = this.#run(turn, key, coding, read, keep);
    if (!keep) return job;
    const shared = job.finally(() => this.#jobs.delete(key));
    this.#jobs.set(key, shared);
    return shared;
  }

  /**
   * Compresses a file while it is sent, in bounded memory. The stream occupies a slot until
   * it ends: read it to its end, or call `return()`.
   *
   * @param coding One of `availableCodings()`.
   * @param source The content, in blocks. A block must not change until the next one is requested.
   * @returns The compressed bytes in pieces; `undefined` if no slot is free. `source` is then not read.
   */
  compressStream(
    coding: Coding,
    source: AsyncIterable<Uint8Array>,
  ): CompressedBody | undefined {
    if (!this.#streams.tryTake()) return undefined;
    return new CompressedStream({
      coding,
      source,
      pace: this.#pace,
      release: () => this.#streams.release(),
    });
  }

  async #run(
    turn: Promise<void>,
    key: string,
    coding: Coding,
    read: () => Promise<Uint8Array<ArrayBuffer>>,
    keep: boolean,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    await turn;
    try {
      const content = await read();
      const bytes = await shrink(content, coding, this.#pace);
      if (keep) this.#entries.set(key, bytes, bytes?.length ?? 0);
      return bytes ?? undefined;
    } finally {
      this.#slots.release();
    }
  }
}

/** Compresses bytes; `null` as soon as the result is certain not to be smaller. */
async function shrink(
  content: Uint8Array<ArrayBuffer>,
  coding: Coding,
  pace: Pace,
): Promise<Uint8Array<ArrayBuffer> | null> {
  using encoder = new Encoder(coding, pace);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const take = (more: Uint8Array[]) => {
    for (const piece of more) {
      pieces.push(piece);
      length += piece.length;
    }
    return length < content.length;
  };
  for (const slice of slicesOf(content)) {
    if (!take(await encoder.write(slice))) return null;
  }
  // Copy to an array of the exact size: those of the compressor have spare room.
  return take(await encoder.finish()) ? concat(pieces) : null;
}
