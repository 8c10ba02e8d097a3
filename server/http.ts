// `HTTPServer` and `ThreadingHTTPServer`.

import { TCPServer } from "./tcp.ts";
import { ThreadingMixIn, type ThreadingStatics } from "./threading.ts";

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

/**
 * What `ThreadingHTTPServer` extends: JSR wants a superclass to have a name.
 *
 * @internal
 */
export const ThreadingHTTP: typeof HTTPServer & ThreadingStatics =
  ThreadingMixIn(HTTPServer);

/** An HTTP server that serves its connections side by side. */
export class ThreadingHTTPServer extends ThreadingHTTP {
  /**
   * As CPython's: when the server closes, running answers get its `gracePeriod` and no more.
   *
   * @default {true}
   */
  static override daemon_threads: boolean = true;
}
