// The body of a 206 with several slices: multipart/byteranges (RFC 9110 §14.6). All text
// between the slices is known in advance, and so is the total length.

import { CRLF } from "../../../parser/syntax.ts";
import { contentRange } from "./content_range.ts";
import type { ByteSlice } from "./range.ts";

/** A part of a body: text to send as Latin-1, or bytes of the file. */
export type BodyPart = string | ByteSlice;

/** A multipart body, to be sent part by part. */
export interface MultipartBody {
  /** The value of Content-Type, with the boundary. */
  readonly contentType: string;
  /** The value of Content-Length, in bytes. */
  readonly contentLength: number;
  /** The parts, in order. */
  readonly parts: readonly BodyPart[];
}

/**
 * Makes a boundary from random bytes, so that it occurs in no file: clients search the body
 * for it.
 *
 * @param random 12 to 35 random bytes.
 * @returns The boundary, in hexadecimal digits, so it needs no quotation marks.
 * @throws {RangeError} There are too few bytes, or so many that the boundary would have more than 70 characters (RFC 2046 §5.1.1).
 *
 * @example A boundary of 40 digits
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const boundary = makeBoundary(crypto.getRandomValues(new Uint8Array(20)));
 * assertEquals(boundary.length, 40);
 * ```
 */
export function makeBoundary(random: Uint8Array): string {
  if (random.length < 12 || random.length > 35) {
    throw new RangeError(
      `Cannot make a boundary from ${random.length} bytes: use 12 to 35`,
    );
  }
  let boundary = "";
  for (const byte of random) boundary += byte.toString(16).padStart(2, "0");
  return boundary;
}

/**
 * Lays out the body for several slices of a file.
 *
 * @param slices The slices, in the order to send them.
 * @param size The size of the whole file in bytes.
 * @param type The file's media type, repeated in each part.
 * @param boundary The boundary; see `makeBoundary()`.
 * @returns The body, its type and its length.
 *
 * @example The first and the last byte of ten
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const slices = [{ start: 0, length: 1 }, { start: 9, length: 1 }];
 * const body = layOutMultipart(slices, 10, "text/plain", "b");
 * assertEquals(body.contentType, "multipart/byteranges; boundary=b");
 * assertEquals(body.parts, [
 *   "--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/10\r\n\r\n",
 *   { start: 0, length: 1 },
 *   "\r\n--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 9-9/10\r\n\r\n",
 *   { start: 9, length: 1 },
 *   "\r\n--b--\r\n",
 * ]);
 * ```
 */
export function layOutMultipart(
  slices: readonly ByteSlice[],
  size: number,
  type: string,
  boundary: string,
): MultipartBody {
  const parts: BodyPart[] = [];
  let contentLength = 0;
  for (const slice of slices) {
    const head = (parts.length === 0 ? "" : CRLF) + "--" + boundary + CRLF +
      "Content-Type: " + type + CRLF +
      "Content-Range: " + contentRange(slice, size) + CRLF + CRLF;
    parts.push(head, slice);
    contentLength += head.length + slice.length;
  }
  const end = CRLF + "--" + boundary + "--" + CRLF;
  parts.push(end);
  return {
    contentType: "multipart/byteranges; boundary=" + boundary,
    contentLength: contentLength + end.length,
    parts,
  };
}
