// Latin-1 in both directions: Python treats HTTP header bytes as Latin-1. TextDecoder's
// "latin1" is windows-1252. `node:buffer` has a native decoder, but importing it loads Node's
// globals, which takes longer than all other modules of a start. So ASCII goes through the
// native UTF-8 decoder, and the rest is decoded here.

const BEYOND_LATIN1 = /[\u0100-\uffff]/;
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Replaces each byte that is not UTF-8. A byte order mark must count as a character. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const REPLACEMENT = "\ufffd";

/** Up to this length, calling the decoder takes longer than decoding. */
const SHORT = 12;

/** The most characters to make in one call: its arguments are on the stack. */
const BLOCK = 4_096;

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
  const part = start === 0 && end === bytes.length
    ? bytes
    : bytes.subarray(start, end);
  if (part.length <= SHORT) return decodeEach(part);
  const text = utf8.decode(part);
  // Beyond ASCII, UTF-8 has more bytes than characters, or the bytes are invalid.
  return text.length === part.length && !text.includes(REPLACEMENT)
    ? text
    : decodeEach(part);
}

function decodeEach(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block: ArrayLike<number> = bytes.subarray(at, at + BLOCK);
    // Ten times as fast as spreading it.
    text += String.fromCharCode.apply(null, block as number[]);
  }
  return text;
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
