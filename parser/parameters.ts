// Parameters of a field value, `; name=value`, with the results of Python's
// email package, since that is what CPython's `self.headers` is: quoted strings,
// and RFC 2231 charsets and continuations. Every step walks the text once, where
// CPython's search for quotes and blanks may walk it again for each parameter.

import { encodeLatin1 } from "../text/latin1.ts";

/**
 * The value of a parameter: text, or for one written by RFC 2231 (`name*=...`)
 * its charset, its language and its value, of which each character is an octet.
 */
export type ParameterValue =
  | string
  | readonly [charset: string | null, language: string | null, value: string];

/** The name and the value of a parameter. */
export type Parameter = readonly [name: string, value: ParameterValue];

/** One piece of a parameter that RFC 2231 allows to be cut into several. */
interface Continuation {
  /** The digits of its number without leading zeros, `null` where it has none. */
  readonly number: string | null;
  readonly value: string;
  readonly encoded: boolean;
}

const CONTINUATION = /^(\w+)\*(?:([0-9]+)\*?)?$/;

/**
 * The parameters of a field value, the part before the first semicolon included
 * as the first of them. All values but that one are given as quoted strings.
 *
 * @param value The value of the field.
 * @returns The parameters in order, those with continuations last.
 */
export function parseParameters(value: string): Parameter[] {
  const [first, ...rest] = splitParameters(value).map(splitPair);
  const parameters: Parameter[] = [first!];
  const continued = new Map<string, Continuation[]>();
  for (const [name, quoted] of rest) {
    const unquoted = unquoteString(quoted);
    const match = CONTINUATION.exec(name);
    if (match === null) {
      parameters.push([name, quoteString(unquoted)]);
      continue;
    }
    const pieces = continued.get(match[1]!) ?? [];
    if (pieces.length === 0) continued.set(match[1]!, pieces);
    pieces.push({
      number: match[2] === undefined ? null : match[2].replace(/^0+(?=.)/, ""),
      value: unquoted,
      encoded: name.endsWith("*"),
    });
  }
  for (const [name, pieces] of continued) parameters.push([name, join(pieces)]);
  return parameters;
}

/** Cuts a value at its semicolons, but for those between quotation marks. */
function splitParameters(value: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    const char = value[i];
    if (char === '"') {
      if (i === start || value[i - 1] !== "\\") quoted = !quoted;
    } else if (char === ";" && !quoted) {
      parts.push(value.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}

function splitPair(part: string): readonly [name: string, value: string] {
  const equals = part.indexOf("=");
  if (equals < 0) return [strip(part), ""];
  return [
    strip(part.slice(0, equals)).toLowerCase(),
    strip(part.slice(equals + 1)),
  ];
}

/** Puts the pieces of a parameter together in the order of their numbers. */
function join(pieces: readonly Continuation[]): ParameterValue {
  // A piece without a number is number 0, or is ignored where there is a 0.
  const hasZero = pieces.some((piece) => piece.number === "0");
  const ordered = hasZero
    ? pieces.filter((piece) => piece.number !== null)
    : [...pieces];
  // Pieces of one number are ordered by their text, as Python's tuples are.
  ordered.sort((a, b) =>
    compareDigits(a.number ?? "0", b.number ?? "0") ||
    compareText(a.value, b.value)
  );

  const extended = ordered.some((piece) => piece.encoded);
  const text = escapeQuotes(
    ordered.map((piece) =>
      piece.encoded ? percentDecode(piece.value) : piece.value
    ).join(""),
  );
  if (!extended) return `"${text}"`;

  // charset'language'text, in which the text may have further apostrophes.
  const first = text.indexOf("'");
  const second = first < 0 ? -1 : text.indexOf("'", first + 1);
  if (second < 0) return [null, null, `"${text}"`];
  return [
    text.slice(0, first),
    text.slice(first + 1, second),
    `"${text.slice(second + 1)}"`,
  ];
}

/** Compares numbers of any length, given by their digits without leading zeros. */
function compareDigits(a: string, b: string): number {
  return a.length - b.length || compareText(a, b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Each `%xx` becomes the character of that number, so that characters stand for octets. */
function percentDecode(text: string): string {
  return text.replace(
    /%([0-9A-Fa-f]{2})/g,
    (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/**
 * Takes the quotation marks or angle brackets off a text, as Python's
 * `email.utils.unquote()` does.
 *
 * @param text The text.
 * @returns What they enclose, or the text itself.
 */
export function unquoteString(text: string): string {
  if (text.length < 2) return text;
  if (text.startsWith('"') && text.endsWith('"')) {
    return text.slice(1, -1).replaceAll("\\\\", "\\").replaceAll('\\"', '"');
  }
  return text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
}

/**
 * Takes the quotation marks off the value of a parameter.
 *
 * @param value The value, as `parseParameters()` gives it.
 * @returns The same without quotation marks.
 */
export function unquoteParameter(value: ParameterValue): ParameterValue {
  if (typeof value === "string") return unquoteString(value);
  return [value[0], value[1], unquoteString(value[2])];
}

function quoteString(text: string): string {
  return `"${escapeQuotes(text)}"`;
}

function escapeQuotes(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

/**
 * Turns what `get_param()` gives into text, as Python's
 * `email.utils.collapse_rfc2231_value()` does.
 *
 * @param value The value of a parameter.
 * @returns Its text, decoded from its charset where that is known.
 *
 * @example A parameter with a charset
 * ```ts
 * import { collapse_rfc2231_value } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(collapse_rfc2231_value(["utf-8", "", "na\xc3\xafve"]), "naïve");
 * assertEquals(collapse_rfc2231_value('"plain"'), "plain");
 * ```
 */
export function collapse_rfc2231_value(value: ParameterValue): string {
  if (typeof value === "string") return unquoteString(value);
  const [charset, , text] = value;
  return decodeOctets(text, charset ?? "us-ascii", false) ??
    unquoteString(text);
}

/**
 * Decodes a text whose characters are octets. The charsets are those of
 * `TextDecoder`, with the real us-ascii and iso-8859-1 (which `TextDecoder`
 * takes for windows-1252), so they are not all of Python's.
 *
 * @param text The octets.
 * @param charset The name of the charset.
 * @param fatal Whether to give up where an octet does not decode.
 * @returns The text; `undefined` where the charset is unknown, or on giving up.
 */
export function decodeOctets(
  text: string,
  charset: string,
  fatal: boolean,
): string | undefined {
  const octets = rawUnicodeEscape(text);
  const label = charset.toLowerCase().replaceAll("_", "-");
  if (/^(?:iso-?8859-1|latin-?1|l1|cp819)$/.test(label)) return octets;
  if (/^(?:us-)?ascii$/.test(label)) {
    if (fatal && /[\x80-\xff]/.test(octets)) return undefined;
    return octets.replace(/[\x80-\xff]/g, "\ufffd");
  }
  try {
    return new TextDecoder(label, { fatal, ignoreBOM: true }).decode(
      encodeLatin1(octets),
    );
  } catch (error) {
    // RangeError: no such charset. TypeError: not of this charset.
    if (error instanceof RangeError || error instanceof TypeError) {
      return undefined;
    }
    throw error;
  }
}

/** What is no octet is spelt `\uXXXX`, as Python's codec of that name does. */
function rawUnicodeEscape(text: string): string {
  return text.replace(/[\u0100-\u{10ffff}]/gu, (char) => {
    const code = char.codePointAt(0)!;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/**
 * A text without the white space around it, by Python's idea of white space in
 * latin-1: HTAB to CR, FS to SP, NEL and NBSP.
 *
 * @param text The text.
 * @returns The text, trimmed.
 */
export function strip(text: string): string {
  let start = 0;
  while (start < text.length && isSpace(text.charCodeAt(start))) start++;
  return stripEnd(text.slice(start));
}

/**
 * The same at the end of the text alone.
 *
 * @param text The text.
 * @returns The text, trimmed at its end.
 */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

function isSpace(code: number): boolean {
  return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) ||
    code === 0x85 || code === 0xa0;
}
