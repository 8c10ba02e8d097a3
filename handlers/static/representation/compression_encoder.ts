// The runtime's compressors, a slice at a time. The runtime's own asynchronous calls, like
// `CompressionStream`, do all their work on the thread that serves requests and take no
// turn in between, so the slices and the rests between them are made here.

import type { Transform } from "node:stream";

/** A content coding that files are compressed with (RFC 9110 8.4.1, RFC 7932, RFC 8878). */
export type Coding = "br" | "gzip" | "zstd";

/** How much is compressed without a look at the clock, in bytes: a millisecond or less for most content. */
export const SLICE = 16 * 1024;

/** How long compressing may keep other requests waiting, in milliseconds; the slice that runs is finished. */
const WORK_TIME = 2;

/**
 * The levels: on source code and JSON each of them comes close to the best its coding
 * can do, at a speed that a client on a fast line hardly notices.
 */
const GZIP_LEVEL = 6;
const BROTLI_QUALITY = 5;
const ZSTD_LEVEL = 6;

/** log2 of the window in bytes. With Brotli's default, 22, single slices take 30 ms and more. */
const BROTLI_WINDOW = 19;

/** log2 of the window in bytes: what level 6 has by itself, and below the 8 MiB that clients must take (RFC 9659 3). */
const ZSTD_WINDOW = 21;

let available: readonly Coding[] | undefined;

/**
 * The codings that this runtime can make.
 *
 * The first call loads the runtime's `node:zlib`, which holds the thread for 30 ms and more; later ones cost nothing.
 *
 * @returns The codings, best first: zstd is as small as Brotli in half the time, and gzip is what everyone reads.
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

/** Sees to it that compressing takes about half of the thread's time at most, whatever number of files it is for. */
export class Pace {
  #worked = 0;
  #rest: Promise<void> | undefined;

  /**
   * Adds to the work that was done since the last rest.
   *
   * @param time How long it took, in milliseconds.
   */
  add(time: number): void {
    this.#worked += time;
  }

  /**
   * Waits, if it is time to: for as long as was worked.
   *
   * @returns A promise that is fulfilled when work may go on.
   */
  async turn(): Promise<void> {
    if (this.#worked >= WORK_TIME) this.#rest ??= this.#pause(this.#worked);
    // Another one may have worked on, and brought on the next rest, just before this one awoke.
    while (this.#rest !== undefined) await this.#rest;
  }

  async #pause(time: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, time));
    this.#worked = 0;
    this.#rest = undefined;
  }
}

/** Compresses one body. Whoever made it closes it. */
export class Encoder implements Disposable {
  readonly #stream: Transform;
  readonly #pace: Pace;
  #pieces: Uint8Array[] = [];
  /** Rejects the call that runs. */
  #reject: ((reason: unknown) => void) | undefined;
  #fault: { readonly reason: unknown } | undefined;

  /**
   * Makes a compressor.
   *
   * @param coding One of `availableCodings()`.
   * @param pace What it shares the thread's time with.
   * @throws {TypeError} When the runtime can't make the coding.
   */
  constructor(coding: Coding, pace: Pace) {
    if (!availableCodings().includes(coding)) {
      throw new TypeError(`Cannot compress: this runtime has no ${coding}`);
    }
    this.#pace = pace;
    this.#stream = createStream(coding);
    this.#stream.on("data", (piece: Uint8Array) => this.#pieces.push(piece));
    this.#stream.on("error", (reason: unknown) => this.#fail(reason));
  }

  /**
   * Compresses on; wait for it before the next call.
   *
   * @param slice What to compress, `SLICE` bytes at most. It must not change meanwhile.
   * @returns What came out, which is nothing as long as the compressor gathers.
   * @throws {Error} What the compressor failed with.
   */
  async write(slice: Uint8Array): Promise<Uint8Array[]> {
    await this.#pace.turn();
    return this.#work((done) =>
      this.#stream.write(slice, (error) => {
        // What failed is told by the stream's own event.
        if (!error) done();
      })
    );
  }

  /**
   * Ends the body.
   *
   * @returns The last bytes.
   * @throws {Error} What the compressor failed with.
   */
  async finish(): Promise<Uint8Array[]> {
    await this.#pace.turn();
    return this.#work((done) => {
      this.#stream.once("end", done);
      this.#stream.end();
    });
  }

  /** Frees the compressor, and fails the calls that still run. Further calls do nothing. */
  close(): void {
    this.#fail(new TypeError("Cannot compress: the compressor is closed"));
    this.#stream.destroy();
  }

  /** Frees the compressor. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The call that runs, or the next one, tells of a failure. */
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

/** Loaded when it is needed and not at the start: it takes as long as starting an empty program does. */
function nodeZlib(): typeof import("node:zlib") {
  return globalThis.process.getBuiltinModule("node:zlib");
}
