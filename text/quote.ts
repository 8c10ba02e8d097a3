// Percent-encoding as in Python's urllib.parse. encodeURIComponent() keeps other
// characters, and decodeURIComponent() throws on malformed text.

const HEX = "0123456789ABCDEF";
const ESCAPED_RUN = /(?:%[0-9A-Fa-f]{2})+/g;
const ASCII_RUN = /^(?:%[0-7][0-9A-Fa-f])+$/;
const SURROGATE = /%ED%[AB][0-9A-F]%[89AB][0-9A-F]/gi;
const PLAIN_PATH = /^[\w.~/-]*$/;

// ignoreBOM: Python keeps U+FEFF at the start of the decoded text.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Formats a byte as "%" and two upper-case hexadecimal digits. */
function escapeByte(byte: number): string {
  return "%" + HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
}

/** Escapes the UTF-8 bytes of a code point, including lone surrogates. */
function escapeCodePoint(code: number): string {
  if (code < 0x80) return escapeByte(code);
  const last = escapeByte(0x80 | (code & 0x3f));
  if (code < 0x800) return escapeByte(0xc0 | (code >> 6)) + last;
  const third = escapeByte(0x80 | ((code >> 6) & 0x3f));
  if (code < 0x10000) return escapeByte(0xe0 | (code >> 12)) + third + last;
  const second = escapeByte(0x80 | ((code >> 12) & 0x3f));
  return escapeByte(0xf0 | (code >> 18)) + second + third + last;
}

/** Whether quote() never escapes this ASCII code. */
function isAlwaysSafe(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || // a-z
    (code >= 0x41 && code <= 0x5a) || // A-Z
    (code >= 0x30 && code <= 0x39) || // 0-9
    code === 0x2d || code === 0x2e || code === 0x5f || code === 0x7e; // -._~
}

/**
 * Percent-encodes text like Python's `urllib.parse.quote(text, safe,
 * errors="surrogatepass")`: letters, digits, `_.-~` and the safe characters stay, all
 * others become `%XX` of their UTF-8. A lone surrogate is encoded like any character.
 *
 * @param text The text to encode.
 * @param safe More ASCII characters not to encode. Non-ASCII characters have no effect.
 * @returns The encoded text, in ASCII.
 */
export function quote(text: string, safe: string = "/"): string {
  if (safe === "/" && PLAIN_PATH.test(text)) return text;
  let result = "";
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const stays = code < 0x80 &&
      (isAlwaysSafe(code) || safe.includes(character));
    result += stays ? character : escapeCodePoint(code);
  }
  return result;
}

/** Returns the bytes of a well-formed run such as "%C3%A9". */
function bytesOfRun(run: string): Uint8Array {
  const bytes = new Uint8Array(run.length / 3);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = parseInt(run.slice(index * 3 + 1, index * 3 + 3), 16);
  }
  return bytes;
}

/** Decodes a run, with U+FFFD for malformed bytes. */
function decodeLeniently(run: string): string {
  // The decoder takes a microsecond per call, so ASCII such as "%20" takes a faster path.
  if (ASCII_RUN.test(run)) return decodeURIComponent(run);
  return decoder.decode(bytesOfRun(run));
}

/**
 * Decodes a run that may contain surrogates, each as three bytes. 0xED only ever begins a
 * character, so the parts between can be decoded separately. Throws a URIError for
 * malformed UTF-8.
 */
function decodeStrictly(run: string): string {
  let result = "";
  let start = 0;
  for (const found of run.matchAll(SURROGATE)) {
    result += decodeURIComponent(run.slice(start, found.index));
    const [upper, lower] = bytesOfRun(found[0]).subarray(1);
    result += String.fromCharCode(
      0xd000 | ((upper! & 0x3f) << 6) | (lower! & 0x3f),
    );
    start = found.index + found[0].length;
  }
  return result + decodeURIComponent(run.slice(start));
}

/**
 * Decodes percent-encoded text like Python's `urllib.parse.unquote(text, errors=errors)`. A
 * "%" without two hexadecimal digits stays, and so do non-ASCII characters. Never throws.
 *
 * @param text The text to decode.
 * @param errors How to handle malformed UTF-8: "replace" inserts U+FFFD; "surrogatepass"
 * also decodes encoded surrogates, but falls back to "replace" for the whole text if
 * anything else is malformed.
 * @returns The decoded text.
 */
export function unquote(
  text: string,
  errors: "replace" | "surrogatepass" = "replace",
): string {
  if (!text.includes("%")) return text;
  if (errors === "surrogatepass") {
    try {
      return text.replace(ESCAPED_RUN, decodeStrictly);
    } catch {
      // Malformed: decode again with replacement characters.
    }
  }
  return text.replace(ESCAPED_RUN, decodeLeniently);
}
