// Latin-1 in both directions: Python treats HTTP header bytes as Latin-1. TextDecoder's
// "latin1" is windows-1252, so this uses Node's native decoder.

import { Buffer } from "node:buffer";

const slice = Buffer.prototype.latin1Slice;
const BEYOND_LATIN1 = /[\u0100-\uffff]/;
const BEYOND_ASCII = /[\u0080-\uffff]/;

/**
 * Decodes bytes as Latin-1: each byte becomes the character with the same code.
 *
 * @param bytes The bytes.
 * @param start The index of the first byte.
 * @param end The index after the last byte.
 * @returns The text, one character per byte.
 */
export function decodeLatin1(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): string {
  return slice.call(bytes, start, end);
}

/**
 * Encodes text as Latin-1, one byte per character.
 *
 * @param text The text, with no character above U+00FF.
 * @returns The bytes.
 * @throws {TypeError} If a character is above U+00FF.
 */
export function encodeLatin1(text: string): Uint8Array {
  const at = text.search(BEYOND_LATIN1);
  if (at >= 0) {
    const code = text.codePointAt(at)!.toString(16).padStart(4, "0");
    throw new TypeError(
      `Cannot encode U+${code.toUpperCase()} at position ${at} as Latin-1`,
    );
  }
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = text.charCodeAt(index);
  }
  return bytes;
}

/**
 * Whether every character of the text is ASCII.
 *
 * @param text The text.
 * @returns `true` for ASCII only, and for the empty string.
 */
export function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text);
}
