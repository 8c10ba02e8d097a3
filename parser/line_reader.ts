// The byte buffer that every reader uses. Bytes are added (`feed`, or `reserve` and
// `commit`); lines, header blocks and slices are taken out. `undefined` means that more
// bytes must arrive first; malformed input is a `ParseError`. Searches resume where they
// stopped, so a client that sends byte by byte costs no more than one that sends everything
// at once.

import { decodeLatin1 } from "../text/latin1.ts";
import { ParseError } from "./errors.ts";

/** The longest request or header line in bytes, including its line end: CPython's limit. */
export const MAX_LINE = 65_536;

/**
 * How many empty lines to ignore before a request line. RFC 9112 §2.2 requires at least
 * one, which old clients send after a body; without a limit, a peer could send them
 * forever.
 */
export const MAX_EMPTY_LINES = 4;

/** The maximum number of lines in a header block, including the blank one: CPython's limit. */
export const MAX_HEADER_LINES = 100;

/**
 * The maximum size of a header block, in bytes. CPython would accept 100 lines of 64 KiB,
 * far more than any real request needs.
 */
export const MAX_HEADER_BYTES = 4 * MAX_LINE;

const LF = 10;
const CR = 13;

/** Large enough for ordinary requests, yet cheap for idle connections. */
const DEFAULT_CAPACITY = 8_192;

/**
 * A growing byte buffer that returns lines, header blocks and slices.
 *
 * @example Lines as they become complete
 * ```ts
 * import { LineReader } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new LineReader();
 * reader.feed(new TextEncoder().encode("GET / HT"));
 * assertEquals(reader.readLatin1Line(65_537), undefined); // not yet
 * reader.feed(new TextEncoder().encode("TP/1.1\r\nHost:"));
 * assertEquals(reader.readLatin1Line(65_537), "GET / HTTP/1.1\r\n");
 * assertEquals(reader.length, 5);
 * ```
 */
export class LineReader {
  readonly #capacity: number;
  #buffer: Uint8Array<ArrayBuffer>;
  #start = 0;
  #end = 0;
  #ended = false;
  /** How many empty lines were skipped since the last request line. */
  #emptyLines = 0;
  // Search states, as offsets from #start. Reset when bytes are taken out.
  #searched = 0;
  #blockScanned = 0;
  #blockLineStart = 0;
  #blockLines = 0;

  /**
   * Creates an empty buffer.
   *
   * @param capacity The initial capacity, in bytes.
   */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
    this.#buffer = new Uint8Array(capacity);
  }

  /** The number of buffered bytes. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Whether the stream has ended, so that no more bytes will arrive. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Marks the end of the stream. Buffered bytes can still be taken. */
  end(): void {
    this.#ended = true;
  }

  /**
   * Copies bytes to the end of the buffer.
   *
   * @param bytes The bytes that arrived.
   */
  feed(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes);
    this.commit(bytes.length);
  }

  /**
   * Returns the free space after the buffered bytes, to read into directly.
   *
   * @param size The minimum size, in bytes.
   * @returns A view of at least `size` bytes, valid until the next call of any method but `commit`.
   */
  reserve(size: number): Uint8Array<ArrayBuffer> {
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
      // A large request must not leave a large buffer to an idle connection.
      const enough = Math.max(this.#capacity, size);
      if (this.#buffer.length > enough) this.#buffer = new Uint8Array(enough);
    }
    if (this.#buffer.length - this.#end < size) this.#makeRoom(size);
    return this.#end === 0 ? this.#buffer : this.#buffer.subarray(this.#end);
  }

  /**
   * Adds the bytes that were written into the space from `reserve()`.
   *
   * @param size The number of bytes.
   */
  commit(size: number): void {
    this.#end += size;
  }

  /**
   * Takes a line like Python's `readline(limit)`: up to and including LF, up to `limit`
   * bytes, or up to the end of the stream.
   *
   * @param limit The maximum number of bytes.
   * @returns A copy of the bytes, empty at the end of the stream; `undefined` if more must
   * arrive first.
   */
  readline(limit: number): Uint8Array<ArrayBuffer> | undefined {
    const size = this.#lineLength(limit);
    return size === undefined ? undefined : this.take(size);
  }

  /**
   * Takes a line like `readline()`, as Latin-1 text without an intermediate array.
   *
   * @param limit The maximum number of bytes.
   * @returns The line, empty at the end of the stream; `undefined` if more must arrive
   * first.
   */
  readLatin1Line(limit: number): string | undefined {
    const size = this.#lineLength(limit);
    return size === undefined ? undefined : this.#takeLatin1(size);
  }

  /**
   * Takes a request line, and skips up to four empty lines before it (RFC 9112 §2.2). They
   * may come in pieces.
   *
   * @returns The line as latin-1 text, cut after `MAX_LINE + 1` bytes; empty at the end of the
   * stream, and an empty line with its line end if there are more than four; `undefined` while
   * more must come.
   */
  readRequestLine(): string | undefined {
    for (;;) {
      const line = this.readLatin1Line(MAX_LINE + 1);
      if (line === undefined) return undefined;
      if (isBlankLine(line) && this.#emptyLines < MAX_EMPTY_LINES) {
        this.#emptyLines++;
      } else {
        this.#emptyLines = 0;
        return line;
      }
    }
  }

  /**
   * Takes up to `max` of the buffered bytes.
   *
   * @param max The maximum number of bytes.
   * @returns A copy of the bytes, empty at the end of the stream; `undefined` if more must
   * arrive first.
   */
  take(max: number): Uint8Array<ArrayBuffer> | undefined {
    const size = Math.min(max, this.length);
    if (size === 0 && max > 0 && !this.#ended) return undefined;
    const bytes = this.#buffer.slice(this.#start, this.#start + size);
    this.#consume(size);
    return bytes;
  }

  /**
   * Takes a header block: its lines up to and including the blank one.
   *
   * @returns The block as Latin-1 text, incomplete if the stream ended; `undefined` if more
   * must arrive first.
   * @throws {ParseError} 431 if a line, the number of lines or the block is too large.
   */
  readHeaderBlock(): string | undefined {
    const buffer = this.#buffer;
    const start = this.#start;
    let lineStart = start + this.#blockLineStart;
    for (let i = start + this.#blockScanned; i < this.#end; i++) {
      if (buffer[i] !== LF) continue;
      checkBlock(++this.#blockLines, i + 1 - lineStart, i + 1 - start);
      const blank = i === lineStart ||
        (i === lineStart + 1 && buffer[lineStart] === CR);
      if (blank) return this.#takeLatin1(i + 1 - start);
      lineStart = i + 1;
    }
    checkBlock(this.#blockLines, this.#end - lineStart, this.#end - start);
    if (this.#ended) return this.#takeLatin1(this.length);
    this.#blockScanned = this.length;
    this.#blockLineStart = lineStart - start;
    return undefined;
  }

  /** The length of the next line, `undefined` if its end has not arrived. */
  #lineLength(limit: number): number | undefined {
    const from = this.#start + this.#searched;
    const found = this.#buffer.subarray(from, this.#end).indexOf(LF);
    const size = found < 0 ? this.length : this.#searched + found + 1;
    if (size >= limit) return limit;
    if (found >= 0 || this.#ended) return size;
    this.#searched = size;
    return undefined;
  }

  #takeLatin1(size: number): string {
    const text = decodeLatin1(this.#buffer, this.#start, this.#start + size);
    this.#consume(size);
    return text;
  }

  #consume(size: number): void {
    this.#start += size;
    this.#searched = 0;
    this.#blockScanned = 0;
    this.#blockLineStart = 0;
    this.#blockLines = 0;
  }

  /** Moves the bytes to the front, in a larger buffer if necessary. */
  #makeRoom(size: number): void {
    const needed = this.length + size;
    if (needed <= this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    } else {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = grown;
    }
    this.#end -= this.#start;
    this.#start = 0;
  }
}

/** Checks the limits of a header block, with CPython's messages. */
function checkBlock(lines: number, lineLength: number, total: number): void {
  if (lineLength > MAX_LINE) {
    throw new ParseError(431, "Line too long", {
      explain: `got more than ${MAX_LINE} bytes when reading header line`,
    });
  }
  if (lines > MAX_HEADER_LINES) {
    throw new ParseError(431, "Too many headers", {
      explain: `got more than ${MAX_HEADER_LINES} headers`,
    });
  }
  if (total > MAX_HEADER_BYTES) {
    throw new ParseError(431, "Headers too large", {
      explain: `got more than ${MAX_HEADER_BYTES} bytes of headers`,
    });
  }
}

function isBlankLine(line: string): boolean {
  return line === "\r\n" || line === "\n";
}
