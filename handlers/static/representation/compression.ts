// Compressing files as they are asked for: each one once, a few at a time, and kept.

import { concat } from "@std/bytes/concat";
import { ByteLru } from "../../../cache/byte_lru.ts";
import {
  availableCodings,
  type Coding,
  Encoder,
  Pace,
  slicesOf,
} from "./compression_encoder.ts";
import { Slots } from "./slots.ts";
import { type CompressedBody, CompressedStream } from "./compression_stream.ts";

export { availableCodings, type Coding, type CompressedBody };

/** The largest file that is compressed as a whole and cached, in bytes; larger ones are compressed while they are sent. */
export const MAX_SOURCE = 8 * 1024 * 1024;

/** The bounds of a `CompressionCache`; a test may set others. */
export interface CompressionBounds {
  /** How many bytes of compressed files are cached. */
  readonly maxBytes: number;
  /**
   * How many files are compressed as a whole at once. All of it happens on one thread, so more
   * would be no faster; a second one keeps a small file from waiting for a large one.
   */
  readonly concurrency: number;
  /**
   * How many files are compressed at once while they are sent. They have slots of their own,
   * because a client that reads slowly keeps one as long as it likes; each holds a compressor
   * with its window, of 8 MiB at most.
   */
  readonly streams: number;
}

const MAX_CACHED = 64 * 1024 * 1024;
const CONCURRENCY = 2;
const STREAMS = 4;

const BOUNDS: CompressionBounds = Object.freeze({
  maxBytes: MAX_CACHED,
  concurrency: CONCURRENCY,
  streams: STREAMS,
});

/** How many files may wait: the parts of a large page. The clients of further ones are better off with the plain file now. */
const MAX_QUEUE = 64;

/** The compressed form of files, made when it is first asked for. */
export class CompressionCache {
  readonly #slots: Slots;
  readonly #streams: Slots;
  readonly #pace = new Pace();
  /** `null` for a file that compression doesn't make smaller. */
  readonly #entries: ByteLru<Uint8Array<ArrayBuffer> | null>;
  readonly #jobs = new Map<
    string,
    Promise<Uint8Array<ArrayBuffer> | undefined>
  >();

  /**
   * Makes an empty cache.
   *
   * @param bounds What it may use.
   */
  constructor(bounds: Partial<CompressionBounds> = {}) {
    const { maxBytes, concurrency, streams } = { ...BOUNDS, ...bounds };
    this.#entries = new ByteLru(maxBytes);
    this.#slots = new Slots(concurrency, MAX_QUEUE);
    this.#streams = new Slots(streams, 0);
  }

  /**
   * Looks a file up.
   *
   * @param key The file's path, its validator and the coding, in one string.
   * @returns The compressed bytes, which must not be changed, or `undefined` where there are none.
   */
  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#entries.get(key) ?? undefined;
  }

  /**
   * Compresses a file, unless that is done already; all who ask while it is being done share it.
   *
   * @param key The file's path, its validator and the coding, in one string.
   * @param coding One of `availableCodings()`.
   * @param read Gives the file's content, which must not change any more; called when its turn comes.
   * @param keep Whether the key is sure to stand for this content for good.
   * @returns The compressed bytes, which must not be changed; or `undefined`, and the file
   * is better sent as it is: compressed it would not be smaller, or too many others wait.
   * @throws {Error} What `read` threw or the compressor failed with; the next call tries again.
   */
  compress(
    key: string,
    coding: Coding,
    read: () => Promise<Uint8Array<ArrayBuffer>>,
    keep: boolean = true,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const known = this.#entries.get(key);
    if (known !== undefined) return Promise.resolve(known ?? undefined);
    const running = this.#jobs.get(key);
    if (running !== undefined) return running;
    const turn = this.#slots.take();
    if (turn === undefined) return Promise.resolve(undefined);
    const job = this.#run(turn, key, coding, read, keep)
      .finally(() => this.#jobs.delete(key));
    this.#jobs.set(key, job);
    return job;
  }

  /**
   * Compresses a file while it is sent, in bounded memory. It takes a place until it
   * ends: whoever gets a stream reads it to its end, or calls `return()`.
   *
   * @param coding One of `availableCodings()`.
   * @param source What to compress, in blocks. A block must not change until the next one is asked for.
   * @returns The compressed bytes in pieces, or `undefined` where no place is free; `source` is not touched then.
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

/** Compresses bytes; `null` where the result isn't smaller, and as soon as that is certain. */
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
  // One array of just the size: the compressors' own have room to spare.
  return take(await encoder.finish()) ? concat(pieces) : null;
}
