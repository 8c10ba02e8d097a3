/**
 * The parser: turns bytes into a model of a request. It has no access to sockets, files or
 * clocks, and needs no permissions.
 *
 * Feed bytes into a {@linkcode LineReader}. Each reader returns `undefined` if more bytes
 * must arrive first, and throws a {@linkcode ParseError}, which carries an HTTP status, if
 * they are malformed.
 *
 * ```ts
 * import { LineReader, parseRequest } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const buffer = new LineReader();
 * buffer.feed(new TextEncoder().encode("GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n"));
 * const request = parseRequest(buffer)!;
 * assertEquals(request.line.command, "GET");
 * assertEquals(request.headers.get("host"), "example.com");
 * ```
 *
 * @module
 */

export { ChunkedDecoder, encodeChunk, encodeLastChunk } from "./chunked.ts";
export { ParseError, type ParseErrorOptions } from "./errors.ts";
export {
  type BodyFraming,
  CHUNKED_BODY,
  connectionOptions,
  NO_BODY,
  requestFraming,
} from "./framing.ts";
export {
  checkHeaderBlock,
  type FramingFields,
  scanFields,
} from "./header_block.ts";
export { HTTPMessage } from "./headers.ts";
export type { HeadFacts } from "./known_heads.ts";
export {
  LineReader,
  MAX_EMPTY_LINES,
  MAX_HEADER_BYTES,
  MAX_HEADER_LINES,
  MAX_LINE,
} from "./line_reader.ts";
export {
  collapse_rfc2231_value,
  type Parameter,
  type ParameterValue,
} from "./parameters.ts";
export {
  type ParsedRequest,
  parseRequest,
  parseRequestHead,
  type ParseRequestOptions,
  type RequestHead,
} from "./request.ts";
export {
  checkRequestLine,
  parseRequestLine,
  type RequestLine,
} from "./request_line.ts";
