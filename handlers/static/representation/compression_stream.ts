// A body that is compressed while it is sent, for files that are too large to cache.

import {
  type Coding,
  Encoder,
  type Pace,
  slicesOf,
} from "./compression_encoder.ts";

/** A body in compressed pieces. Read it to its end, or call `return()`. */
export interface CompressedBody
  extends AsyncIterableIterator<Uint8Array, undefined>, AsyncDisposable {
  /** Ends the stream early, and frees its resources. */
  return(): Promise<IteratorResult<Uint8Array, undefined>>;
}

/** The parts of a compressed stream. */
export interface CompressedStreamParts {
  /** The coding. */
  readonly coding: Coding;
  /** The content. The next block is requested only when the last one is used up. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Limits the thread's time. */
  readonly pace: Pace;
  /** Called once, when the compressor is no longer used. */
  readonly release: () => void;
}

/**
 * The compressed bytes, in pieces. Nothing is read or compressed ahead of demand. It ends,
 * and frees its resources, at the end of the source, if the source or the compressor fails,
 * and with `return()`, which leaving a `for await` calls.
 */
export class CompressedStream implements CompressedBody {
  readonly #parts: CompressedStreamParts;
  readonly #pieces: AsyncGenerator<Uint8Array, undefined>;
  #started = false;

  /**
   * Creates a stream, without reading the source yet.
   *
   * @param parts The parts.
   */
  constructor(parts: CompressedStreamParts) {
    this.#parts = parts;
    this.#pieces = this.#compress();
  }

  /**
   * Reads and compresses until there is output.
   *
   * @returns The next piece; the stream does not reuse it.
   * @throws {Error} The source or the compressor failed.
   */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#started = true;
    return await this.#pieces.next();
  }

  /**
   * Ends the stream early, after the piece in progress.
   *
   * @returns The end.
   * @throws {Error} Ending the source failed.
   */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const end = this.#pieces.return(undefined);
    // A generator that has not started does not run its `finally`.
    if (!this.#started) {
      this.#started = true;
      await this.#free(this.#parts.source[Symbol.asyncIterator]());
    }
    return await end;
  }

  /** Returns the stream. */
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
