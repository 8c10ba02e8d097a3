// The runtime's compressors, one slice at a time. Its asynchronous APIs, such as
// `CompressionStream`, do all their work on the thread that serves requests without
// yielding, so slicing and pausing is done here.

import type { Transform } from "node:stream";

/** A content coding that files are compressed with (RFC 9110 §8.4.1, RFC 7932, RFC 8878). */
export type Coding = "br" | "gzip" | "zstd";

/** How much is compressed between looks at the clock, in bytes: about a millisecond's work. */
const SLICE = 16 * 1024;

/** How long compression may block other requests, in milliseconds, plus the current slice. */
const WORK_TIME = 2;

/**
 * The levels. For source code and JSON each comes close to the coding's best result, at a
 * speed that is hardly noticeable on a fast line.
 */
const GZIP_LEVEL = 6;
const BROTLI_QUALITY = 5;
const ZSTD_LEVEL = 6;

/** log2 of the window size. With Brotli's default, 22, some slices take over 30 ms. */
const BROTLI_WINDOW = 19;

/** log2 of the window size: the default of level 6, below the 8 MiB that clients must support (RFC 9659 §3). */
const ZSTD_WINDOW = 21;

let available: readonly Coding[] | undefined;

/**
 * Returns the codings that this runtime supports.
 *
 * The first call loads `node:zlib`, which blocks the thread for 30 ms or more.
 *
 * @returns The codings, best first: zstd is as small as Brotli in half the time, and every client supports gzip.
 */
export function availableCodings(): readonly Coding[] {
  if (available === undefined) {
    const zlib = nodeZlib();
    const codings: Coding[] = [];
    if (typeof zlib.createZstdCompress === "function") codings.push("zstd");
    if (typeof zlib.createBrotliCompress === "function") codings.push("br");
    codings.push("gzip");
    available = Object.freeze(codings);
  }
  return available;
}

/** Limits compression to about half of the thread's time, for any number of files. */
export class Pace {
  #worked = 0;
  #rest: Promise<void> | undefined;

  /**
   * Adds to the work since the last pause.
   *
   * @param time How long it took, in milliseconds.
   */
  add(time: number): void {
    this.#worked += time;
  }

  /**
   * Pauses, if it is time to, for as long as the work took.
   *
   * @returns A promise that is fulfilled when work may continue.
   */
  async turn(): Promise<void> {
    if (this.#worked >= WORK_TIME) this.#rest ??= this.#pause(this.#worked);
    // Just before this one resumed, another may have caused the next pause.
    while (this.#rest !== undefined) await this.#rest;
  }

  async #pause(time: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, time));
    this.#worked = 0;
    this.#rest = undefined;
  }
}

/** Compresses one body. Close it. */
export class Encoder implements Disposable {
  readonly #stream: Transform;
  readonly #pace: Pace;
  #pieces: Uint8Array[] = [];
  /** Rejects the running call. */
  #reject: ((reason: unknown) => void) | undefined;
  #fault: { readonly reason: unknown } | undefined;

  /**
   * Creates a compressor.
   *
   * @param coding One of `availableCodings()`.
   * @param pace Limits the thread's time; shared with other compressors.
   * @throws {TypeError} The runtime doesn't support the coding.
   */
  constructor(coding: Coding, pace: Pace) {
    if (!availableCodings().includes(coding)) {
      throw new TypeError(
        `Cannot compress: this runtime does not support ${coding}`,
      );
    }
    this.#pace = pace;
    this.#stream = createStream(coding);
    this.#stream.on("data", (piece: Uint8Array) => this.#pieces.push(piece));
    this.#stream.on("error", (reason: unknown) => this.#fail(reason));
  }

  /**
   * Compresses a slice. Await it before the next call.
   *
   * @param slice At most `SLICE` bytes, which must not change meanwhile.
   * @returns The output so far; empty while the compressor buffers.
   * @throws {Error} The compressor failed.
   */
  async write(slice: Uint8Array): Promise<Uint8Array[]> {
    await this.#pace.turn();
    return this.#work((done) =>
      this.#stream.write(slice, (error) => {
        // A failure is reported by the stream's "error" event.
        if (!error) done();
      })
    );
  }

  /**
   * Ends the body.
   *
   * @returns The last bytes.
   * @throws {Error} The compressor failed.
   */
  async finish(): Promise<Uint8Array[]> {
    await this.#pace.turn();
    return this.#work((done) => {
      this.#stream.once("end", done);
      this.#stream.end();
    });
  }

  /** Frees the compressor, and rejects running calls. Can be called more than once. */
  close(): void {
    this.#fail(new TypeError("Cannot compress: the compressor is closed"));
    this.#stream.destroy();
  }

  /** Frees the compressor. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Rejects the running call, or the next one. */
  #fail(reason: unknown): void {
    this.#fault ??= { reason };
    this.#reject?.(reason);
  }

  async #work(start: (done: () => void) => void): Promise<Uint8Array[]> {
    if (this.#fault !== undefined) throw this.#fault.reason;
    const began = performance.now();
    await new Promise<void>((resolve, reject) => {
      this.#reject = reject;
      start(resolve);
    });
    this.#reject = undefined;
    this.#pace.add(performance.now() - began);
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

/**
 * Cuts a block into slices, without copying.
 *
 * @param block The block.
 * @returns Its slices, in order.
 */
export function* slicesOf(block: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < block.length; at += SLICE) {
    yield block.subarray(at, at + SLICE);
  }
}

function createStream(coding: Coding): Transform {
  const zlib = nodeZlib();
  const { constants } = zlib;
  switch (coding) {
    case "gzip":
      return zlib.createGzip({ level: GZIP_LEVEL });
    case "br":
      return zlib.createBrotliCompress({
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW,
        },
      });
    case "zstd":
      return zlib.createZstdCompress({
        params: {
          [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
          [constants.ZSTD_c_windowLog]: ZSTD_WINDOW,
        },
      });
  }
}

/** Loaded on demand, not at startup: it takes as long as starting an empty program. */
function nodeZlib(): typeof import("node:zlib") {
  return globalThis.process.getBuiltinModule("node:zlib");
}
