// `rfile`: what a handler reads from. Outside a request's body it reads the stream
// as it is; between `beginBody()` and `endBody()` it ends where the body ends, so
// that reading to the end neither hangs nor eats the next request. It reads ahead from
// its source as much as has come, or what a handler's `rbufsize` lets it.

import { ParseError } from "../parser/errors.ts";
import type { BodyFraming } from "../parser/framing.ts";
import type { HTTPMessage } from "../parser/headers.ts";
import { LineReader } from "../parser/line_reader.ts";
import { type Body, bodyOf, STREAM } from "./body.ts";
import { isTimeout, markClientFault } from "./errors.ts";
import type { MaybePromise, ReadableFile } from "./files.ts";
import {
  DRAIN_TIME,
  HEAD_READ_SIZE,
  MAX_DRAIN,
  MAX_READ_ALL,
  READ_SIZE,
} from "./limits.ts";

/** Where a reader gets its bytes: a connection, or anything that reads like one. */
export interface ByteSource {
  /**
   * Reads what has come.
   *
   * @param into Where the bytes go.
   * @param until A moment on the `performance.now()` clock beyond which it does not wait.
   * @returns How many bytes came, `null` at the end of the stream.
   */
  read(into: Uint8Array<ArrayBuffer>, until?: number): Promise<number | null>;
  /** How long a header block may take from its first byte, in seconds; `null` or absent is for ever. */
  readonly timeout?: number | null;
  /**
   * Reads as `read()` does, but without a limit of time until `limitRead()` sets one.
   *
   * @param into Where the bytes go.
   * @returns How many bytes came, `null` at the end of the stream.
   */
  lookAhead?(into: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /**
   * Limits the time of a pending `lookAhead()`, as of a `read()` that begins now.
   *
   * @param until As for `read()`.
   */
  limitRead?(until?: number): void;
  /** Whether it waits for a request of which nothing has come. */
  idle?: boolean;
  /** Whether no further request is to be read. */
  readonly draining?: boolean;
}

/** What an array for a line takes besides the line, in bytes. */
const LINE_COST = 512;

const EMPTY_SOURCE: ByteSource = { read: () => Promise.resolve(null) };

/** The stream of requests of one connection. */
export class RequestReader implements ReadableFile {
  readonly #source: ByteSource;
  readonly #buffer = new LineReader();
  #body: Body = STREAM;
  #headUntil = Infinity;
  #inHead = false;
  #closed = false;
  /** How many bytes it reads at a time though nobody has asked for them yet. */
  #bufferSize = Infinity;
  #filling: Promise<void> | undefined;

  /**
   * Reads from a source, or from memory.
   *
   * @param source Where the bytes come from, or all of them.
   */
  constructor(source: ByteSource | Uint8Array | string) {
    if (typeof source === "string") source = new TextEncoder().encode(source);
    if (source instanceof Uint8Array) {
      this.#buffer.feed(source);
      source = EMPTY_SOURCE;
    }
    this.#source = source;
  }

  /**
   * Sets how much is read ahead. With 0, no byte is taken from the source beyond what is
   * asked for, so that the source may be used itself after, say, a line; each byte of a
   * line then is a read of its own. What was read ahead before stays in the buffer.
   *
   * @param size How many bytes at a time; negative for as many as come.
   * @throws {RangeError} Where it is no whole number.
   */
  setBufferSize(size: number): void {
    if (!Number.isInteger(size)) {
      throw new RangeError(
        `Cannot buffer reads: ${size} is no number of bytes`,
      );
    }
    this.#bufferSize = size < 0 ? Infinity : size;
  }

  /** Whether the peer has sent, or is about to send, what nobody has read. */
  get unread(): boolean {
    return this.#inHead || this.#buffer.length > 0 || !this.#body.complete;
  }

  /** The trailer fields of a chunked body that has been read to its end, else `undefined`. */
  get trailers(): HTTPMessage | undefined {
    return this.#body.decoder?.trailers;
  }

  /**
   * Reads a line as latin-1 text. Where nothing of it has come yet, the connection is
   * idle meanwhile; a connection that is draining gives no further line.
   *
   * @param limit The most bytes to read.
   * @returns The line, empty at the end of the stream.
   */
  readLatin1Line(limit: number): MaybePromise<string> {
    if (this.#closed || this.#source.draining) return "";
    const line = this.#buffer.readLatin1Line(limit);
    if (line === undefined) return this.#waitForLine(limit);
    this.#inHead = line.length > 2;
    return line;
  }

  /**
   * Reads header lines up to and including the blank one.
   *
   * @returns The block as latin-1 text; at the end of the stream what there is of it.
   * @throws {ParseError} 431 when the block is too large.
   */
  readHeaderBlock(): MaybePromise<string> {
    const block = this.#buffer.readHeaderBlock();
    return block === undefined
      ? this.#waitForHeaderBlock()
      : this.#endHead(block);
  }

  /**
   * Waits for the peer to end its side while a request is being answered. What comes
   * meanwhile is kept for whoever reads next. There is no limit of time.
   *
   * @param most How many bytes may lie unread before it gives up.
   * @param goOn Asked whenever something has come, before more is read.
   * @returns `true` at the end; `false` where it gave up, or was not to go on.
   */
  async untilEnd(most: number, goOn: () => boolean): Promise<boolean> {
    const buffer = this.#buffer;
    while (!buffer.ended) {
      if (buffer.length >= most || !goOn()) return false;
      await (this.#filling ??= this.#lookAhead());
    }
    return true;
  }

  /**
   * Reads a line.
   *
   * @param limit The most bytes to read; without it, 256 MiB.
   * @returns The line with its line end; empty at the end.
   */
  async readline(
    limit: number = MAX_READ_ALL,
  ): Promise<Uint8Array<ArrayBuffer>> {
    checkSize(limit);
    if (this.#closed || limit === 0) return new Uint8Array();
    if (limit < 0) limit = MAX_READ_ALL;
    const body = this.#body;
    for (;;) {
      const line = body.readline(this.#buffer, limit);
      if (line !== undefined) return line;
      await this.#fill(1);
    }
  }

  /**
   * Reads bytes.
   *
   * @param size How many; absent, negative or `null` reads to the end.
   * @returns That many bytes, fewer only at the end.
   * @throws {ParseError} 400 when the client ended the body early, 413 when reading to the end would take more than 256 MiB.
   */
  async read(size?: number | null): Promise<Uint8Array<ArrayBuffer>> {
    if (size !== undefined && size !== null) checkSize(size);
    const all = size === undefined || size === null || size < 0;
    const limit = all ? MAX_READ_ALL : size;
    if (all && (this.#body.left ?? 0) > limit) throw tooLarge();
    // One growing buffer: an array for each of many tiny chunks would cost far more than their bytes.
    const collected = new LineReader(READ_SIZE);
    while (collected.length < limit) {
      const piece = await this.read1(limit - collected.length);
      if (piece.length === limit || piece.length === 0) {
        if (collected.length === 0) return piece;
        break;
      }
      collected.feed(piece);
    }
    // The end may be just here.
    const full = all && collected.length >= limit;
    if (full && (await this.read1(1)).length > 0) throw tooLarge();
    return collected.length === 0
      ? new Uint8Array()
      : collected.take(collected.length)!;
  }

  /**
   * Reads what is there, waiting only where nothing is.
   *
   * @param size The most bytes to read.
   * @returns At least one byte, none only at the end.
   */
  async read1(size: number = READ_SIZE): Promise<Uint8Array<ArrayBuffer>> {
    checkSize(size);
    const body = this.#body;
    if (this.#closed || size === 0) return new Uint8Array();
    if (size < 0) size = READ_SIZE;
    for (;;) {
      const piece = body.take(this.#buffer, size);
      if (piece !== undefined) return piece;
      await this.#fill(rawSize(body, size));
    }
  }

  /**
   * Reads into a buffer.
   *
   * @param into Where the bytes go.
   * @returns How many came: all it has room for, fewer only at the end.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const bytes = await this.read(into.length);
    into.set(bytes);
    return bytes.length;
  }

  /**
   * Reads all lines.
   *
   * @param hint Stops after the line with which this many bytes are reached; without it, at the end.
   * @returns The lines with their line ends.
   * @throws {ParseError} 413 when they would take more than 256 MiB of memory.
   */
  async readlines(hint = Infinity): Promise<Uint8Array<ArrayBuffer>[]> {
    const lines: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const line of this) {
      lines.push(line);
      length += line.length;
      if (length >= hint) break;
      if (length + lines.length * LINE_COST > MAX_READ_ALL) throw tooLarge();
    }
    return lines;
  }

  /**
   * The lines up to the end.
   *
   * @returns An iterator over lines with their line ends.
   */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<
    Uint8Array<ArrayBuffer>
  > {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }

  /** What is left to read as a web stream; cancelling it leaves the connection as it is. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        const piece = await this.read1();
        if (piece.length === 0) controller.close();
        else controller.enqueue(piece);
      },
    }, { highWaterMark: 0 });
  }

  /**
   * Bounds all reading to one request's body, until `endBody()`.
   *
   * @param framing How the body ends, as RFC 9112 section 6 has it.
   */
  beginBody(framing: BodyFraming): void {
    this.#body = bodyOf(framing);
  }

  /**
   * Reads and drops what is left of the body, up to 256 KiB of it.
   *
   * @returns Whether the next request can be read; `false` also after a malformed body.
   */
  endBody(): MaybePromise<boolean> {
    if (this.#body.complete) {
      this.#body = STREAM;
      return true;
    }
    const drained = this.#drain(this.#body);
    // Whoever waits sees a failure, if only after the answer has been sent.
    drained.catch(() => {});
    return drained;
  }

  /** Lets all reading go to the stream itself, as after a protocol switch. */
  detachBody(): void {
    this.#body = STREAM;
  }

  /** Ends reading: every further read finds the end. */
  close(): void {
    this.#closed = true;
  }

  async #drain(body: Body): Promise<boolean> {
    if ((body.left ?? 0) > MAX_DRAIN) return false;
    let left = MAX_DRAIN;
    const until = performance.now() + DRAIN_TIME;
    try {
      while (left >= 0) {
        const piece = body.take(this.#buffer, READ_SIZE);
        if (piece === undefined) {
          await this.#fill(rawSize(body, READ_SIZE), until);
        } else if (piece.length === 0) {
          this.#body = STREAM;
          return true;
        } else {
          left -= piece.length;
        }
      }
    } catch (error) {
      // The request has been answered without its body: only what follows is lost.
      if (!(error instanceof ParseError) && !isTimeout(error)) throw error;
    }
    return false;
  }

  async #waitForLine(limit: number): Promise<string> {
    const source = this.#source;
    for (;;) {
      source.idle = this.#buffer.length === 0;
      await this.#moreOfHead();
      source.idle = false;
      const line = this.#buffer.readLatin1Line(limit);
      if (line === undefined) continue;
      this.#inHead = line.length > 2;
      return line;
    }
  }

  async #waitForHeaderBlock(): Promise<string> {
    for (;;) {
      await this.#moreOfHead();
      const block = this.#buffer.readHeaderBlock();
      if (block !== undefined) return this.#endHead(block);
    }
  }

  #moreOfHead(): Promise<void> {
    const source = this.#source;
    const until = this.#headLimit();
    if (this.#filling !== undefined) {
      source.limitRead?.(until);
      return this.#filling;
    }
    return source.read(this.#room(HEAD_READ_SIZE, 1), until)
      .then((count) => this.#arrived(count));
  }

  #endHead(block: string): string {
    this.#headUntil = Infinity;
    this.#inHead = false;
    return block;
  }

  /** A request's head must come as a whole within one timeout of its first byte. */
  #headLimit(): number {
    const { timeout, idle } = this.#source;
    if (this.#headUntil === Infinity && !idle && typeof timeout === "number") {
      this.#headUntil = performance.now() + timeout * 1000;
    }
    return this.#headUntil;
  }

  /**
   * Waits for more bytes. Two reads must never fill the same room: where a handler
   * left one pending, such as a stream's pull, the next waits for the same bytes.
   */
  #fill(asked: number, until?: number): Promise<void> {
    if (this.#filling === undefined) {
      return this.#filling = this.#readMore(asked, until);
    }
    this.#source.limitRead?.(until);
    return this.#filling;
  }

  async #lookAhead(): Promise<void> {
    const source = this.#source;
    try {
      const room = this.#room(HEAD_READ_SIZE, 1);
      this.#arrived(await (source.lookAhead?.(room) ?? source.read(room)));
    } finally {
      this.#filling = undefined;
    }
  }

  async #readMore(asked: number, until: number = Infinity): Promise<void> {
    try {
      const room = this.#room(READ_SIZE, asked);
      this.#arrived(await this.#source.read(room, until));
    } finally {
      this.#filling = undefined;
    }
  }

  /** Where the next read goes: with room for what is asked for at least, and for no more than may be read ahead. */
  #room(size: number, asked: number): Uint8Array<ArrayBuffer> {
    const room = this.#buffer.reserve(size);
    const most = Math.max(asked, this.#bufferSize);
    return most < room.length ? room.subarray(0, most) : room;
  }

  #arrived(count: number | null): void {
    if (count === null) this.#buffer.end();
    else this.#buffer.commit(count);
  }
}

/** How many bytes of the stream hold so many bytes of a body for certain, and nothing that follows it. */
function rawSize(body: Body, size: number): number {
  // The framing of chunks is read as lines are.
  return body.decoder === undefined ? Math.min(size, body.left ?? size) : 1;
}

function tooLarge(): ParseError {
  return markClientFault(
    new ParseError(413, "Content Too Large", {
      explain: `Cannot read the body at once: it is over ${MAX_READ_ALL} bytes`,
    }),
  );
}

/** A NaN, such as of a missing Content-Length, would else read nothing without a word. */
function checkSize(size: number): void {
  if (Number.isInteger(size) || size === Infinity) return;
  throw new RangeError(`Cannot read: ${size} is not a number of bytes`);
}
