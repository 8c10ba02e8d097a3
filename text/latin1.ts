// Latin-1 in both directions. HTTP's header bytes are Latin-1 to Python, one
// byte a character, and TextDecoder cannot do it: its "latin1" is windows-1252.
// Node's Buffer has the one decoder that copies the bytes natively.

import { Buffer } from "node:buffer";

const slice = Buffer.prototype.latin1Slice;
const BEYOND_LATIN1 = /[\u0100-\uffff]/;
const BEYOND_ASCII = /[\u0080-\uffff]/;

/**
 * Decodes bytes as Latin-1: each byte becomes the character of the same number.
 *
 * @param bytes The bytes to read from.
 * @param start Where to begin.
 * @param end Where to stop, exclusive.
 * @returns The text, one character a byte.
 */
export function decodeLatin1(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): string {
  return slice.call(bytes, start, end);
}

/**
 * Encodes text as Latin-1, one byte a character.
 *
 * @param text The text, with no character above U+00FF.
 * @returns A new array of as many bytes as the text has characters.
 * @throws {TypeError} A character is above U+00FF.
 */
export function encodeLatin1(text: string): Uint8Array {
  const at = text.search(BEYOND_LATIN1);
  if (at >= 0) {
    const code = text.codePointAt(at)!.toString(16).padStart(4, "0");
    throw new TypeError(
      `Cannot encode as Latin-1: U+${code.toUpperCase()} at position ${at}`,
    );
  }
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = text.charCodeAt(index);
  }
  return bytes;
}

/**
 * Tells whether every character of the text is ASCII.
 *
 * @param text The text to look at.
 * @returns True for ASCII only, and for the empty text.
 */
export function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text);
}
