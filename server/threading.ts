// `ThreadingMixIn`: servers that serve their connections side by side. Python's threads
// are promises here; what they are called stays, and what closing makes of them.

import type { Address, Connection } from "../connection/connection.ts";
import { BaseServer } from "./base.ts";
import type { ClosePlan } from "./open_connections.ts";
import { TCPServer } from "./tcp.ts";

/** A class of servers that `ThreadingMixIn()` can extend. */
export interface TCPServerClass {
  /** How long `server_close()` lets handlers run that are daemons, in seconds. */
  gracePeriod: number;
  /**
   * Makes a server.
   *
   * @param args What the class's constructor takes.
   */
  // deno-lint-ignore no-explicit-any -- TypeScript has no other type for the base of a mix-in (TS2545).
  new (...args: any[]): TCPServer;
}

/** The static fields that `ThreadingMixIn()` adds to a class of servers. */
export interface ThreadingStatics {
  /**
   * Whether running handlers may be cut off: where `false`, nothing but themselves
   * and their `timeout` ends them, and where `true`, also the end of the server's `gracePeriod`.
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
 * Makes a class of servers that serve their connections side by side. Python's
 * `class Mine(ThreadingMixIn, TCPServer)` is `class Mine extends ThreadingMixIn(TCPServer)`.
 *
 * What `server_close()` does with handlers that still run:
 *
 * | `daemon_threads` | `block_on_close` | |
 * |---|---|---|
 * | `false` | `true` | waits for all of them, however long it takes; so a handler must not await it |
 * | `false` | `false` | does not wait; they end in their own time |
 * | `true` | `true` | waits for the `gracePeriod`, then cuts their connections |
 * | `true` | `false` | does not wait; their connections are cut after the `gracePeriod` |
 *
 * In all four, idle HTTP connections end at once, busy ones after their answer, and
 * every handler's `connection.signal` is aborted. CPython does not wait for daemons; it
 * has no grace period.
 *
 * @example A server whose clients are cut off one second after it closes
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
 * @returns A subclass of it.
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
        // A replaced hook failed while a failure was handled: told of, but no reason to end the server.
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
      // Through the server, so that a field of its own counts, as in Python.
      return threadingClosePlan(this);
    }
  }
  return Threading;
}

/** Sets what a server has for itself, as Python's instances can. */
function setOwn(server: BaseServer, name: string, value: boolean): void {
  const own = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(server, name, own);
}

/**
 * How a server closes that serves its connections side by side.
 *
 * @param statics The settings of its class.
 * @returns What becomes of the handlers that run.
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
 * What `ThreadingTCPServer` extends: JSR wants a superclass to have a name.
 *
 * @internal
 */
export const ThreadingTCP: typeof TCPServer & ThreadingStatics = ThreadingMixIn(
  TCPServer,
);

/**
 * A TCP server that serves its connections side by side.
 *
 * @example An echo of lines
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
