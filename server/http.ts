// `HTTPServer` and `ThreadingHTTPServer`.

import { TCPServer } from "./tcp.ts";
import { ThreadingMixIn, type ThreadingStatics } from "./threading.ts";

/**
 * A TCP server for HTTP handlers. It serves one connection at a time, so a client that
 * keeps its connection open blocks all others; use `ThreadingHTTPServer` to serve them in
 * parallel.
 */
export class HTTPServer extends TCPServer {
  /** As in CPython; the runtime always allows it. */
  static override allow_reuse_address: boolean = true;
  /**
   * The size of the listen backlog. With CPython's 5, clients of a burst wait a second and
   * more.
   *
   * @default {511}
   */
  static override request_queue_size: number = 511;
}

/**
 * The superclass of `ThreadingHTTPServer`: JSR requires superclasses to be named.
 *
 * @internal
 */
export const ThreadingHTTP: typeof HTTPServer & ThreadingStatics =
  ThreadingMixIn(HTTPServer);

/** An HTTP server that serves connections in parallel. */
export class ThreadingHTTPServer extends ThreadingHTTP {
  /**
   * As in CPython. When the server closes, running responses get its `gracePeriod`.
   *
   * @default {true}
   */
  static override daemon_threads: boolean = true;
}
