// `UnixStreamServer` and `ThreadingUnixStreamServer`: servers on Unix sockets.

import type { RequestHandlerClass } from "../handlers/types.ts";
import type { AddressFamily } from "./listen.ts";
import { type ServerOptions, TCPServer } from "./tcp.ts";
import { ThreadingMixIn, type ThreadingStatics } from "./threading.ts";

/**
 * A server on a Unix socket, which serves one connection at a time.
 *
 * Requires `--allow-net`, and `--allow-read` and `--allow-write` for the path. Closing the
 * server removes the socket's file; CPython leaves it. After a server was killed, remove
 * the file before starting the next. The runtime sets the listen backlog;
 * `request_queue_size` has no effect. The client's address is `["unix:", 0]`.
 *
 * @example A server for local clients
 * ```ts
 * import { StreamRequestHandler } from "@x/httpserver/handlers";
 * import { UnixStreamServer } from "@x/httpserver/server";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends StreamRequestHandler {
 *   override handle() {
 *     this.wfile.write("hello\n");
 *   }
 * }
 *
 * if (Deno.build.os !== "windows") {
 *   const folder = await Deno.makeTempDir();
 *   const path = `${folder}/hello`;
 *   const server = new UnixStreamServer(path, Hello);
 *   server.serve_forever();
 *   using conn = await Deno.connect({ transport: "unix", path });
 *   assertEquals(await new Response(conn.readable).text(), "hello\n");
 *   await server.server_close();
 *   await Deno.remove(folder);
 * }
 * ```
 */
export class UnixStreamServer extends TCPServer {
  /**
   * As in CPython: addresses must be paths.
   *
   * @default {"AF_UNIX"}
   */
  static override address_family: AddressFamily = "AF_UNIX";

  /**
   * Creates a server and, by default, binds and activates it.
   *
   * @param server_address The path of the socket.
   * @param RequestHandlerClass The handler class, instantiated for each connection.
   * @param bind_and_activate Whether to listen at once.
   * @param options A signal that closes the server.
   * @throws {Deno.errors.AddrInUse} If the path exists, even if no server uses it.
   */
  constructor(
    server_address: string,
    RequestHandlerClass: RequestHandlerClass,
    bind_and_activate: boolean = true,
    options: ServerOptions = {},
  ) {
    super(server_address, RequestHandlerClass, bind_and_activate, options);
  }
}

/**
 * The superclass of `ThreadingUnixStreamServer`: JSR requires superclasses to be named.
 *
 * @internal
 */
export const ThreadingUnixStream: typeof UnixStreamServer & ThreadingStatics =
  ThreadingMixIn(UnixStreamServer);

/** A server on a Unix socket that serves connections in parallel. */
export class ThreadingUnixStreamServer extends ThreadingUnixStream {}
