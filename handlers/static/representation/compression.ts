// Compressing files as they are asked for: each one once, a few at a time, and kept.

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

/** What a `CompressionCache` may use. */
export interface CompressionCacheOptions {
  /**
   * How many bytes of compressed files are kept.
   *
   * @default {67_108_864}
   */
  maxBytes?: number;
  /**
   * The largest file that is compressed as a whole and kept, in bytes; larger ones are
   * for `compressStream()`.
   *
   * @default {8_388_608}
   */
  maxSource?: number;
  /**
   * How many files are compressed as a whole at once. All of it happens on one thread, so
   * that more would be no faster; a second one keeps a small file from waiting for a large
   * one.
   *
   * @default {2}
   */
  concurrency?: number;
  /**
   * How many files are compressed at once while they are sent. They have places of their
   * own, as a client that reads slowly keeps one for as long as it likes; each holds a
   * compressor with its window, of 8 MiB at most.
   *
   * @default {4}
   */
  streams?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_MAX_SOURCE = 8 * 1024 * 1024;
const DEFAULT_CONCURRENCY = 2;
const DEFAULT_STREAMS = 4;

/** How many files may wait: the parts of a large page. The clients of further ones are better off with the plain file now. */
const MAX_QUEUE = 64;

/** What an entry takes besides its bytes and key, and all that one for a file that compression can't shrink takes. */
const ENTRY_OVERHEAD = 256;

/** The compressed form of files, made when it is first asked for. */
export class CompressionCache {
  readonly #maxBytes: number;
  readonly #maxSource: number;
  readonly #slots: Slots;
  readonly #streams: Slots;
  readonly #pace = new Pace();
  /** The one used last comes last; `null` where the file can't be made smaller. */
  readonly #entries = new Map<string, Uint8Array<ArrayBuffer> | null>();
  readonly #jobs = new Map<
    string,
    Promise<Uint8Array<ArrayBuffer> | undefined>
  >();
  #total = 0;

  /**
   * Makes a cache, empty.
   *
   * @param options What it may use.
   * @throws {RangeError} When `concurrency` or `streams` is not a positive whole number.
   */
  constructor(options: CompressionCacheOptions = {}) {
    const { concurrency = DEFAULT_CONCURRENCY, streams = DEFAULT_STREAMS } =
      options;
    for (const [name, count] of Object.entries({ concurrency, streams })) {
      if (!Number.isSafeInteger(count) || count < 1) {
        throw new RangeError(
          `Cannot make a compression cache: ${name} is ${count}`,
        );
      }
    }
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#maxSource = options.maxSource ?? DEFAULT_MAX_SOURCE;
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
    const bytes = this.#entries.get(key);
    if (bytes === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, bytes);
    return bytes ?? undefined;
  }

  /**
   * Compresses a file, unless that is done already; all who ask while it is being done share it.
   *
   * @param key The file's path, its validator and the coding, in one string.
   * @param coding One of `availableCodings()`.
   * @param read Gives the file's content, which must not change any more; called when its turn comes.
   * @param keep Whether the key is sure to stand for this content for good.
   * @returns The compressed bytes, which must not be changed; or `undefined`, and the file
   * is better sent as it is: compressed it would not be smaller, it is larger than
   * `maxSource`, or too many others wait.
   * @throws {Error} What `read` threw or the compressor failed with; the next call tries again.
   */
  compress(
    key: string,
    coding: Coding,
    read: () => Promise<Uint8Array<ArrayBuffer>>,
    keep: boolean = true,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const known = this.#entries.has(key);
    if (known) return Promise.resolve(this.get(key));
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
   * ends: whoever gets a stream reads it to its end, or calls `return()`, or aborts the
   * signal.
   *
   * @param coding One of `availableCodings()`.
   * @param source What to compress, in blocks. A block must not change until the next one is asked for.
   * @param signal Ends the stream early.
   * @returns The compressed bytes in pieces, or `undefined` where no place is free; `source` is not touched then.
   */
  compressStream(
    coding: Coding,
    source: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): CompressedBody | undefined {
    if (!this.#streams.tryTake()) return undefined;
    return new CompressedStream({
      coding,
      source,
      signal,
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
      const bytes = content.length > this.#maxSource
        ? null
        : await shrink(content, coding, this.#pace);
      if (keep) this.#keep(key, bytes);
      return bytes ?? undefined;
    } finally {
      this.#slots.release();
    }
  }

  /** Keeps an entry; those not used for the longest time make room. */
  #keep(key: string, bytes: Uint8Array<ArrayBuffer> | null): void {
    if (cost(key, bytes) > this.#maxBytes) return;
    this.#entries.set(key, bytes);
    this.#total += cost(key, bytes);
    for (const [oldest, old] of this.#entries) {
      if (this.#total <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#total -= cost(oldest, old);
    }
  }
}

function cost(key: string, bytes: Uint8Array<ArrayBuffer> | null): number {
  return (bytes?.length ?? 0) + 2 * key.length + ENTRY_OVERHEAD;
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
  return take(await encoder.finish()) ? concat(pieces, length) : null;
}

/** One array for all, of just the size: the compressors' own have room to spare. */
function concat(
  pieces: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
