// `TCPServer`: listens, accepts, and closes. `base.ts` handles the connections.

import type { Address, Connection } from "../connection/connection.ts";
import {
  forgiveUnhandledWireErrors,
  isDisconnect,
} from "../connection/errors.ts";
import type { MaybePromise } from "../connection/files.ts";
import { gatherLog } from "../connection/log.ts";
import type {
  ConnectionCounts,
  RequestHandlerClass,
} from "../handlers/types.ts";
import { Acceptor } from "./acceptor.ts";
import { BaseServer } from "./base.ts";
import {
  type ClosePlan,
  FULL_POLL,
  OpenConnections,
} from "./open_connections.ts";
import { boundAddress, listen, type ListenOptions } from "./listen.ts";
import { ServerSettings } from "./settings.ts";

/** Options of every server. */
export interface ServerOptions {
  /** Aborting it closes the server, like `server_close()`. */
  readonly signal?: AbortSignal;
  /**
   * The descriptor of a listening socket that the parent process has opened, to listen on it
   * instead of the address: 3 for the first one of systemd.
   */
  readonly fd?: number;
}

/**
 * A server that creates a handler for each connection and serves one at a time.
 *
 * CPython's class attributes are static fields here, since the constructor needs them
 * before a subclass's instance fields exist: `static override request_queue_size = 50`.
 *
 * @example A line protocol
 * ```ts
 * import { StreamRequestHandler } from "@x/httpserver/handlers";
 * import { TCPServer } from "@x/httpserver/server";
 * import { assertEquals } from "@std/assert";
 *
 * class Upper extends StreamRequestHandler {
 *   override async handle() {
 *     const line = new TextDecoder().decode(await this.rfile.readline());
 *     this.wfile.write(line.toUpperCase());
 *   }
 * }
 *
 * await using server = new TCPServer(["127.0.0.1", 0], Upper);
 * server.serve_forever();
 * const [hostname, port] = server.server_address as [string, number];
 * using conn = await Deno.connect({ hostname, port });
 * await conn.write(new TextEncoder().encode("hello\n"));
 * const response = new Uint8Array(6);
 * await conn.read(response);
 * assertEquals(new TextDecoder().decode(response), "HELLO\n");
 * ```
 */
export class TCPServer extends ServerSettings
  implements Disposable, AsyncDisposable {
  /** The listener; `undefined` before `server_bind()`. Read-only: to replace it, override `listen()`. */
  declare readonly socket: Deno.Listener | undefined;
  #socket: Deno.Listener | undefined;

  static {
    Object.defineProperty(this.prototype, "socket", {
      get(this: TCPServer): Deno.Listener | undefined {
        return this.#socket;
      },
      set() {
        throw new TypeError(
          "Cannot set server.socket: use HTTPSServer to serve over TLS, or override listen()",
        );
      },
    });
  }

  readonly #signal: AbortSignal | undefined;
  readonly #fd: number | undefined;
  readonly #onAbort = () => void this.server_close();
  readonly #connections = new OpenConnections(
    () => this.#statics,
    () => this.#acceptor?.wake(),
  );
  #acceptor: Acceptor | undefined;
  #serving: PromiseWithResolvers<void> | undefined;
  #shutdownRequested = false;
  #taken: Connection | undefined;
  #processing: Connection | undefined;
  #acting = false;
  #closed: Promise<void> | undefined;
  #drained: Promise<void> | undefined;
  /** When the grace period that `drain()` began ends, on the `performance.now()` clock. */
  #graceEnds = Infinity;

  /**
   * Creates a server and, by default, binds and activates it. The constructor calls
   * `server_bind()` and `server_activate()` before a subclass's fields exist.
   *
   * @param server_address Host and port, or the path of a Unix socket.
   * @param RequestHandlerClass The handler class, instantiated for each connection.
   * @param bind_and_activate Whether to listen at once.
   * @param options A signal that closes the server.
   * @throws {Deno.errors.AddrInUse} If the address is in use.
   */
  constructor(
    server_address: Address | string,
    RequestHandlerClass: RequestHandlerClass,
    bind_and_activate: boolean = true,
    options: ServerOptions = {},
  ) {
    super(server_address, RequestHandlerClass);
    this.#signal = options.signal;
    this.#fd = options.fd;
    this.#signal?.throwIfAborted();
    forgiveUnhandledWireErrors();
    if (bind_and_activate) {
      try {
        this.server_bind();
        this.server_activate();
      } catch (error) {
        void this.server_close();
        throw error;
      }
    }
    this.#signal?.addEventListener("abort", this.#onAbort);
  }

  /** Binds the server to its address. In Deno, this also listens. */
  server_bind(): void {
    const statics = this.#statics;
    const socket = this.#socket = this.listen({
      family: statics.address_family,
      backlog: statics.request_queue_size,
      reusePort: statics.allow_reuse_port,
      ...(this.#fd !== undefined && { fd: this.#fd }),
    });
    this.#acceptor = new Acceptor(socket);
    this.server_address = boundAddress(socket);
    [this.server_name, this.server_port] =
      typeof this.server_address === "string"
        ? [this.server_address, 0]
        : this.server_address;
  }

  /**
   * Creates the listener; called by `server_bind()`. Override it to use another kind of
   * listener.
   *
   * @param options How to listen on `server_address`.
   * @returns The listener.
   */
  listen(options: ListenOptions): Deno.Listener {
    return listen(this.server_address, options);
  }

  /** Called after `server_bind()`; does nothing, since that already listens. */
  server_activate(): void {}

  /**
   * Accepts connections until `shutdown()` or `server_close()`.
   *
   * @param poll_interval How often to call `service_actions()`, in seconds, if it is
   * overridden.
   * @throws {TypeError} If the server is not bound, or is already serving.
   */
  async serve_forever(poll_interval: number = 0.5): Promise<void> {
    const acceptor = this.#bound("serve");
    if (this.#serving !== undefined) {
      throw new TypeError("Cannot serve: the server is already serving");
    }
    const serving = this.#serving = Promise.withResolvers<void>();
    using _log = gatherLog();
    const polled =
      this.service_actions !== BaseServer.prototype.service_actions;
    const interval = polled ? poll_interval * 1000 : Infinity;
    try {
      while (!this.#shutdownRequested && this.#closed === undefined) {
        const ready = await this.#waitForConnection(acceptor, interval);
        if (this.#shutdownRequested || this.#closed !== undefined) break;
        if (ready) await this.#handleNext();
        // It may call and await `shutdown()`.
        this.#acting = polled;
        if (polled) await this.service_actions();
        this.#acting = false;
      }
    } finally {
      this.#shutdownRequested = this.#acting = false;
      this.#serving = undefined;
      serving.resolve();
    }
  }

  /** Accepts and serves one connection, or calls `handle_timeout()` if none arrives within `timeout`. */
  async handle_request(): Promise<void> {
    const acceptor = this.#bound("handle a request");
    const until = this.timeout === null
      ? Infinity
      : performance.now() + this.timeout * 1000;
    while (this.#closed === undefined) {
      const left = Math.max(until - performance.now(), 0);
      if (await this.#waitForConnection(acceptor, left)) {
        return await this.#handleNext();
      }
      if (left === 0) return await this.handle_timeout();
    }
  }

  /**
   * Ends `serve_forever()`. May be called from a handler, repeatedly, and when the server
   * isn't serving. The server stays bound.
   *
   * @returns A promise that fulfills once no further connection will be accepted.
   */
  override async shutdown(): Promise<void> {
    const serving = this.#serving;
    if (serving === undefined) return;
    this.#shutdownRequested = true;
    this.#acceptor?.wake();
    if (this.#acting) return;
    if (this.#processing === undefined) return await serving.promise;
    // The loop awaits this connection's handler, which may be the caller.
    this.#processing.stop();
  }

  /**
   * Closes the server: idle connections at once, others after their response or the grace
   * period of `closePlan()`.
   *
   * @returns A promise that fulfills once everything is closed, or, if the plan is not to
   * wait for handlers, once the address is free.
   */
  server_close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  /**
   * Prepares to close: closes idle connections, and lets running responses end. Unlike
   * `server_close()`, it keeps accepting connections, each of which gets one response, and
   * health checks of `StaticFileHandler` get 503. Call `server_close()` afterwards.
   *
   * @returns A promise that fulfills once no request is running, at the latest after the grace
   * period of `closePlan()`. The grace period is not repeated by `server_close()`.
   */
  drain(): Promise<void> {
    if (this.#drained !== undefined) return this.#drained;
    const { grace, wait } = this.closePlan();
    this.#graceEnds = performance.now() + grace * 1000;
    return this.#drained = this.#connections.drain(wait ? grace * 1000 : 0);
  }

  /** Whether `drain()` was called. */
  get draining(): boolean {
    return this.#drained !== undefined;
  }

  /** How many connections are open and idle, and how many were refused. */
  get connectionCounts(): ConnectionCounts {
    return this.#connections.counts;
  }

  /**
   * Decides how `server_close()` ends running handlers.
   *
   * @returns By default, to wait for them, up to the class's `gracePeriod`.
   */
  closePlan(): ClosePlan {
    return { grace: this.#statics.gracePeriod, wait: true };
  }

  /**
   * Takes the next connection.
   *
   * @returns The connection and the client's address.
   */
  get_request(): MaybePromise<[request: Connection, client_address: Address]> {
    const conn = this.#bound("get a request").take();
    const connection = this.#connections.open(conn);
    this.#taken = connection;
    return [connection, connection.client_address];
  }

  /**
   * Serves a connection and handles errors: `process_request()` of the threading servers.
   *
   * @param request The connection.
   * @param client_address The client's address.
   */
  async process_request_thread(
    request: Connection,
    client_address: Address,
  ): Promise<void> {
    // One function rather than several: an idle connection holds the frame of each.
    this.#connections.handlerStarted();
    try {
      await this.finish_request(request, client_address);
      await this.shutdown_request(request);
    } catch (error) {
      await this.#abandon(request, client_address, error);
    } finally {
      this.#connections.handlerEnded();
    }
  }

  /** Closes the server without waiting. */
  [Symbol.dispose](): void {
    void this.server_close();
  }

  /** Closes the server and waits until everything is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const serving = this.#serving?.promise;
    await this.server_close();
    // A handler still running has outlasted the grace period, or is the caller.
    if (this.#processing === undefined) await serving;
  }

  get #statics(): typeof TCPServer {
    return this.constructor as typeof TCPServer;
  }

  async #waitForConnection(
    acceptor: Acceptor,
    timeout: number,
  ): Promise<boolean> {
    const room = this.#connections.hasRoom;
    const patience = room ? timeout : Math.min(timeout, FULL_POLL);
    // During the wait, an idle connection may have become busy.
    return await acceptor.wait(room, patience) && this.#connections.hasRoom;
  }

  #bound(purpose: string): Acceptor {
    if (this.#closed !== undefined) {
      throw new TypeError(`Cannot ${purpose}: the server is closed`);
    }
    if (this.#acceptor !== undefined) return this.#acceptor;
    throw new TypeError(`Cannot ${purpose}: the server is not bound`);
  }

  async #handleNext(): Promise<void> {
    let request: Connection;
    let client_address: Address;
    this.#taken = undefined;
    try {
      [request, client_address] = await this.get_request();
    } catch (error) {
      const taken = this.#taken as Connection | undefined;
      // An overridden `get_request()` threw. The next connection may work.
      if (taken !== undefined) {
        return await this.#abandon(taken, taken.client_address, error);
      }
      // The client reset before it was accepted, or descriptors ran out: keep serving.
      if (isDisconnect(error)) return;
      throw error;
    }
    this.#processing = request;
    try {
      if (await this.verify_request(request, client_address)) {
        await this.process_request(request, client_address);
      } else {
        await this.shutdown_request(request);
      }
    } catch (error) {
      await this.#abandon(request, client_address, error);
    } finally {
      this.#processing = undefined;
    }
  }

  /** Ends a connection after an error. A disconnect is not logged. */
  async #abandon(
    request: Connection,
    client_address: Address,
    error: unknown,
  ): Promise<void> {
    try {
      if (!isDisconnect(error)) {
        await this.handle_error(request, client_address, error);
      }
    } finally {
      await this.shutdown_request(request);
    }
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const unbound = this.#acceptor?.close();
    this.#connections.stop();
    await unbound;
    const { grace, wait } = this.closePlan();
    const left = Math.max(this.#graceEnds - performance.now(), 0);
    const ended = this.#connections.close(Math.min(grace * 1000, left));
    if (wait) await ended;
  }
}
