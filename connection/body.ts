// What `rfile` reads: the stream as it is, or one request's body in it. Pure: each kind
// takes from the bytes that have come, and `undefined` means "not yet".

import { ChunkedDecoder } from "../parser/chunked.ts";
import { ParseError } from "../parser/errors.ts";
import type { BodyFraming } from "../parser/framing.ts";
import { LineReader } from "../parser/line_reader.ts";
import { markClientFault } from "./errors.ts";
import { READ_SIZE } from "./limits.ts";

/** A part of the stream that is read to its end and no further. */
export interface Body {
  /** Whether nothing of it is left in the stream. */
  readonly complete: boolean;
  /** How many bytes are left, where that is known. */
  readonly left?: number;
  /** The decoder of a chunked body, which has its trailer fields. */
  readonly decoder?: ChunkedDecoder;
  /**
   * Takes bytes.
   *
   * @param buffer The bytes that have come.
   * @param size The most to take, above 0.
   * @returns At least one byte, none at the end; `undefined` while more must come.
   * @throws {ParseError} 400 where the body is malformed or cut short.
   */
  take(buffer: LineReader, size: number): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Takes a line.
   *
   * @param buffer The bytes that have come.
   * @param limit The most bytes to take, above 0.
   * @returns The line with its line end, empty at the end; `undefined` while more must come.
   * @throws {ParseError} 400 where the body is malformed or cut short.
   */
  readline(
    buffer: LineReader,
    limit: number,
  ): Uint8Array<ArrayBuffer> | undefined;
}

/** The stream itself, outside of bodies. */
export const STREAM: Body = {
  complete: true,
  take: (buffer, size) => buffer.take(size),
  readline: (buffer, limit) => buffer.readline(limit),
};

/**
 * The stream after the rest of a body, for a connection that becomes raw bytes.
 *
 * @param rest The body. What is left of it is dropped.
 * @returns What is read instead of it.
 */
export function streamAfter(rest: Body): Body {
  if (rest.complete) return STREAM;
  const skip = (buffer: LineReader): boolean => {
    while (!rest.complete) {
      if (rest.take(buffer, READ_SIZE) === undefined) return false;
    }
    return true;
  };
  return {
    complete: true,
    take: (buffer, size) => skip(buffer) ? buffer.take(size) : undefined,
    readline: (buffer, limit) =>
      skip(buffer) ? buffer.readline(limit) : undefined,
  };
}

/** A request without a body. */
const NONE: Body = {
  complete: true,
  take: () => new Uint8Array(),
  readline: () => new Uint8Array(),
};

/**
 * The body that a framing tells of.
 *
 * @param framing How the body ends.
 * @returns The body.
 */
export function bodyOf(framing: BodyFraming): Body {
  if (framing.kind === "chunked") return new ChunkedBody();
  return framing.kind === "length" ? new LengthBody(framing.length) : NONE;
}

class LengthBody implements Body {
  left: number;

  constructor(length: number) {
    this.left = length;
  }

  get complete(): boolean {
    return this.left === 0;
  }

  take(buffer: LineReader, size: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.left === 0) return new Uint8Array();
    return this.#count(buffer.take(Math.min(size, this.left)));
  }

  readline(
    buffer: LineReader,
    limit: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    if (this.left === 0) return new Uint8Array();
    return this.#count(buffer.readline(Math.min(limit, this.left)));
  }

  /** The end of the stream before the body's end is no end of it (RFC 9112 8). */
  #count<Piece extends Uint8Array | undefined>(piece: Piece): Piece {
    if (piece?.length === 0) {
      const explain =
        `The body ended ${this.left} bytes before its Content-Length`;
      throw markClientFault(
        new ParseError(400, "Incomplete body", { explain }),
      );
    }
    this.left -= piece?.length ?? 0;
    return piece;
  }
}

class ChunkedBody implements Body {
  readonly decoder = new ChunkedDecoder();
  readonly #decoded = new LineReader();

  get complete(): boolean {
    return this.decoder.done;
  }

  take(buffer: LineReader, size: number): Uint8Array<ArrayBuffer> | undefined {
    const decoded = this.#decoded;
    while (decoded.length < size) {
      try {
        if (!this.#decode(buffer)) break;
      } catch (error) {
        // What came before the fault is given first; the decoder tells of it again.
        if (decoded.length === 0) throw error;
        break;
      }
    }
    return decoded.take(size);
  }

  readline(
    buffer: LineReader,
    limit: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    for (;;) {
      const line = this.#decoded.readline(limit);
      if (line !== undefined || !this.#decode(buffer)) return line;
    }
  }

  /** Decodes what is there of the next chunk; `false` where more must come first, or nothing does any more. */
  #decode(buffer: LineReader): boolean {
    if (this.#decoded.ended) return false;
    let piece: Uint8Array | undefined;
    try {
      piece = this.decoder.read(buffer, READ_SIZE);
    } catch (error) {
      throw markClientFault(error);
    }
    if (piece === undefined) return false;
    if (piece.length === 0) this.#decoded.end();
    else this.#decoded.feed(piece);
    return true;
  }
}
