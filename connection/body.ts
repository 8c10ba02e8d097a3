// Bodies that `rfile` reads: the raw stream, or one request's body. Pure: each takes from a
// buffer of received bytes and returns `undefined` if it needs more.

import { ChunkedDecoder } from "../parser/chunked.ts";
import { ParseError } from "../parser/errors.ts";
import type { BodyFraming } from "../parser/framing.ts";
import { LineReader } from "../parser/line_reader.ts";
import { markClientFault } from "./errors.ts";
import { READ_SIZE } from "./limits.ts";

/** A part of the stream that is read to its end and no further. */
export interface Body {
  /** Whether it was read to its end. */
  readonly complete: boolean;
  /** The number of bytes left, if known. */
  readonly left?: number;
  /** The decoder of a chunked body, which holds its trailer fields. */
  readonly decoder?: ChunkedDecoder;
  /**
   * Takes bytes.
   *
   * @param buffer The received bytes.
   * @param size The maximum number of bytes, at least 1.
   * @returns At least one byte, or an empty array at the end; `undefined` if more must
   * arrive first.
   * @throws {ParseError} 400 if the body is malformed or ends early.
   */
  take(buffer: LineReader, size: number): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Takes a line.
   *
   * @param buffer The received bytes.
   * @param limit The maximum number of bytes, at least 1.
   * @returns The line with its line end, empty at the end; `undefined` if more must arrive
   * first.
   * @throws {ParseError} 400 if the body is malformed or ends early.
   */
  readline(
    buffer: LineReader,
    limit: number,
  ): Uint8Array<ArrayBuffer> | undefined;
}

/** The raw stream, outside of bodies. */
export const STREAM: Body = {
  complete: true,
  take: (buffer, size) => buffer.take(size),
  readline: (buffer, limit) => buffer.readline(limit),
};

/**
 * The raw stream after a body, for a connection that switches protocols.
 *
 * @param rest The body, whose unread rest is skipped.
 * @returns The stream.
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
 * Creates the body for a framing.
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

  /** EOF before `Content-Length` bytes is an error (RFC 9112 §8). */
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
        // First return the bytes before the fault; the decoder throws again on the next
        // call.
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

  /** Decodes one piece; `false` if more bytes must arrive first, or at the end of the body. */
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
