// A body that is compressed while it is sent, for files too large to be kept in memory.

import {
  type Coding,
  Encoder,
  type Pace,
  slicesOf,
} from "./compression_encoder.ts";

/** A body in compressed pieces; whoever got it reads it to its end or ends it early. */
export interface CompressedBody
  extends AsyncIterableIterator<Uint8Array, undefined>, AsyncDisposable {
  /** Ends it early, and frees all it has. */
  return(): Promise<IteratorResult<Uint8Array, undefined>>;
}

/** What a compressed stream is made of. */
export interface CompressedStreamParts {
  /** The coding. */
  readonly coding: Coding;
  /** What to compress. A block is asked for only when the last one is used up. */
  readonly source: AsyncIterable<Uint8Array>;
  /** What the work shares the thread's time with. */
  readonly pace: Pace;
  /** Called once, when the compressor is no longer used. */
  readonly release: () => void;
}

/**
 * The compressed bytes, in pieces. Nothing is read or compressed ahead of what is asked
 * for. It ends, and frees all it has, when everything was read, when the source or the
 * compressor fails, and with `return()`, which leaving a `for await` calls.
 */
export class CompressedStream implements CompressedBody {
  readonly #parts: CompressedStreamParts;
  readonly #pieces: AsyncGenerator<Uint8Array, undefined>;
  #started = false;

  /**
   * Makes a stream; the source is not read yet.
   *
   * @param parts What it is made of.
   */
  constructor(parts: CompressedStreamParts) {
    this.#parts = parts;
    this.#pieces = this.#compress();
  }

  /**
   * Reads and compresses until there is something to send.
   *
   * @returns The next piece; the stream does not use it again.
   * @throws {Error} What the source threw, what the compressor failed with.
   */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#started = true;
    return await this.#pieces.next();
  }

  /**
   * Ends the stream early. A piece that is being made is waited for.
   *
   * @returns The end.
   * @throws {Error} What the source threw as it was ended.
   */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const end = this.#pieces.return(undefined);
    // A generator that has not begun does not come to its `finally`.
    if (!this.#started) {
      this.#started = true;
      await this.#free(this.#parts.source[Symbol.asyncIterator]());
    }
    return await end;
  }

  /** Gives itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream early. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async *#compress(): AsyncGenerator<Uint8Array, undefined> {
    const { coding, pace } = this.#parts;
    const blocks = this.#parts.source[Symbol.asyncIterator]();
    try {
      using encoder = new Encoder(coding, pace);
      for (;;) {
        const block = await blocks.next();
        if (block.done) break;
        for (const slice of slicesOf(block.value)) {
          yield* await encoder.write(slice);
        }
      }
      yield* await encoder.finish();
    } finally {
      await this.#free(blocks);
    }
  }

  async #free(blocks: AsyncIterator<Uint8Array>): Promise<void> {
    this.#parts.release();
    await blocks.return?.();
  }
}
