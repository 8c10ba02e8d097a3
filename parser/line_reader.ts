// The byte buffer under every reader. It knows no socket: bytes are put in
// (`feed`, or `reserve` and `commit`), and lines, header blocks and slices are
// taken out. `undefined` means "not yet"; malformed input is a `ParseError`.
// How far a search came is remembered, so a client that sends byte by byte
// costs as much in all as one that sends everything at once.

import { decodeLatin1 } from "../text/latin1.ts";
import { ParseError } from "./errors.ts";

/** The longest request or header line in bytes, its line end included: CPython's limit. */
export const MAX_LINE = 65_536;

/**
 * How many empty lines before a request line are ignored. RFC 9112 §2.2 asks for one at
 * least, which old clients send after a body; without a bound a peer could send nothing else.
 */
export const MAX_EMPTY_LINES = 4;

/** The most lines of a header block, the blank one included: CPython's limit. */
export const MAX_HEADER_LINES = 100;

/**
 * The most bytes of a header block. CPython would take 100 lines of 64 KiB; four
 * such lines are more than any real request, and bound what a peer can make us hold.
 */
export const MAX_HEADER_BYTES = 4 * MAX_LINE;

const LF = 10;
const CR = 13;

/** Ordinary requests fit; idle connections stay cheap. */
const DEFAULT_CAPACITY = 8_192;

/**
 * A growing byte buffer that hands out lines, header blocks and slices.
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
  // Search states, as offsets from #start, void once bytes are taken out.
  #searched = 0;
  #blockScanned = 0;
  #blockLineStart = 0;
  #blockLines = 0;

  /**
   * Makes an empty buffer.
   *
   * @param capacity How many bytes it holds before it first grows.
   */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
    this.#buffer = new Uint8Array(capacity);
  }

  /** How many bytes are in the buffer and not yet taken. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Whether the stream has ended: nothing will be fed any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Marks the end of the stream; what is buffered can still be taken. */
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
   * The free space behind the buffered bytes, for a read straight into it.
   *
   * @param size How many bytes there must be room for.
   * @returns A view of at least `size` bytes, valid until the next call of any method but `commit`.
   */
  reserve(size: number): Uint8Array<ArrayBuffer> {
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
      // A large request must not leave an idle connection with a large buffer.
      const enough = Math.max(this.#capacity, size);
      if (this.#buffer.length > enough) this.#buffer = new Uint8Array(enough);
    }
    if (this.#buffer.length - this.#end < size) this.#makeRoom(size);
    return this.#end === 0 ? this.#buffer : this.#buffer.subarray(this.#end);
  }

  /**
   * Says how many bytes were written into the space that `reserve` gave.
   *
   * @param size The number of bytes.
   */
  commit(size: number): void {
    this.#end += size;
  }

  /**
   * Takes a line as Python's `readline(limit)` does: up to and including LF, or
   * `limit` bytes, or at the end of the stream what is left.
   *
   * @param limit The most bytes to take.
   * @returns A copy of the bytes, empty at the end of the stream; `undefined` while more must come.
   */
  readline(limit: number): Uint8Array<ArrayBuffer> | undefined {
    const size = this.#lineLength(limit);
    return size === undefined ? undefined : this.take(size);
  }

  /**
   * The same as `readline()`, as latin-1 text and without an array of its own.
   *
   * @param limit The most bytes to take.
   * @returns The line, empty at the end of the stream; `undefined` while more must come.
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
   * Takes up to `max` of the bytes that are there.
   *
   * @param max The most bytes to take.
   * @returns A copy of the bytes, empty at the end of the stream; `undefined` while more must come.
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
   * @returns The block as latin-1 text, at the end of the stream what there is of it; `undefined` while more must come.
   * @throws {ParseError} 431 when a line, their number or the whole is too large.
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

  /** How long the next line is, `undefined` while its end has not come. */
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

  /** Moves the bytes to the front, into a larger buffer where that is not enough. */
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

/** The limits of a header block, with CPython's words where it has them. */
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
