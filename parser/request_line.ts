// The first line of a request. Two routes: one regular expression for the line
// that nearly every client sends, and after it the steps of CPython's
// parse_request() in their order, since the order decides which error is sent.
// Stricter than CPython: only SP and HTAB separate words. A line with any other of
// Python's white space is refused, since whoever compares "/admin\xa0" with rules of
// its own must not be made to pass "/admin".

import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import { MAX_EMPTY_LINES, MAX_LINE } from "./line_reader.ts";
import { QUOTED_LENGTH } from "./syntax.ts";

/** The parts of a request line. */
export interface RequestLine {
  /** The method as sent; any word, since an unknown one is the handler's 501. */
  command: string;
  /** The request target as sent, but with one slash where it began with more. */
  path: string;
  /**
   * The version as sent, such as `"HTTP/1.1"`, else the default one; `""` if that is
   * HTTP/0.9, so that no headers follow.
   */
  version: string;
  /** The number before the dot of the version. */
  major: number;
  /** The number after the dot of the version. */
  minor: number;
  /** Whether the line has two words, and so names no version. */
  simple: boolean;
}

/** `METHOD SP target SP HTTP/1.x CRLF` (RFC 9112 3) in visible ASCII. */
const ORDINARY = /^([!-~]+) ([!-~]+) HTTP\/1\.([01])\r\n$/;

/** A word of the line (RFC 9112 §3). */
const WORDS = /[^\t ]+/g;

/** What no request line may contain; HTAB separates words. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

/** NEL and NBSP, which are white space to Python and part of a word to everybody else. */
const PYTHON_SPACE = /[\x85\xa0]/;

/** A word as Python's `str.split()` sees it in latin-1 text. */
// deno-lint-ignore no-control-regex
const PYTHON_WORDS = /[^\t-\r\x1c-\x20\x85\xa0]+/g;

const VERSION = /^HTTP\/([0-9]{1,10})\.([0-9]{1,10})$/;

/** The start of a version where the target should be. */
const VERSION_START = /^HTTP\/[0-9]/i;

const HTTP09 = "HTTP/0.9";

const SLASH = 0x2f;

/**
 * Parses the first line of a request, as CPython's `parse_request()` does.
 *
 * The line may end with CRLF, LF or nothing. Words are separated by any number of
 * spaces and tabs. A target that begins with several slashes gets a single one, or a
 * redirect made of it would lead to another host.
 *
 * @param line The line as latin-1 text.
 * @param defaultVersion The version of a line that names none. With `"HTTP/0.9"` no headers follow it.
 * @returns The parts; `undefined` for an empty line.
 * @throws {ParseError} 400 on bad syntax, 505 on a version of 2.0 or higher.
 * @throws {TypeError} If a line names no version and `defaultVersion` is not one below 2.0.
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
 * Refuses what `LineReader.readRequestLine()` cut, or returned after too many empty lines: what
 * follows must never be read as a request.
 *
 * @param line The line as latin-1 text.
 * @throws {ParseError} 414 on a line of more than 65,536 bytes, 400 on an empty one.
 */
export function checkRequestLine(line: string): void {
  if (line.length > MAX_LINE) throw new ParseError(414, "URI Too Long");
  if (line !== "\r\n" && line !== "\n") return;
  throw new ParseError(400, badSyntax(""), {
    explain: `More than ${MAX_EMPTY_LINES} empty lines before a request`,
  });
}

/** Every other line, step by step. */
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

/** A line of two words. */
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
    // HTTP/0.9 ends the line after the target; here a version was left out.
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

/** RFC 9112 §3.2.4: the asterisk stands for the server as a whole, in OPTIONS alone. */
function checkAsterisk(command: string, target: string, line: string): void {
  if (target !== "*" || command === "OPTIONS") return;
  throw new ParseError(400, badSyntax(withoutLineEnd(line)), {
    explain: 'Only OPTIONS may have the target "*"',
    command,
  });
}

/** The line without CRLF or LF; any further CR stays and is refused later. */
function withoutLineEnd(line: string): string {
  if (line.endsWith("\r\n")) return line.slice(0, -2);
  return line.endsWith("\n") ? line.slice(0, -1) : line;
}

function badSyntax(text: string): string {
  return `Bad request syntax (${repr(text, QUOTED_LENGTH)})`;
}

/**
 * The two numbers of a version, each of one digit (RFC 9112 §2.3). From 2.0 on it is
 * another protocol, however it is spelt; that is CPython's order.
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

/** The numbers of a version that the program itself gave. */
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
