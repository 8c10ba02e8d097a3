// The whole head of a request: line and header block put together, and what
// follows from them for the connection. The rules that need both stand here.

import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import {
  type BodyFraming,
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
import { type LineReader, MAX_LINE } from "./line_reader.ts";
import { parseRequestLine, type RequestLine } from "./request_line.ts";
import { QUOTED_LENGTH } from "./syntax.ts";

/** What a header block says about its request. */
export interface RequestHead {
  /** The header fields. */
  headers: HTTPMessage;
  /** How the end of the body is known. */
  framing: BodyFraming;
  /**
   * What the client asks of the connection: `false` if it said "close", else
   * `true` if it said "keep-alive", else `undefined`.
   */
  keepAlive: boolean | undefined;
  /** Whether the client waits for "100 Continue" before it sends the body. */
  expectContinue: boolean;
}

/** The head of a request: its line, and what its header block says. */
export interface ParsedRequest extends RequestHead {
  /** The request line. */
  line: RequestLine;
}

/** `uri-host [ ":" port ]` (RFC 9110 7.2) by its characters; it may be empty. */
const HOST =
  /^(?:\[[0-9A-Za-z:.\-_~!$&'()*+,;=]+\]|[0-9A-Za-z.\-_~!$&'()*+,;=%]*)(?::[0-9]*)?$/;

/** Lines parsed by `parseRequest()` whose header block has not come yet. */
const pendingLines = new WeakMap<LineReader, RequestLine>();

/**
 * Checks a header block and draws from it what the connection must know.
 *
 * @param line The request line that stood before it.
 * @param block The lines up to and including the blank one, as latin-1 text.
 * @returns The fields, the framing and the wishes of the client.
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
): RequestHead {
  checkHeaderBlock(block);
  const fields = scanFields(block);
  checkHost(fields, line);
  return {
    headers: HTTPMessage.fromBlock(block),
    framing: requestFraming(fields, line),
    keepAlive: wantsKeepAlive(fields.connection),
    expectContinue: fields.expect.length > 0 && isAtLeastHttp11(line) &&
      fields.expect.some((value) => value.toLowerCase() === "100-continue"),
  };
}

/**
 * RFC 9112 3.2: 400 to HTTP/1.1 without Host, and to any request with more than
 * one or with an invalid one. CPython looks at none of it.
 */
function checkHost(fields: FramingFields, line: RequestLine): void {
  if (fields.hosts === 0) {
    if (isAtLeastHttp11(line)) throw new ParseError(400, "Missing Host header");
    return;
  }
  if (fields.hosts > 1) throw new ParseError(400, "More than one Host header");
  if (!HOST.test(fields.host)) {
    throw new ParseError(
      400,
      `Bad Host header (${repr(fields.host, QUOTED_LENGTH)})`,
    );
  }
}

function wantsKeepAlive(values: readonly string[]): boolean | undefined {
  if (values.length === 0) return undefined;
  // What browsers and load generators send, without a set for each request.
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
 * Takes the head of one request out of a buffer.
 *
 * Call it again after more bytes were fed; it remembers a line whose header block
 * has not come. Empty lines before a request are passed over (RFC 9112 2.2).
 *
 * @param buffer Where the bytes arrive.
 * @returns The head; `undefined` while more must come, or when the stream has ended where a request would begin.
 * @throws {ParseError} 414 or 431 on a line or block too long, and as `parseRequestLine()` and `parseRequestHead()`.
 *
 * @example A request that comes in two pieces
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
export function parseRequest(buffer: LineReader): ParsedRequest | undefined {
  const line = pendingLines.get(buffer) ?? takeRequestLine(buffer);
  if (line === undefined) return undefined;
  if (line.simple) {
    // HTTP/0.9 has no headers (behaviour 25).
    const headers = new HTTPMessage();
    return {
      line,
      headers,
      framing: NO_BODY,
      keepAlive: false,
      expectContinue: false,
    };
  }
  const block = buffer.readHeaderBlock();
  if (block === undefined) {
    pendingLines.set(buffer, line);
    return undefined;
  }
  pendingLines.delete(buffer);
  return { line, ...parseRequestHead(line, block) };
}

function takeRequestLine(buffer: LineReader): RequestLine | undefined {
  while (true) {
    const text = buffer.readLatin1Line(MAX_LINE + 1);
    if (text === undefined || text === "") return undefined;
    if (text.length > MAX_LINE) throw new ParseError(414, "URI Too Long");
    if (text === "\r\n" || text === "\n") continue;
    const line = parseRequestLine(text);
    if (line !== undefined) return line;
    throw new ParseError(
      400,
      `Bad request syntax (${repr(text, QUOTED_LENGTH)})`,
    );
  }
}
