/**
 * Request handlers with every hook of CPython's `http.server`.
 *
 * @example Files, with one page of the program's own
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@x/httpserver/handlers";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 * import { assertEquals } from "@std/assert";
 *
 * class Handler extends SimpleHTTPRequestHandler {
 *   override do_GET() {
 *     if (this.path !== "/status") return super.do_GET();
 *     this.send_response(200);
 *     this.end_headers();
 *     this.wfile.write("up\n");
 *   }
 *   override log_message() {}
 * }
 *
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
 * server.serve_forever();
 * const url = `http://127.0.0.1:${server.server_port}/status`;
 * assertEquals(await (await fetch(url)).text(), "up\n");
 * ```
 *
 * @module
 */

export type {
  BodyLimit,
  BodyReport,
  HeadReader,
  MaybePromise,
  ReadableFile,
  WritableFile,
} from "../connection/files.ts";
export { type ByteSource, RequestReader } from "../connection/reader.ts";
export { BodyReader, FileReader } from "../connection/rfile.ts";
export { type ByteSink, ResponseWriter } from "../connection/writer.ts";
export { format } from "../text/format.ts";
export { BaseHTTPRequestHandler } from "./base.ts";
export {
  CGI_DIRECTORIES,
  CGIHTTPRequestHandler,
  type CGIHTTPRequestHandlerOptions,
} from "./cgi/handler.ts";
export { PASSED_VARIABLES } from "./cgi/variables.ts";
export {
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
} from "./error_page.ts";
export type { InterimFields } from "./interim.ts";
export { partial } from "./partial.ts";
export { type ErrorPage, HTTPResponder } from "./responder.ts";
export { ResponseHead } from "./response_head.ts";
export {
  SimpleHTTPRequestHandler,
  type SimpleHTTPRequestHandlerOptions,
} from "./simple.ts";
export {
  type CorsOptions,
  type Forwarded,
  type HiddenPolicy,
  type LogFormat,
  StaticFileHandler,
  type StaticFileOptions,
  staticFiles,
  type SymlinkPolicy,
} from "./static/mod.ts";
export { BytesFile, DiskFile, type SourceFile } from "./source.ts";
export { BaseRequestHandler, StreamRequestHandler } from "./stream.ts";
export type {
  ConnectionCounts,
  RequestHandler,
  RequestHandlerClass,
  ServerContext,
} from "./types.ts";
export { type LogDestination, logTo } from "../connection/log.ts";
export { handleElsewhere } from "./cgi/process_end.ts";
