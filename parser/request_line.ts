// The first line of a request. A regular expression parses the form that nearly every
// client sends; all others go through the steps of CPython's parse_request(), in the same
// order, since it decides which error is sent.
// Stricter than CPython: only SP and HTAB separate words. A line with any other of
// Python's white space is refused: a proxy that compares "/admin\xa0" with its rules
// must not be tricked into passing a request for "/admin".

import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import { MAX_EMPTY_LINES, MAX_LINE } from "./line_reader.ts";
import { QUOTED_LENGTH } from "./syntax.ts";

/** The parts of a request line. */
export interface RequestLine {
  /** The method as sent; it may be unknown, which the handler rejects with 501. */
  command: string;
  /** The request target as sent, except that several leading slashes become one. */
  path: string;
  /**
   * The version as sent, such as `"HTTP/1.1"`, or the default version; `""` for HTTP/0.9,
   * which has no headers.
   */
  version: string;
  /** The number before the dot of the version. */
  major: number;
  /** The number after the dot of the version. */
  minor: number;
  /** Whether the line has two words and therefore no version. */
  simple: boolean;
}

/** `METHOD SP target SP HTTP/1.x CRLF` (RFC 9112 §3) in visible ASCII. */
const ORDINARY = /^([!-~]+) ([!-~]+) HTTP\/1\.([01])\r\n$/;

/** A word of the line (RFC 9112 §3). */
const WORDS = /[^\t ]+/g;

/** What no request line may contain; HTAB separates words. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

/** NEL and NBSP: white space in Python, part of a word elsewhere. */
const PYTHON_SPACE = /[\x85\xa0]/;

/** A word as Python's `str.split()` sees it in latin-1 text. */
// deno-lint-ignore no-control-regex
const PYTHON_WORDS = /[^\t-\r\x1c-\x20\x85\xa0]+/g;

const VERSION = /^HTTP\/([0-9]{1,10})\.([0-9]{1,10})$/;

/** The start of a version in place of the target. */
const VERSION_START = /^HTTP\/[0-9]/i;

const HTTP09 = "HTTP/0.9";

const SLASH = 0x2f;

/**
 * Parses the first line of a request, as CPython's `parse_request()` does.
 *
 * The line may end with CRLF, LF or nothing. Words are separated by any number of
 * spaces and tabs. Several leading slashes of a target become one, since a redirect
 * to `//host/` would go to another host.
 *
 * @param line The line as latin-1 text.
 * @param defaultVersion The version of a line without one. With `"HTTP/0.9"` no headers follow it.
 * @returns The parts; `undefined` for an empty line.
 * @throws {ParseError} 400 on bad syntax, 505 on a version of 2.0 or higher.
 * @throws {TypeError} If the line has no version and `defaultVersion` is not one below 2.0.
 *
 * @example The parts of a line
 * ```ts
 * import { parseRequestLine } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseRequestLine("GET /a?b=1 HTTP/1.1\r\n"), {
 *   command: "GET",
 *   path: "/a?b=1",
 *   version: "HTTP/1.1",
 *   major: 1,
 *   minor: 1,
 *   simple: false,
 * });
 * assertEquals(parseRequestLine("\r\n"), undefined);
 * ```
 */
export function parseRequestLine(
  line: string,
  defaultVersion: string = HTTP09,
): RequestLine | undefined {
  const match = ORDINARY.exec(line);
  if (match === null) return parseUnusual(line, defaultVersion);
  const command = match[1]!;
  const target = match[2]!;
  checkAsterisk(command, target, line);
  const newer = match[3] === "1";
  return {
    command,
    path: withOneSlash(target),
    version: newer ? "HTTP/1.1" : "HTTP/1.0",
    major: 1,
    minor: newer ? 1 : 0,
    simple: false,
  };
}

/**
 * Refuses a line that `LineReader.readRequestLine()` cut, or returned after too many empty lines:
 * the bytes that follow must never be parsed as a request.
 *
 * @param line The line as latin-1 text.
 * @throws {ParseError} 414 for a line of more than 65,536 bytes, 400 for an empty one.
 */
export function checkRequestLine(line: string): void {
  if (line.length > MAX_LINE) throw new ParseError(414, "URI Too Long");
  if (line !== "\r\n" && line !== "\n") return;
  throw new ParseError(400, badSyntax(""), {
    explain: `More than ${MAX_EMPTY_LINES} empty lines before a request`,
  });
}

/** Parses any other line, step by step. */
function parseUnusual(
  line: string,
  defaultVersion: string,
): RequestLine | undefined {
  const text = withoutLineEnd(line);
  if (text === "") return undefined;
  const words = text.match(WORDS) ?? [];
  if (CONTROL.test(text)) {
    const found = /[\0\r]/.test(text) ? "CR or NUL" : "control characters";
    throw new ParseError(400, badSyntax(text), {
      explain: `A request line must not contain ${found}`,
      simple: text.match(PYTHON_WORDS)?.length === 2,
    });
  }
  if (PYTHON_SPACE.test(text)) throw new ParseError(400, badSyntax(text));
  const [command = "", target = ""] = words;
  if (words.length < 3) {
    if (words.length < 2) throw new ParseError(400, badSyntax(text));
    return parseVersionless(text, command, target, defaultVersion);
  }
  const version = words.at(-1)!;
  const [major, minor] = parseVersion(version, command);
  if (words.length > 3) throw new ParseError(400, badSyntax(text));
  checkAsterisk(command, target, text);
  const path = withOneSlash(target);
  return { command, path, version, major, minor, simple: false };
}

/** Parses a line of two words. */
function parseVersionless(
  text: string,
  command: string,
  target: string,
  defaultVersion: string,
): RequestLine {
  if (VERSION_START.test(target)) {
    throw new ParseError(400, badSyntax(text), {
      explain: "The request line has no target",
    });
  }
  const http09 = defaultVersion === HTTP09;
  if (http09 && (text.endsWith(" ") || text.endsWith("\t"))) {
    // An HTTP/0.9 line ends after the target; this one has an empty version.
    throw new ParseError(400, badSyntax(text), {
      explain: "The request line has no version",
    });
  }
  if (command !== "GET") {
    const message = `Bad HTTP/0.9 request type (${
      repr(command, QUOTED_LENGTH)
    })`;
    throw new ParseError(400, message, { simple: true });
  }
  checkAsterisk(command, target, text);
  const path = withOneSlash(target);
  if (http09) {
    return { command, path, version: "", major: 0, minor: 9, simple: true };
  }
  const [major, minor] = numbersOf(defaultVersion);
  return { command, path, version: defaultVersion, major, minor, simple: true };
}

/** RFC 9112 §3.2.4: the asterisk means the whole server, and is only valid with OPTIONS. */
function checkAsterisk(command: string, target: string, line: string): void {
  if (target !== "*" || command === "OPTIONS") return;
  throw new ParseError(400, badSyntax(withoutLineEnd(line)), {
    explain: 'Only OPTIONS may have the target "*"',
    command,
  });
}

/** Removes CRLF or LF; any further CR stays and is refused later. */
function withoutLineEnd(line: string): string {
  if (line.endsWith("\r\n")) return line.slice(0, -2);
  return line.endsWith("\n") ? line.slice(0, -1) : line;
}

function badSyntax(text: string): string {
  return `Bad request syntax (${repr(text, QUOTED_LENGTH)})`;
}

/**
 * The two numbers of a version, each of one digit (RFC 9112 §2.3). In CPython's order:
 * 2.0 and above is refused as another protocol first, however it is spelled.
 */
function parseVersion(
  version: string,
  command: string,
): [major: number, minor: number] {
  const match = VERSION.exec(version);
  const major = match === null ? NaN : Number(match[1]);
  if (major >= 2) {
    const number = version.slice("HTTP/".length);
    throw new ParseError(505, `Invalid HTTP version (${number})`, { command });
  }
  if (match === null || match[1]!.length > 1 || match[2]!.length > 1) {
    const message = `Bad request version (${repr(version, QUOTED_LENGTH)})`;
    throw new ParseError(400, message, { command });
  }
  return [major, Number(match[2])];
}

/** The numbers of a default version. */
function numbersOf(version: string): [major: number, minor: number] {
  const match = /^HTTP\/([01])\.([0-9])$/.exec(version);
  if (match === null) {
    throw new TypeError(
      `Cannot parse a request line without a version: the default version is ${
        repr(version, QUOTED_LENGTH)
      }; it must be one such as 'HTTP/1.0'`,
    );
  }
  return [Number(match[1]), Number(match[2])];
}

function withOneSlash(path: string): string {
  if (path.charCodeAt(0) !== SLASH || path.charCodeAt(1) !== SLASH) return path;
  let start = 1;
  while (path.charCodeAt(start + 1) === SLASH) start++;
  return path.slice(start);
}
