// `HTTPServer` and `ThreadingHTTPServer`.

import type { Address, Connection } from "../connection/connection.ts";
import { TCPServer } from "./tcp.ts";

/**
 * A TCP server for HTTP handlers. It finishes one connection before it accepts the
 * next, so that one client that keeps its connection open keeps all others waiting;
 * `ThreadingHTTPServer` does not.
 */
export class HTTPServer extends TCPServer {
  /** As CPython's; the runtime allows it in any case. */
  static override allow_reuse_address: boolean = true;
  /**
   * How many connections may wait to be accepted. CPython's 5 makes the clients of a
   * burst wait for a second and more.
   *
   * @default {511}
   */
  static override request_queue_size: number = 511;
}

/** An HTTP server that serves its connections side by side. */
export class ThreadingHTTPServer extends HTTPServer {
  /** As CPython's. Here every handler is given the grace period when the server closes, and none more. */
  static daemon_threads: boolean = true;

  /**
   * Starts serving a connection.
   *
   * @param request The connection.
   * @param client_address The client's address.
   */
  override process_request(
    request: Connection,
    client_address: Address,
  ): Promise<void> {
    this.process_request_thread(request, client_address).catch((error) => {
      // A replaced hook failed while a failure was handled: told of, but no reason to end the server.
      TCPServer.prototype.handle_error.call(
        this,
        request,
        client_address,
        error,
      );
      request.close();
    });
    return Promise.resolve();
  }
}
