// The chunked transfer coding (RFC 9112 §7.1), both ways. The decoder is a state machine
// over a LineReader: it never waits, and never allocates for announced but unreceived data.
// After a fault it repeats that fault, so a reader can't resynchronize in the middle of
// hostile data. Line ends must be CRLF: programs that disagree on a lone LF, on blanks or
// on the size are a known cause of request smuggling.

import { encodeLatin1 } from "../text/latin1.ts";
import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import { checkHeaderBlock } from "./header_block.ts";
import { HTTPMessage } from "./headers.ts";
import type { LineReader } from "./line_reader.ts";
import { CRLF, QUOTED_LENGTH, TOKEN } from "./syntax.ts";

/**
 * The longest chunk size line, including its CRLF. The size takes 13 digits, which leaves
 * room for an extension such as a signature of 64 digits.
 */
const MAX_SIZE_LINE = 256;

/** The maximum number of digits of a size without leading zeros: 2^52 - 1 is an exact number. */
const MAX_SIZE_DIGITS = 13;

/**
 * The maximum total length of size lines beyond `FREE_OVERHEAD` and twice their chunks'
 * data. Otherwise a peer could send 256 bytes per byte of body (RFC 9112 §7.1.1 requires a
 * limit on extensions).
 */
const MAX_OVERHEAD = 16_384;

/** The free allowance of each size line. */
const FREE_OVERHEAD = 16;

/** A regular expression for a token. */
const NAME = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";

/** A regular expression for a quoted string (RFC 9110 §5.6.4). */
const QUOTED = '"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';

/**
 * A size, with extensions that must be well-formed though they are ignored
 * (RFC 9112 §7.1.1): a program that looks for the line end inside a quoted string, or treats "5;" as
 * unfinished, would see different chunks. White space around ";" and "=" is the grammar's
 * BWS. Lines are short, which bounds backtracking.
 */
const SIZE_LINE = new RegExp(
  `^([0-9A-Fa-f]+)(?:[ \\t]*;[ \\t]*${NAME}(?:[ \\t]*=[ \\t]*(?:${NAME}|${QUOTED}))?)*\\r\\n$`,
);

/** `name=value` pairs separated by semicolons, with tokens or quoted strings as values. */
const EXTENSION = new RegExp(
  `^${NAME}(?:=(?:${NAME}|${QUOTED}))?(?:;${NAME}(?:=(?:${NAME}|${QUOTED}))?)*$`,
);

/**
 * Fields that are meaningless or harmful in trailers (RFC 9110 §6.5.1): framing, routing,
 * request modifiers, authentication and content description.
 */
const FORBIDDEN_TRAILERS: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "keep-alive",
  "max-forwards",
  "pragma",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const EMPTY = new Uint8Array(0);

/** Characters that a field value can't have: CR, LF, NUL, and anything beyond Latin-1. */
const NOT_IN_VALUE = /[\0\r\n\u0100-\uffff]/;

/** The part to read next. */
type State = "size" | "data" | "data end" | "trailers" | "done";

/**
 * Decodes a body in the chunked coding from a buffer.
 *
 * @example A body that arrives in two pieces
 * ```ts
 * import { ChunkedDecoder, LineReader } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const buffer = new LineReader();
 * const decoder = new ChunkedDecoder();
 * buffer.feed(bytes("5\r\nhel"));
 * assertEquals(decoder.read(buffer, 1024), bytes("hel"));
 * assertEquals(decoder.read(buffer, 1024), undefined); // not yet
 * buffer.feed(bytes("lo\r\n0\r\n\r\nGET"));
 * assertEquals(decoder.read(buffer, 1024), bytes("lo"));
 * assertEquals(decoder.read(buffer, 1024), bytes(""));
 * assertEquals(decoder.done, true);
 * assertEquals(buffer.length, 3); // the next request
 * ```
 */
export class ChunkedDecoder {
  #state: State = "size";
  /** How much of the chunk is left. */
  #remaining = 0;
  /** The length of size lines beyond their allowance. */
  #overhead = 0;
  #trailers = new HTTPMessage();
  #fault: unknown;

  /**
   * The trailer fields, without forbidden ones such as Content-Length or Host. They are
   * never merged into the header fields.
   */
  get trailers(): HTTPMessage {
    return this.#trailers;
  }

  /** Whether the body and its trailers were read completely. */
  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * Reads the next piece of the body, from one chunk at most.
   *
   * @param buffer The received bytes.
   * @param max The maximum number of bytes, at least 1.
   * @returns The piece, empty when the body is complete; `undefined` if more must arrive
   * first.
   * @throws {ParseError} 400 if the body is malformed or ends early, 431 if the trailers
   * are too large. Later calls throw the same error.
   */
  read(buffer: LineReader, max: number): Uint8Array<ArrayBuffer> | undefined {
    if (!(max >= 1)) {
      throw new RangeError(
        `Cannot read a chunked body: max must be at least 1, not ${max}`,
      );
    }
    if (this.#fault !== undefined) throw this.#fault;
    try {
      return this.#read(buffer, max);
    } catch (error) {
      this.#fault = error;
      throw error;
    }
  }

  #read(buffer: LineReader, max: number): Uint8Array<ArrayBuffer> | undefined {
    while (this.#state !== "done") {
      if (this.#state === "data") return this.#readData(buffer, max);
      const advanced = this.#state === "size"
        ? this.#readSize(buffer)
        : this.#state === "data end"
        ? this.#readDataEnd(buffer)
        : this.#readTrailers(buffer);
      if (!advanced) return undefined;
    }
    return EMPTY;
  }

  #readSize(buffer: LineReader): boolean {
    const line = buffer.readLatin1Line(MAX_SIZE_LINE);
    if (line === undefined) return false;
    const match = SIZE_LINE.exec(line);
    if (match === null) throw badSizeLine(line);
    const digits = match[1]!.replace(/^0+(?=.)/, "");
    if (digits.length > MAX_SIZE_DIGITS) throw bad("A chunk is too large");
    this.#remaining = Number.parseInt(digits, 16);
    const allowance = FREE_OVERHEAD + 2 * this.#remaining;
    this.#overhead = Math.max(0, this.#overhead + line.length - allowance);
    if (this.#overhead > MAX_OVERHEAD) {
      throw bad("The chunk extensions are too large");
    }
    this.#state = this.#remaining === 0 ? "trailers" : "data";
    return true;
  }

  #readData(
    buffer: LineReader,
    max: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    const data = buffer.take(Math.min(this.#remaining, max));
    if (data === undefined) return undefined;
    if (data.length === 0) throw cutShort();
    this.#remaining -= data.length;
    if (this.#remaining === 0) this.#state = "data end";
    return data;
  }

  #readDataEnd(buffer: LineReader): boolean {
    const end = buffer.readLatin1Line(CRLF.length);
    if (end === undefined) return false;
    if (end === "" || (end === "\r" && buffer.ended)) throw cutShort();
    if (end !== CRLF) throw bad("The data of a chunk must be followed by CRLF");
    this.#state = "size";
    return true;
  }

  #readTrailers(buffer: LineReader): boolean {
    const block = buffer.readHeaderBlock();
    if (block === undefined) return false;
    if (block !== CRLF) {
      if (block === "") throw cutShort();
      if (/(?:^|[^\r])\n/.test(block)) {
        throw bad("Trailer lines must end with CRLF");
      }
      checkHeaderBlock(block);
      const fields = HTTPMessage.fromBlock(block).items();
      this.#trailers = new HTTPMessage(
        fields.filter(([name]) => !FORBIDDEN_TRAILERS.has(name.toLowerCase())),
      );
    }
    this.#state = "done";
    return true;
  }
}

function badSizeLine(line: string): ParseError {
  if (line.endsWith("\n")) {
    const text = repr(line.replace(/\r?\n$/, ""), QUOTED_LENGTH);
    return line.endsWith(CRLF)
      ? bad(`Not a chunk size: ${text}`)
      : bad("The size of a chunk must be followed by CRLF");
  }
  return line.length === MAX_SIZE_LINE
    ? bad("The line of a chunk size is too long")
    : cutShort();
}

function cutShort(): ParseError {
  return bad("The body ended before its last chunk");
}

function bad(explain: string): ParseError {
  return new ParseError(400, "Bad chunked body", { explain });
}

/**
 * Encodes data as one chunk.
 *
 * @param data The data.
 * @param extension A chunk extension, such as `name=value`, without its semicolon.
 * @returns The chunk; empty for empty data, since an empty chunk would end the body.
 * @throws {TypeError} If the extension is malformed.
 *
 * @example A body of one chunk
 * ```ts
 * import { encodeChunk, encodeLastChunk } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
 * assertEquals(text(encodeChunk(new TextEncoder().encode("hello"))), "5\r\nhello\r\n");
 * assertEquals(text(encodeLastChunk([["X-Sum", "1"]])), "0\r\nX-Sum: 1\r\n\r\n");
 * ```
 */
export function encodeChunk(data: Uint8Array, extension?: string): Uint8Array {
  if (extension !== undefined && !EXTENSION.test(extension)) {
    throw new TypeError(
      `Cannot encode a chunk: the extension is ${
        repr(extension, QUOTED_LENGTH)
      }`,
    );
  }
  if (data.length === 0) return EMPTY;
  const tail = extension === undefined ? CRLF : `;${extension}${CRLF}`;
  const head = encodeLatin1(data.length.toString(16) + tail);
  const chunk = new Uint8Array(head.length + data.length + CRLF.length);
  chunk.set(head);
  chunk.set(data, head.length);
  chunk.set([0x0d, 0x0a], head.length + data.length);
  return chunk;
}

/**
 * Encodes the end of a chunked body.
 *
 * @param trailers The trailer fields.
 * @returns The last chunk, the trailers and a blank line.
 * @throws {TypeError} If a name is not a token or is forbidden in trailers, or a value
 * contains CR, LF, NUL or a character outside Latin-1.
 */
export function encodeLastChunk(
  trailers: Iterable<readonly [name: string, value: string]> = [],
): Uint8Array {
  let text = "0" + CRLF;
  for (const [name, value] of trailers) {
    if (!TOKEN.test(name) || FORBIDDEN_TRAILERS.has(name.toLowerCase())) {
      throw new TypeError(
        `Cannot encode a trailer: the name is ${repr(name, QUOTED_LENGTH)}`,
      );
    }
    if (NOT_IN_VALUE.test(value)) {
      throw new TypeError(
        `Cannot encode a trailer: the value is ${repr(value, QUOTED_LENGTH)}`,
      );
    }
    text += `${name}: ${value}${CRLF}`;
  }
  return encodeLatin1(text + CRLF);
}
