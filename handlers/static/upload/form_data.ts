// multipart/form-data (RFC 7578), parsed while it arrives. Only the part headers are kept;
// the content of a part is passed on as views of the chunks.

import { ParseError } from "../../../parser/errors.ts";
import { parseParameters, unquoteString } from "../../../parser/parameters.ts";
import { parsePartHead, type PartHead } from "./part_head.ts";

/** What the parser found, in the order of the body. */
export type FormEvent =
  /** A part begins. */
  | { readonly kind: "part"; readonly head: PartHead }
  /** Some content of the current part; a view that is valid until the next chunk. */
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** The content of the current part is complete. */
  | { readonly kind: "end" };

/** The bounds of a form. */
export interface FormLimits {
  /** The most parts. Each file is a new entry of a folder, so one request must not make many. Default: 1000. */
  readonly parts?: number;
  /** The most bytes in the headers of a part: a name has at most 255 bytes, or a few KiB encoded. Default: 8 KiB. */
  readonly head?: number;
  /** The most bytes before the first part, and after the last: usually none. Default: 4 KiB. */
  readonly outside?: number;
}

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;

/** RFC 2046 §5.1.1. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

/** Where the next byte belongs. */
type Place =
  /** Before the first delimiter. */
  | "preamble"
  /** In the content of a part. */
  | "content"
  /** In the headers of a part. */
  | "head"
  /** After a delimiter. */
  | "delimiter"
  /** After a delimiter and the first of the two dashes that close the body. */
  | "dash"
  /** In the white space after a delimiter. */
  | "padding"
  /** After the CR of a delimiter's line. */
  | "line end"
  /** After the closing delimiter, or in the white space there. */
  | "closed"
  /** After the CR of the closing delimiter's line. */
  | "last line end"
  /** After the closing delimiter's line. */
  | "epilogue";

/** What follows a delimiter, byte by byte; all else is an error. */
const NEXT: { readonly [From in Place]?: Readonly<Record<number, Place>> } = {
  delimiter: {
    [SPACE]: "padding",
    [TAB]: "padding",
    [DASH]: "dash",
    [CR]: "line end",
  },
  padding: { [SPACE]: "padding", [TAB]: "padding", [CR]: "line end" },
  "line end": { [LF]: "head" },
  dash: { [DASH]: "closed" },
  closed: { [SPACE]: "closed", [TAB]: "closed", [CR]: "last line end" },
  "last line end": { [LF]: "epilogue" },
};

/**
 * Reads the boundary from a Content-Type field.
 *
 * @param value The value of the field; `null` if it is absent.
 * @returns The boundary.
 * @throws {ParseError} 415: another media type. 400: no valid boundary.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(boundaryOf('multipart/form-data; boundary="a b"'), "a b");
 * ```
 */
export function boundaryOf(value: string | null): string {
  const [type, ...parameters] = parseParameters(value ?? "");
  if (type![0].toLowerCase() !== "multipart/form-data") {
    throw new ParseError(415, "Content-Type must be multipart/form-data");
  }
  const given = parameters.filter(([name]) => name === "boundary");
  const boundary = given.length === 1 ? given[0]![1] : undefined;
  if (typeof boundary === "string") {
    const text = unquoteString(boundary);
    if (BOUNDARY.test(text)) return text;
  }
  throw new ParseError(400, "Bad boundary in Content-Type");
}

/**
 * Parses a form. It needs no more memory than the headers of one part, and takes time in
 * proportion to the length of the body, whatever that contains.
 *
 * @example A form with one file, in two chunks
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const parser = new FormDataParser("b");
 * const encoder = new TextEncoder();
 * const kinds: string[] = [];
 * for (
 *   const chunk of [
 *     '--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n1',
 *     "2\r\n--b--\r\n",
 *   ]
 * ) {
 *   for (const event of parser.push(encoder.encode(chunk))) kinds.push(event.kind);
 * }
 * parser.finish();
 * assertEquals(kinds, ["part", "data", "data", "end"]);
 * ```
 */
export class FormDataParser {
  readonly #delimiter: Uint8Array;
  readonly #limits: Required<FormLimits>;
  readonly #head: Uint8Array;
  #headLength = 0;
  #place: Place = "preamble";
  /** How many bytes of a delimiter were matched so far. */
  #matched = 2;
  /** How many of these are not content, but the line break before it, which its delimiter may share. */
  #shared = 2;
  /** Whether the delimiter that is being read ends a part. */
  #isInPart = false;
  #parts = 0;
  /** How many bytes outside the parts were skipped. */
  #outside = 0;

  /**
   * Creates a parser for one body.
   *
   * @param boundary The boundary, from `boundaryOf()`.
   * @param limits The bounds.
   */
  constructor(boundary: string, limits: FormLimits = {}) {
    const { parts = 1000, head = 8192, outside = 4096 } = limits;
    this.#limits = { parts, head, outside };
    this.#delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
    this.#head = new Uint8Array(head);
  }

  /**
   * Parses the next chunk. Read all of its events before the next one.
   *
   * @param chunk The bytes.
   * @returns What they contain.
   * @throws {ParseError} 400: the body is malformed. 413: it exceeds a bound.
   */
  *push(chunk: Uint8Array): Generator<FormEvent, void> {
    for (let index = 0; index < chunk.length;) {
      switch (this.#place) {
        case "preamble":
        case "content":
          index = yield* this.#readContent(chunk, index);
          break;
        case "head":
          index = yield* this.#readHead(chunk, index);
          break;
        case "epilogue":
          this.#skip(chunk.length - index);
          return;
        default:
          yield* this.#readLineEnd(chunk[index++]!);
      }
    }
  }

  /**
   * Ends the body.
   *
   * @returns The end of the last part, if only the end of the body confirms it.
   * @throws {ParseError} 400: the closing delimiter is missing.
   */
  finish(): readonly FormEvent[] {
    if (this.#place !== "closed" && this.#place !== "epilogue") {
      throw new ParseError(400, "Form data without a closing delimiter");
    }
    return [...this.#endPart()];
  }

  /**
   * Reads up to the next delimiter. Only the first byte of a delimiter is a CR, so bytes that
   * matched a part of one are never compared again.
   */
  *#readContent(
    chunk: Uint8Array,
    start: number,
  ): Generator<FormEvent, number> {
    // Where the delimiter that is being matched begins; possibly before this chunk.
    let begin = this.#matched > 0
      ? start - this.#matched
      : indexOfCR(chunk, start);
    for (let index = Math.max(start, begin); index < chunk.length;) {
      index = this.#match(chunk, index, index - begin);
      const matched = index - begin;
      const isFound = matched === this.#delimiter.length;
      if (isFound || index === chunk.length) {
        yield* this.#content(chunk.subarray(start, Math.max(start, begin)));
        this.#matched = matched;
        if (isFound) this.#endContent();
        return index;
      }
      if (begin < start) {
        const carried = this.#delimiter.slice(this.#shared, start - begin);
        yield* this.#content(carried);
      }
      this.#shared = 0;
      index = begin = indexOfCR(chunk, index);
    }
    this.#matched = 0;
    yield* this.#content(chunk.subarray(start));
    return chunk.length;
  }

  /** Compares with the delimiter, and returns the index after the last equal byte. */
  #match(chunk: Uint8Array, index: number, matched: number): number {
    const delimiter = this.#delimiter;
    while (index < chunk.length && chunk[index] === delimiter[matched]) {
      index++;
      if (++matched === delimiter.length) break;
    }
    return index;
  }

  *#content(bytes: Uint8Array): Generator<FormEvent, void> {
    if (bytes.length === 0) return;
    if (this.#place === "content") yield { kind: "data", bytes };
    else this.#skip(bytes.length);
  }

  #endContent(): void {
    this.#isInPart = this.#place === "content";
    this.#place = "delimiter";
  }

  /** Ends the part before a delimiter, once all of its line is known to be right. */
  *#endPart(): Generator<FormEvent, void> {
    if (this.#isInPart) yield { kind: "end" };
    this.#isInPart = false;
  }

  #skip(count: number): void {
    this.#outside += count;
    if (this.#outside > this.#limits.outside) {
      throw new ParseError(413, "Too much data outside the parts of the form");
    }
  }

  /** Reads what follows a delimiter. */
  *#readLineEnd(byte: number): Generator<FormEvent, void> {
    const next = NEXT[this.#place]?.[byte];
    if (next === undefined) {
      throw new ParseError(400, "Bad delimiter in form data");
    }
    if (byte === SPACE || byte === TAB) this.#skip(1);
    this.#place = next;
    if (next !== "head" && next !== "epilogue") return;
    yield* this.#endPart();
    if (next === "head") this.#beginPart();
  }

  #beginPart(): void {
    if (++this.#parts > this.#limits.parts) {
      throw new ParseError(413, `More than ${this.#limits.parts} parts`);
    }
    this.#headLength = 0;
  }

  *#readHead(chunk: Uint8Array, start: number): Generator<FormEvent, number> {
    for (let index = start; index < chunk.length;) {
      if (this.#headLength === this.#head.length) {
        throw new ParseError(413, "Headers of a part are too long");
      }
      this.#head[this.#headLength++] = chunk[index++]!;
      if (!this.#endsHead()) continue;
      const bytes = this.#head.subarray(0, this.#headLength);
      yield { kind: "part", head: parsePartHead(bytes) };
      this.#place = "content";
      this.#matched = this.#shared = 2;
      return index;
    }
    return chunk.length;
  }

  #endsHead(): boolean {
    const head = this.#head;
    const length = this.#headLength;
    if (head[length - 1] !== LF || head[length - 2] !== CR) return false;
    return length === 2 ||
      (head[length - 3] === LF && head[length - 4] === CR);
  }
}

/** The index of the next CR; the length without one. Content that is full of them needs no search. */
function indexOfCR(chunk: Uint8Array, from: number): number {
  if (chunk[from] === CR) return from;
  const index = chunk.indexOf(CR, from);
  return index < 0 ? chunk.length : index;
}
