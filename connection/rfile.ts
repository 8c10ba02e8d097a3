// `rfile`: one request's body, then EOF forever, so that a forgotten read never receives
// bytes of the next request. After 101, or a 2xx response to CONNECT, it reads the raw
// stream.

import { ParseError } from "../parser/errors.ts";
import type { HTTPMessage } from "../parser/headers.ts";
import { LineReader } from "../parser/line_reader.ts";
import { type Body, STREAM, streamAfter } from "./body.ts";
import { markClientFault } from "./errors.ts";
import type { ReadableFile } from "./files.ts";
import type { Input } from "./input.ts";
import { Event, State } from "./lifecycle.ts";
import { LINE_COST, MAX_READ_ALL, READ_SIZE } from "./limits.ts";
import { denoError } from "./runtime.ts";

/** Python's file methods that build on `read()`, `read1()` and `readline()`. */
export abstract class FileReader {
  /** Reads a number of bytes, or to the end. */
  abstract read(size?: number | null): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the available bytes. */
  abstract read1(size?: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads a line. */
  abstract readline(limit?: number): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * Reads into a buffer.
   *
   * @param into The buffer to fill.
   * @returns The number of bytes read; fewer than the buffer's size only at the end.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const bytes = await this.read(into.length);
    into.set(bytes);
    return bytes.length;
  }

  /**
   * Reads all lines.
   *
   * @param hint Stops after the line that reaches this many bytes. Default: reads to the
   * end.
   * @returns The lines, each with its line end.
   * @throws {ParseError} 413 if they would take more than 256 MiB of memory.
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
   * Iterates over the lines.
   *
   * @returns An iterator over lines, each with its line end.
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

  /** The rest as a web stream. Cancelling it doesn't affect the connection. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        const piece = await this.read1();
        if (piece.length === 0) controller.close();
        else controller.enqueue(piece);
      },
    }, { highWaterMark: 0 });
  }
}

/** The `rfile` of one request, bound to that request's framing. */
export class BodyReader extends FileReader implements ReadableFile {
  readonly #input: Input;
  #body: Body;
  #pending = 0;
  /** The last operation in the queue, and the number of queued ones. */
  #last: Promise<unknown> | undefined;
  #waiting = 0;
  #used = false;
  #closed = false;
  #truncated = false;
  #onQuiet: (() => void) | undefined;

  /**
   * Reads a body.
   *
   * @param input The bytes of the connection.
   * @param body The body.
   */
  constructor(input: Input, body: Body) {
    super();
    this.#input = input;
    this.#body = body;
  }

  /** The trailer fields of a chunked body that was read to its end, else `undefined`. */
  get trailers(): HTTPMessage | undefined {
    return this.#body.decoder?.trailers;
  }

  /** Whether any read has been started. */
  get used(): boolean {
    return this.#used;
  }

  /** Whether a read is pending. */
  get busy(): boolean {
    return (this.#pending > 0 || this.#waiting > 0) && !this.#closed;
  }

  /**
   * Waits until no read is pending.
   *
   * @returns A promise that never rejects.
   */
  quiet(): Promise<void> {
    return new Promise((resolve) => this.#onQuiet = resolve);
  }

  /**
   * Reads a line.
   *
   * @param limit The maximum number of bytes. Default: 256 MiB.
   * @returns The line with its line end; empty at the end of the body.
   * @throws {ParseError} 400 if the body is malformed or the client ended it early.
   */
  readline(limit: number = MAX_READ_ALL): Promise<Uint8Array<ArrayBuffer>> {
    const most = limit < 0 ? MAX_READ_ALL : limit;
    return this.#inTurn(() => this.#take(most, true));
  }

  /**
   * Reads the bytes that have arrived, and waits only if the buffer is empty.
   *
   * @param size The maximum number of bytes. Default: 64 KiB.
   * @returns At least one byte; empty at the end of the body.
   * @throws {ParseError} 400 if the body is malformed or the client ended it early.
   */
  read1(size: number = READ_SIZE): Promise<Uint8Array<ArrayBuffer>> {
    const most = size < 0 ? READ_SIZE : size;
    return this.#inTurn(() => this.#take(most, false));
  }

  /**
   * Reads bytes.
   *
   * @param size The number of bytes; reads to the end if absent, negative or `null`.
   * @returns That many bytes, or fewer at the end of the body.
   * @throws {ParseError} 400 if the body is malformed or the client ended it early; 413 if
   * reading to the end would exceed 256 MiB.
   */
  read(size?: number | null): Promise<Uint8Array<ArrayBuffer>> {
    return this.#inTurn(() => this.#readAll(size));
  }

  async #readAll(size?: number | null): Promise<Uint8Array<ArrayBuffer>> {
    const all = size === undefined || size === null || size < 0;
    const limit = all ? MAX_READ_ALL : checked(size);
    if (all && (this.#body.left ?? 0) > limit) throw tooLarge();
    // One growing buffer: an array per chunk would cost far more than the bytes of tiny
    // chunks.
    const collected = new LineReader(0);
    this.#pending++;
    try {
      while (collected.length < limit) {
        const piece = await this.#take(limit - collected.length, false);
        if (piece.length === limit || piece.length === 0) {
          if (collected.length === 0) return piece;
          break;
        }
        collected.feed(piece);
      }
      // The body may end exactly here.
      const full = all && collected.length >= limit;
      if (full && (await this.#take(1, false)).length > 0) throw tooLarge();
    } finally {
      this.#settle();
    }
    return collected.take(collected.length) ?? new Uint8Array();
  }

  /** Ends reading. Further reads return EOF, or reject if the body was not complete. */
  close(): void {
    if (!this.#closed) this.#truncated = !this.#body.complete;
    this.#closed = true;
    // An idle connection must not hold decoded bytes.
    this.#body = STREAM;
    this.#onQuiet?.();
  }

  /** Reads the raw stream from now on, after skipping the unread body. */
  detach(): void {
    this.#body = streamAfter(this.#body);
  }

  /** Runs reads in the order of their calls. */
  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const done = before?.then(operation, operation) ?? operation();
    // Most reads are complete by now.
    if (before === undefined && this.#pending === 0) return done;
    this.#last = done;
    this.#waiting++;
    const settle = () => {
      if (--this.#waiting > 0) return;
      // Don't retain the result: it may be a whole body.
      this.#last = undefined;
      if (this.#pending === 0) this.#onQuiet?.();
    };
    done.then(settle, settle);
    return done;
  }

  async #take(
    most: number,
    byLine: boolean,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (checked(most) === 0 || this.#over()) return new Uint8Array();
    this.#used = true;
    const input = this.#input;
    const piece = this.#next(most, byLine);
    if (piece !== undefined) return piece;
    this.#pending++;
    try {
      for (;;) {
        const { left = READ_SIZE, decoder } = this.#body;
        // A line or a chunk's framing may end with the next byte.
        const single = byLine || decoder !== undefined;
        await input.fill(left, single ? 1 : Math.min(most, left));
        if (this.#over()) return new Uint8Array();
        const piece = this.#next(most, byLine);
        if (piece !== undefined) return piece;
      }
    } finally {
      this.#settle();
    }
  }

  #next(most: number, byLine: boolean): Uint8Array<ArrayBuffer> | undefined {
    const { buffer, life } = this.#input;
    const piece = byLine
      ? this.#body.readline(buffer, most)
      : this.#body.take(buffer, most);
    if (life.state === State.Body && this.#body.complete) {
      life.on(Event.BodyEnd);
    }
    return piece;
  }

  /** Whether reading has ended. The end of an incomplete body is an error (RFC 9112 §8). */
  #over(): boolean {
    if (!this.#truncated) return this.#closed;
    throw markClientFault(
      denoError(
        "UnexpectedEof",
        "Cannot read: the request ended before its body was read",
      ),
    );
  }

  #settle(): void {
    if (--this.#pending === 0 && this.#waiting === 0) this.#onQuiet?.();
  }
}

function tooLarge(): ParseError {
  return markClientFault(
    new ParseError(413, "Content Too Large", {
      explain: `Cannot read the body at once: it is over ${MAX_READ_ALL} bytes`,
    }),
  );
}

/** Rejects NaN, such as that of a missing Content-Length: it would read nothing without an error. */
function checked(size: number): number {
  if (Number.isInteger(size) || size === Infinity) return size;
  throw new RangeError(
    `Cannot read ${size} bytes: the size must be an integer`,
  );
}
