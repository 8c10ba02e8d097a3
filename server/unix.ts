// `UnixStreamServer` and `ThreadingUnixStreamServer`: servers at a path.

import type { RequestHandlerClass } from "../handlers/types.ts";
import type { AddressFamily } from "./listen.ts";
import { type ServerOptions, TCPServer } from "./tcp.ts";
import { ThreadingMixIn, type ThreadingStatics } from "./threading.ts";

/**
 * A server at a Unix socket, which finishes one connection before it accepts the next.
 *
 * Deno asks for `--allow-net`, and for `--allow-read` and `--allow-write` of the path.
 * Where the server is closed, the runtime removes the socket's file; under CPython it stays. One that a
 * killed server left behind has to be removed before the next can start. How many
 * connections may wait is up to the runtime, not to `request_queue_size`. The client's
 * address is `["unix:", 0]`.
 *
 * @example A server for this machine alone
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
   * As CPython's: only a path is an address.
   *
   * @default {"AF_UNIX"}
   */
  static override address_family: AddressFamily = "AF_UNIX";

  /**
   * Makes a server and, if not told otherwise, binds and activates it.
   *
   * @param server_address The path of the socket.
   * @param RequestHandlerClass The class of which each connection gets an instance.
   * @param bind_and_activate Whether it listens at once.
   * @param options A signal to close by.
   * @throws {Deno.errors.AddrInUse} Where the path is taken, if by a file that a server left behind.
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
 * What `ThreadingUnixStreamServer` extends: JSR wants a superclass to have a name.
 *
 * @internal
 */
export const ThreadingUnixStream: typeof UnixStreamServer & ThreadingStatics =
  ThreadingMixIn(UnixStreamServer);

/** A server at a Unix socket that serves its connections side by side. */
export class ThreadingUnixStreamServer extends ThreadingUnixStream {}
