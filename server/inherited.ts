// Listens on a socket that the parent process has opened, as systemd does. Only `node:net` can:
// `Deno.listen()` ignores a descriptor.

import type { Server } from "node:net";
import { NodeConn } from "./node_conn.ts";

/**
 * How many accepted connections may wait for `accept()`. `node:net` accepts all, so further ones
 * are closed. Like the usual listen backlog.
 */
const MAX_WAITING = 511;

/**
 * Listens on an inherited socket.
 *
 * @param fd The number of its descriptor; systemd begins with 3.
 * @returns The listener.
 * @throws {RangeError} If the number is not an integer of 3 or more.
 * @throws {TypeError} If the descriptor is not a listening socket.
 */
export function listenInherited(fd: number): Deno.Listener {
  if (!Number.isInteger(fd) || fd < 3) {
    throw new RangeError(
      `Cannot listen on the descriptor ${fd}: it must be an integer of 3 or more`,
    );
  }
  return new InheritedListener(fd);
}

class InheritedListener implements Deno.Listener {
  readonly addr: Deno.Addr;
  readonly #server: Server;
  /** Connections that no `accept()` has taken yet. */
  readonly #ready: NodeConn[] = [];
  readonly #waiting: PromiseWithResolvers<Deno.Conn>[] = [];
  /** An error that no `accept()` has reported yet. */
  #error: Error | undefined;
  #closed = false;

  constructor(fd: number) {
    const { createServer } = globalThis.process.getBuiltinModule("node:net");
    const server = this.#server = createServer({
      // Until somebody reads, so that slow handlers hold back their clients.
      pauseOnConnect: true,
      // A client may end its side and still wait for the response.
      allowHalfOpen: true,
    });
    server.on("connection", (socket) => this.#add(new NodeConn(socket)));
    server.on("error", (error) => {
      const waiting = this.#waiting.shift();
      if (waiting !== undefined) waiting.reject(error);
      else this.#error = error;
    });
    server.listen({ fd });
    if (!server.listening) {
      throw new TypeError(
        `Cannot listen on the descriptor ${fd}: it is not a listening socket`,
      );
    }
    const bound = server.address();
    this.addr = bound === null || typeof bound === "string"
      ? { transport: "unix", path: bound ?? "" }
      : { transport: "tcp", hostname: bound.address, port: bound.port };
  }

  accept(): Promise<Deno.Conn> {
    if (this.#closed) return Promise.reject(closedError());
    const ready = this.#ready.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) return Promise.reject(error);
    const waiting = Promise.withResolvers<Deno.Conn>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  close(): void {
    if (this.#closed) throw closedError();
    this.#closed = true;
    this.#server.close();
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    for (const conn of this.#ready.splice(0)) conn.close();
  }

  ref(): void {
    this.#server.ref();
  }

  unref(): void {
    this.#server.unref();
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Deno.Conn> {
    for (;;) {
      try {
        yield await this.accept();
      } catch (error) {
        if (this.#closed) return;
        throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.close();
  }

  #add(conn: NodeConn): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve(conn);
    else if (this.#closed || this.#ready.length >= MAX_WAITING) conn.close();
    else this.#ready.push(conn);
  }
}

function closedError(): Deno.errors.BadResource {
  return new Deno.errors.BadResource("the listener was closed");
}
