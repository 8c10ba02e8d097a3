// The first line of a request. Two routes: one regular expression for the line
// that nearly every client sends, and behind it the exact steps of CPython's
// parse_request in their order, since the order decides which error is told.
// Stricter than CPython in one point: a CR that does not belong to the line end,
// or a NUL, is refused (RFC 9112 2.2: a bare CR is invalid, or becomes SP).

import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import { QUOTED_LENGTH } from "./syntax.ts";

/** The parts of a request line. */
export interface RequestLine {
  /** The method as sent; any word, since an unknown one is the handler's 501. */
  command: string;
  /** The request target as sent, but with one slash where it began with more. */
  path: string;
  /** The version as sent, such as `"HTTP/1.1"`; `""` where there is none. */
  version: string;
  /** The number before the dot of the version; 0 where there is none. */
  major: number;
  /** The number behind the dot of the version; 9 where there is none. */
  minor: number;
  /** Whether the line has the two words of HTTP/0.9, so that no headers follow. */
  simple: boolean;
}

/** `METHOD SP target SP HTTP/1.x CRLF` (RFC 9112 3) in visible ASCII. */
const ORDINARY = /^([!-~]+) ([!-~]+) HTTP\/1\.([01])\r\n$/;

/** A word as Python's `str.split()` sees it in latin-1 text. */
// deno-lint-ignore no-control-regex
const WORDS = /[^\t-\r\x1c-\x20\x85\xa0]+/g;

const VERSION = /^HTTP\/([0-9]{1,10})\.([0-9]{1,10})$/;

const SLASH = 0x2f;

/**
 * Parses the first line of a request, as CPython's `parse_request()` does.
 *
 * The line may end with CRLF, LF or nothing. Words are separated by any latin-1
 * white space. A target that begins with several slashes gets a single one, or a
 * redirect made of it would lead to another host.
 *
 * @param line The line as latin-1 text.
 * @returns The parts; `undefined` when the line is blank.
 * @throws {ParseError} 400 on bad syntax, 505 on a version of 2.0 or higher.
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
export function parseRequestLine(line: string): RequestLine | undefined {
  const match = ORDINARY.exec(line);
  if (match === null) return parseUnusual(line);
  const newer = match[3] === "1";
  return {
    command: match[1]!,
    path: withOneSlash(match[2]!),
    version: newer ? "HTTP/1.1" : "HTTP/1.0",
    major: 1,
    minor: newer ? 1 : 0,
    simple: false,
  };
}

/** Every other line, step by step. */
function parseUnusual(line: string): RequestLine | undefined {
  const text = withoutLineEnd(line);
  const words = text.match(WORDS) ?? [];
  const simple = words.length === 2;
  if (/[\0\r]/.test(text)) {
    throw new ParseError(400, badSyntax(text), {
      explain: "A request line must not contain CR or NUL",
      simple,
    });
  }
  if (words.length === 0) return undefined;

  let version = "";
  let [major, minor] = [0, 9];
  if (words.length >= 3) {
    version = words.at(-1)!;
    [major, minor] = parseVersion(version);
  }
  if (words.length < 2 || words.length > 3) {
    throw new ParseError(400, badSyntax(text));
  }
  const command = words[0]!;
  if (simple && command !== "GET") {
    throw new ParseError(
      400,
      `Bad HTTP/0.9 request type (${repr(command, QUOTED_LENGTH)})`,
      { simple },
    );
  }
  return {
    command,
    path: withOneSlash(words[1]!),
    version,
    major,
    minor,
    simple,
  };
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
 * The two numbers of a version. They are separate integers with leading zeros
 * ignored (RFC 2145 3.1), so that 2.4 is lower than 2.13 and 01.01 is 1.1.
 */
function parseVersion(version: string): [major: number, minor: number] {
  const match = VERSION.exec(version);
  if (match === null) {
    throw new ParseError(
      400,
      `Bad request version (${repr(version, QUOTED_LENGTH)})`,
    );
  }
  const major = Number(match[1]);
  if (major >= 2) {
    const number = version.slice("HTTP/".length);
    throw new ParseError(505, `Invalid HTTP version (${number})`);
  }
  return [major, Number(match[2])];
}

function withOneSlash(path: string): string {
  if (path.charCodeAt(0) !== SLASH || path.charCodeAt(1) !== SLASH) return path;
  let start = 1;
  while (path.charCodeAt(start + 1) === SLASH) start++;
  return path.slice(start);
}
