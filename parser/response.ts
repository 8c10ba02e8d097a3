// The head of a response, as a client reads it: the status line, and where the body ends
// (RFC 9112 §4 and §6.3). What two programs could read differently is refused here too: the
// next response on the connection begins where this body ends.

import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import {
  type BodyFraming,
  connectionOptions,
  NO_BODY,
  requestFraming,
} from "./framing.ts";
import { checkHeaderBlock, scanFields } from "./header_block.ts";
import { HTTPMessage } from "./headers.ts";
import { QUOTED_LENGTH } from "./syntax.ts";

/** The first line of a response. */
export interface StatusLine {
  /** The number after the dot of the version, `HTTP/1.x`. */
  readonly minor: number;
  /** The status code, 100 to 999. */
  readonly status: number;
  /** The reason phrase; possibly empty. */
  readonly reason: string;
}

/** How the body of a response ends; `"close"` is the end of the connection. */
export type ResponseFraming = BodyFraming | { readonly kind: "close" };

/** The head of a response. */
export interface ParsedResponse extends StatusLine {
  /** The header fields. */
  readonly headers: HTTPMessage;
  /** How the body ends. */
  readonly framing: ResponseFraming;
  /** Whether the server keeps the connection open after it (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
}

/** The reason phrase and the space before it are missing in responses of some servers. */
const STATUS_LINE =
  /^HTTP\/1\.([0-9]) ([1-9][0-9]{2})(?: ([\t -~\x80-\xff]*))?\r?\n$/;

const UNTIL_CLOSE: ResponseFraming = Object.freeze({ kind: "close" });

/**
 * Parses a status line.
 *
 * @param line The line as Latin-1 text, with its line end.
 * @returns Its parts.
 * @throws {ParseError} 502 if it is malformed, or of another protocol.
 *
 * @example A status line
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseStatusLine("HTTP/1.1 404 Not Found\r\n"), {
 *   minor: 1,
 *   status: 404,
 *   reason: "Not Found",
 * });
 * ```
 */
export function parseStatusLine(line: string): StatusLine {
  const match = STATUS_LINE.exec(line);
  if (match === null) {
    const text = line.replace(/\r?\n$/, "");
    throw new ParseError(502, `Bad status line (${repr(text, QUOTED_LENGTH)})`);
  }
  const [, minor, status, reason = ""] = match;
  return { minor: Number(minor), status: Number(status), reason };
}

/**
 * Parses the header block of a response.
 *
 * @param line The status line before it.
 * @param block The lines up to and including the blank one, as Latin-1 text.
 * @param method The method of the request.
 * @returns The head.
 * @throws {ParseError} If the block is malformed, or it is uncertain where the body ends.
 *
 * @example A response without a length
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const line = parseStatusLine("HTTP/1.0 200 OK\r\n");
 * const head = parseResponseHead(line, "Server: a\r\n\r\n", "GET");
 * assertEquals(head.framing, { kind: "close" });
 * assertEquals(head.keepAlive, false);
 * ```
 */
export function parseResponseHead(
  line: StatusLine,
  block: string,
  method: string,
): ParsedResponse {
  checkHeaderBlock(block);
  const fields = scanFields(block);
  const { contentLength, transferEncoding } = fields;
  const options = connectionOptions(fields.connection);
  const framed = requestFraming(fields, { major: 1, minor: line.minor }, true);
  const undelimited = contentLength.length === 0 &&
    transferEncoding.length === 0;
  const framing = isBodyless(line.status, method)
    ? NO_BODY
    : undelimited
    ? UNTIL_CLOSE
    : framed;
  return {
    ...line,
    headers: HTTPMessage.fromBlock(block),
    framing,
    keepAlive: framing.kind !== "close" && !options.has("close") &&
      (line.minor >= 1 || options.has("keep-alive")),
  };
}

/** Whether the method or status rules out a body (RFC 9112 §6.3, item 1). */
function isBodyless(status: number, method: string): boolean {
  return method === "HEAD" || status < 200 || status === 204 || status === 304;
}
