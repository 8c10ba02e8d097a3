// The whole head of a request: the request line and the header block, and what they
// mean for the connection. The rules that need both are here.

import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import {
  connectionOptions,
  isAtLeastHttp11,
  NO_BODY,
  requestFraming,
} from "./framing.ts";
import {
  checkHeaderBlock,
  type FramingFields,
  scanFields,
} from "./header_block.ts";
import { HTTPMessage } from "./headers.ts";
import { isHost } from "./host.ts";
import { type HeadFacts, keepHead, knownHead } from "./known_heads.ts";
import type { LineReader } from "./line_reader.ts";
import {
  checkRequestLine,
  parseRequestLine,
  type RequestLine,
} from "./request_line.ts";
import { CRLF, QUOTED_LENGTH } from "./syntax.ts";

/** What a header block says about its request. */
export interface RequestHead extends HeadFacts {
  /** The header fields. */
  readonly headers: HTTPMessage;
}

/** The head of a request: its line and its header block. */
export interface ParsedRequest extends RequestHead {
  /** The request line. */
  line: RequestLine;
}

/** Options of {@linkcode parseRequest}. */
export interface ParseRequestOptions {
  /**
   * The version of a request line without one. With `"HTTP/0.9"` no headers follow it.
   *
   * @default {"HTTP/0.9"}
   */
  defaultVersion?: string;
  /**
   * Refuse HTTP/1.1 requests without Host (RFC 9112 §3.2).
   *
   * @default {true}
   */
  requiresHost?: boolean;
  /**
   * Refuse a Content-Length of 2^53 or more; otherwise such a body never ends.
   *
   * @default {true}
   */
  limitsContentLength?: boolean;
}

/** Request lines that wait for the rest of their header block, by buffer. */
const pending = new WeakMap<LineReader, RequestLine>();

/**
 * Parses a header block into what the connection needs to know.
 *
 * @param line The request line before it.
 * @param block The lines up to and including the blank one, as latin-1 text; `""` for HTTP/0.9.
 * @param requiresHost Whether to refuse HTTP/1.1 without Host; CPython accepts it.
 * @param limitsContentLength Whether to refuse a Content-Length of 2^53 or more; otherwise such a body never ends.
 * @returns The fields, the framing, and what the client asks of the connection.
 * @throws {ParseError} 400 on a malformed block, a missing, repeated or bad Host or faulty framing, 501 on an unknown transfer coding.
 *
 * @example The framing of a POST
 * ```ts
 * import { parseRequestHead, parseRequestLine } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const line = parseRequestLine("POST /form HTTP/1.1\r\n")!;
 * const head = parseRequestHead(line, "Host: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
 * assertEquals(head.framing, { kind: "length", length: 3 });
 * assertEquals(head.keepAlive, false);
 * assertEquals(head.headers.get("host"), "a");
 * ```
 */
export function parseRequestHead(
  line: RequestLine,
  block: string,
  requiresHost: boolean = false,
  limitsContentLength: boolean = false,
): RequestHead {
  const facts = parseHeadFacts(line, block, requiresHost, limitsContentLength);
  return { ...facts, headers: HTTPMessage.fromBlock(block) };
}

/**
 * Does what `parseRequestHead()` does, without the fields: `HTTPMessage.fromBlock()` reads them.
 *
 * @param line The request line before it.
 * @param block The lines up to and including the blank one, as latin-1 text; `""` for HTTP/0.9.
 * @param requiresHost Whether to refuse HTTP/1.1 without Host.
 * @param limitsContentLength Whether to refuse a Content-Length of 2^53 or more.
 * @returns The framing, and what the client asks of the connection.
 * @throws {ParseError} As `parseRequestHead()`.
 */
export function parseHeadFacts(
  line: RequestLine,
  block: string,
  requiresHost: boolean,
  limitsContentLength: boolean,
): HeadFacts {
  if (line.version === "") return SIMPLE;
  const { version } = line;
  const known = line.simple ? undefined : knownHead(version, block);
  if (known !== undefined) return known;
  // In CPython too, the stream may end after a line with the default version.
  if (line.simple && block === "") block = CRLF;
  checkHeaderBlock(block);
  const fields = scanFields(block);
  const http11 = isAtLeastHttp11(line);
  checkHost(fields, requiresHost && http11);
  const keepAlive = wantsKeepAlive(fields.connection);
  const facts: HeadFacts = {
    framing: requestFraming(fields, line, limitsContentLength),
    // As in CPython, a line without a version closes unless the client says otherwise.
    keepAlive: line.simple ? keepAlive ?? false : keepAlive,
    expectContinue: fields.expect.length > 0 && http11 &&
      fields.expect.some((value) => value.toLowerCase() === "100-continue"),
    http11,
    http09: line.version === "HTTP/0.9",
    serial: 0,
  };
  // Without Host, whether HTTP/1.1 is refused depends on the handler.
  return !line.simple && (fields.hosts === 1 || !http11)
    ? keepHead(version, block, facts)
    : facts;
}

/** HTTP/0.9 has no headers (behaviour 25). */
const SIMPLE: HeadFacts = Object.freeze({
  framing: NO_BODY,
  keepAlive: false,
  expectContinue: false,
  http11: false,
  http09: true,
  serial: 0,
});

/**
 * RFC 9112 §3.2: 400 for a request without Host, if one is required, and for any request
 * with more than one or with an invalid one. CPython checks none of this.
 */
function checkHost(fields: FramingFields, required: boolean): void {
  if (fields.hosts === 0) {
    if (required) throw new ParseError(400, "Missing Host header");
    return;
  }
  if (fields.hosts > 1) throw new ParseError(400, "More than one Host header");
  if (!isHost(fields.host)) {
    throw new ParseError(
      400,
      `Bad Host header (${repr(fields.host, QUOTED_LENGTH)})`,
    );
  }
}

function wantsKeepAlive(values: readonly string[]): boolean | undefined {
  if (values.length === 0) return undefined;
  // The two values that browsers and load generators send, without building a set.
  if (
    values.length === 1 &&
    (values[0] === "keep-alive" || values[0] === "Keep-Alive")
  ) {
    return true;
  }
  const options = connectionOptions(values);
  if (options.has("close")) return false;
  return options.has("keep-alive") ? true : undefined;
}

/**
 * Parses the head of one request from a buffer.
 *
 * Call it again after feeding more bytes; it remembers a line whose header block
 * is incomplete. A few empty lines before a request are ignored (RFC 9112 §2.2).
 *
 * @param buffer The received bytes.
 * @param options Which requests to refuse; RFC 9112 by default.
 * @returns The head; `undefined` if it is incomplete, or if the stream ended before a request.
 * @throws {ParseError} 414 or 431 if a line or block is too long; also what `parseRequestLine()` and `parseRequestHead()` throw.
 *
 * @example A request in two pieces
 * ```ts
 * import { LineReader, parseRequest } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const buffer = new LineReader();
 * buffer.feed(new TextEncoder().encode("GET /a HTTP/1.1\r\nHost: "));
 * assertEquals(parseRequest(buffer), undefined); // not yet
 * buffer.feed(new TextEncoder().encode("example.com\r\n\r\n"));
 * const request = parseRequest(buffer)!;
 * assertEquals(request.line.path, "/a");
 * assertEquals(request.headers.get("Host"), "example.com");
 * assertEquals(request.framing.kind, "none");
 * ```
 */
export function parseRequest(
  buffer: LineReader,
  options: ParseRequestOptions = {},
): ParsedRequest | undefined {
  const line = pending.get(buffer) ??
    takeRequestLine(buffer, options.defaultVersion);
  if (line === undefined) return undefined;
  const block = line.version === "" ? "" : buffer.readHeaderBlock();
  if (block === undefined) {
    pending.set(buffer, line);
    return undefined;
  }
  pending.delete(buffer);
  const { requiresHost = true, limitsContentLength = true } = options;
  return {
    line,
    ...parseRequestHead(line, block, requiresHost, limitsContentLength),
  };
}

function takeRequestLine(
  buffer: LineReader,
  defaultVersion: string | undefined,
): RequestLine | undefined {
  const line = buffer.readRequestLine();
  if (line === undefined || line === "") return undefined;
  checkRequestLine(line);
  return parseRequestLine(line, defaultVersion);
}
