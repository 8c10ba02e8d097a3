/**
 * The servers: `socketserver`'s and `http.server`'s, on `Deno.listen`.
 *
 * @example A server for one test
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@x/httpserver/handlers";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 *
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], SimpleHTTPRequestHandler);
 * server.serve_forever();
 * ```
 *
 * @module
 */

export { type Address, Connection } from "../connection/connection.ts";
export type {
  RequestHandler,
  RequestHandlerClass,
  ServerContext,
} from "../handlers/types.ts";
export { BaseServer } from "./base.ts";
export { HTTPServer, ThreadingHTTPServer } from "./http.ts";
export type { AddressFamily, ListenOptions } from "./listen.ts";
export { type ServerOptions, TCPServer } from "./tcp.ts";
