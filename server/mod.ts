/**
 * The servers of `socketserver` and `http.server`, on `Deno.listen`.
 *
 * The datagram servers of `socketserver` are missing, since Deno supports datagrams only
 * with `--unstable-net`, and so are the forking ones, since Deno can't fork.
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
  ConnectionCounts,
  RequestHandler,
  RequestHandlerClass,
  ServerContext,
} from "../handlers/types.ts";
export { BaseServer } from "./base.ts";
export { HTTPServer, ThreadingHTTP, ThreadingHTTPServer } from "./http.ts";
export type { CertificateFiles, Password } from "./certificate.ts";
export {
  HTTPSServer,
  type HTTPSServerOptions,
  ThreadingHTTPS,
  ThreadingHTTPSServer,
} from "./https.ts";
export type { AddressFamily, ListenOptions } from "./listen.ts";
export type { ClosePlan } from "./open_connections.ts";
export { serveParallel } from "./parallel.ts";
export type { ParallelOptions, ParallelServer } from "./parallel/options.ts";
export { ServerSettings } from "./settings.ts";
export { type ServerOptions, TCPServer } from "./tcp.ts";
export {
  type TCPServerClass,
  ThreadingMixIn,
  type ThreadingStatics,
  ThreadingTCP,
  ThreadingTCPServer,
} from "./threading.ts";
export {
  ThreadingUnixStream,
  ThreadingUnixStreamServer,
  UnixStreamServer,
} from "./unix.ts";
