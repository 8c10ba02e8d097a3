// `ThreadingMixIn`: servers that serve connections in parallel. Python's threads are
// promises here; names and closing behavior are the same.

import type { Address, Connection } from "../connection/connection.ts";
import { BaseServer } from "./base.ts";
import type { ClosePlan } from "./open_connections.ts";
import { TCPServer } from "./tcp.ts";

/** A server class that `ThreadingMixIn()` can extend. */
export interface TCPServerClass {
  /** How long `server_close()` lets daemon handlers run, in seconds. */
  gracePeriod: number;
  /**
   * Creates a server.
   *
   * @param args The arguments of the class's constructor.
   */
  // deno-lint-ignore no-explicit-any -- required for mixin base classes (TS2545).
  new (...args: any[]): TCPServer;
}

/** The static fields that `ThreadingMixIn()` adds to a server class. */
export interface ThreadingStatics {
  /**
   * Whether running handlers are cut off after the server's `gracePeriod`. If `false`, only
   * their own `timeout` ends them.
   *
   * @default {false}
   */
  daemon_threads: boolean;
  /**
   * Whether `server_close()` waits for running handlers.
   *
   * @default {true}
   */
  block_on_close: boolean;
}

/**
 * Creates a server class that serves connections in parallel. Python's `class
 * Mine(ThreadingMixIn, TCPServer)` is `class Mine extends ThreadingMixIn(TCPServer)`.
 *
 * `daemon_threads` and `block_on_close` decide how `server_close()` ends running handlers; see
 * the table of `ClosePlan`.
 *
 * @example A server that closes connections one second after it stops
 * ```ts
 * import { StreamRequestHandler } from "@x/httpserver/handlers";
 * import { TCPServer, ThreadingMixIn } from "@x/httpserver/server";
 *
 * class Hasty extends ThreadingMixIn(TCPServer) {
 *   static override daemon_threads = true;
 *   static override gracePeriod = 1;
 * }
 *
 * await using server = new Hasty(["127.0.0.1", 0], StreamRequestHandler);
 * server.serve_forever();
 * ```
 *
 * @param Base The class to extend.
 * @returns The subclass.
 */
export function ThreadingMixIn<Base extends TCPServerClass>(
  Base: Base,
): Base & ThreadingStatics {
  abstract class Threading extends Base {
    static daemon_threads = false;
    static block_on_close = true;

    get daemon_threads(): boolean {
      return (this.constructor as typeof Threading).daemon_threads;
    }

    set daemon_threads(value: boolean) {
      setOwn(this, "daemon_threads", value);
    }

    get block_on_close(): boolean {
      return (this.constructor as typeof Threading).block_on_close;
    }

    set block_on_close(value: boolean) {
      setOwn(this, "block_on_close", value);
    }

    override process_request(
      request: Connection,
      client_address: Address,
    ): Promise<void> {
      this.process_request_thread(request, client_address).catch((error) => {
        // An overridden hook failed while handling an error: log it and keep serving.
        BaseServer.prototype.handle_error.call(
          this,
          request,
          client_address,
          error,
        );
        request.close();
      });
      return Promise.resolve();
    }

    override closePlan(): ClosePlan {
      // Through the instance, so that its own properties count, as in Python.
      return threadingClosePlan(this);
    }
  }
  return Threading;
}

/** Sets an instance property, which overrides the class's static field as in Python. */
function setOwn(server: BaseServer, name: string, value: boolean): void {
  const own = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(server, name, own);
}

/**
 * Decides how a threading server closes.
 *
 * @param statics The settings.
 * @returns How to end running handlers.
 */
export function threadingClosePlan(
  statics: ThreadingStatics & { readonly gracePeriod: number },
): ClosePlan {
  return {
    grace: statics.daemon_threads ? statics.gracePeriod : Infinity,
    wait: statics.block_on_close,
  };
}

/**
 * The superclass of `ThreadingTCPServer`: JSR requires superclasses to be named.
 *
 * @internal
 */
export const ThreadingTCP: typeof TCPServer & ThreadingStatics = ThreadingMixIn(
  TCPServer,
);

/**
 * A TCP server that serves connections in parallel.
 *
 * @example An echo server
 * ```ts
 * import { StreamRequestHandler } from "@x/httpserver/handlers";
 * import { ThreadingTCPServer } from "@x/httpserver/server";
 * import { assertEquals } from "@std/assert";
 *
 * class Echo extends StreamRequestHandler {
 *   override async handle() {
 *     for await (const line of this.rfile) await this.wfile.write(line);
 *   }
 * }
 *
 * await using server = new ThreadingTCPServer(["127.0.0.1", 0], Echo);
 * server.serve_forever();
 * const port = server.server_port;
 * using conn = await Deno.connect({ hostname: "127.0.0.1", port });
 * await conn.write(new TextEncoder().encode("tea\n"));
 * await conn.closeWrite();
 * assertEquals(await new Response(conn.readable).text(), "tea\n");
 * ```
 */
export class ThreadingTCPServer extends ThreadingTCP {}
