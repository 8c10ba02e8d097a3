// Parameters of a field value, `; name=value`, with the same results as Python's email
// package: quoted strings, and RFC 2231 charsets and continuations. Each step walks the
// text once; CPython's search for quotes and blanks may walk it again for each parameter.

import { encodeLatin1 } from "../text/latin1.ts";

/**
 * The value of a parameter: a string, or, in RFC 2231 format (`name*=...`), its charset,
 * language and value. Each character of that value is an octet.
 */
export type ParameterValue =
  | string
  | readonly [charset: string | null, language: string | null, value: string];

/** The name and value of a parameter. */
export type Parameter = readonly [name: string, value: ParameterValue];

/** One piece of a parameter that is split into several (RFC 2231). */
interface Continuation {
  /** The digits of its number without leading zeros, or `null`. */
  readonly number: string | null;
  readonly value: string;
  readonly encoded: boolean;
}

const CONTINUATION = /^(\w+)\*(?:([0-9]+)\*?)?$/;

/**
 * Parses the parameters of a field value. The part before the first semicolon is the first
 * of them. All other values are returned as quoted strings.
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

/** Splits a value at semicolons outside of quotation marks. */
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

/** Joins the pieces of a parameter in the order of their numbers. */
function join(pieces: readonly Continuation[]): ParameterValue {
  // A piece without a number is number 0, or is ignored if there is a 0.
  const hasZero = pieces.some((piece) => piece.number === "0");
  const ordered = hasZero
    ? pieces.filter((piece) => piece.number !== null)
    : [...pieces];
  // Pieces with equal numbers are ordered by their text, like Python's tuples.
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

  // charset'language'text, where the text may contain further apostrophes.
  const first = text.indexOf("'");
  const second = first < 0 ? -1 : text.indexOf("'", first + 1);
  if (second < 0) return [null, null, `"${text}"`];
  return [
    text.slice(0, first),
    text.slice(first + 1, second),
    `"${text.slice(second + 1)}"`,
  ];
}

/** Compares numbers of any length, given as digits without leading zeros. */
function compareDigits(a: string, b: string): number {
  return a.length - b.length || compareText(a, b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Converts each `%xx` to the character with that code. */
function percentDecode(text: string): string {
  return text.replace(
    /%([0-9A-Fa-f]{2})/g,
    (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/**
 * Removes quotation marks or angle brackets around text, like Python's
 * `email.utils.unquote()`.
 *
 * @param text The text.
 * @returns The enclosed text, or the text itself.
 */
export function unquoteString(text: string): string {
  if (text.length < 2) return text;
  if (text.startsWith('"') && text.endsWith('"')) {
    return text.slice(1, -1).replaceAll("\\\\", "\\").replaceAll('\\"', '"');
  }
  return text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
}

/**
 * Removes the quotation marks from a parameter's value.
 *
 * @param value The value, as returned by `parseParameters()`.
 * @returns The value without quotation marks.
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
 * Converts the result of `get_param()` to text, like Python's
 * `email.utils.collapse_rfc2231_value()`.
 *
 * @param value The value of a parameter.
 * @returns The text, decoded if its charset is known.
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
 * Decodes text whose characters are octets. Supports the charsets of `TextDecoder`, and the
 * real us-ascii and iso-8859-1, which `TextDecoder` treats as windows-1252. Python supports
 * more.
 *
 * @param text The octets.
 * @param charset The name of the charset.
 * @param fatal Whether to return `undefined` if an octet can't be decoded.
 * @returns The text; `undefined` if the charset is unknown, or on such an error.
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
    // RangeError: unknown charset. TypeError: malformed for this charset.
    if (error instanceof RangeError || error instanceof TypeError) {
      return undefined;
    }
    throw error;
  }
}

/** Escapes characters beyond octets as `\uXXXX`, like Python's codec of that name. */
function rawUnicodeEscape(text: string): string {
  return text.replace(/[\u0100-\u{10ffff}]/gu, (char) => {
    const code = char.codePointAt(0)!;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/**
 * Strips the white space that Python knows in Latin-1: HTAB to CR, FS to SP, NEL and NBSP.
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
 * Like `strip()`, but only at the end.
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
