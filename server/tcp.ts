// `TCPServer`: listens, accepts, and closes. What becomes of a connection is `base.ts`'s.

import type { Address, Connection } from "../connection/connection.ts";
import {
  forgiveUnhandledWireErrors,
  isDisconnect,
} from "../connection/errors.ts";
import type { MaybePromise } from "../connection/files.ts";
import { gatherLog } from "../connection/log.ts";
import type { RequestHandlerClass } from "../handlers/types.ts";
import { Acceptor } from "./acceptor.ts";
import { BaseServer } from "./base.ts";
import {
  type ClosePlan,
  FULL_POLL,
  OpenConnections,
} from "./open_connections.ts";
import {
  type AddressFamily,
  boundAddress,
  listen,
  type ListenOptions,
} from "./listen.ts";

/** Options of every server. */
export interface ServerOptions {
  /** Closes the server when it is aborted, as `server_close()` does. */
  readonly signal?: AbortSignal;
}

/**
 * A server that hands each connection to a new handler, and finishes one before it
 * accepts the next.
 *
 * What CPython keeps in class attributes are static fields here, since the constructor
 * needs them before a subclass's own fields exist: `static override request_queue_size = 50`.
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
 * const answer = new Uint8Array(6);
 * await conn.read(answer);
 * assertEquals(new TextDecoder().decode(answer), "HELLO\n");
 * ```
 */
export class TCPServer extends BaseServer
  implements Disposable, AsyncDisposable {
  /**
   * What an empty host stands for: all IPv4 addresses ("AF_INET"), or all addresses ("AF_INET6").
   *
   * @default {"AF_INET"}
   */
  static address_family: AddressFamily = "AF_INET";
  /**
   * How many connections may wait to be accepted.
   *
   * @default {5}
   */
  static request_queue_size: number = 5;
  /** Whether an address may be bound again at once; the runtime always allows it. */
  static allow_reuse_address: boolean = false;
  /**
   * Whether several processes may listen at one port; Deno then needs `--unstable-net`.
   *
   * @default {false}
   */
  static allow_reuse_port: boolean = false;
  /**
   * How many connections are open at once. Beyond that, the oldest idle one gives way,
   * and where none is idle, further ones wait to be accepted. Each holds a file of the
   * process, and up to some 300 KiB while a large file is sent.
   *
   * @default {4096}
   */
  static maxConnections: number = 4_096;
  /**
   * How long `server_close()` lets running answers finish, in seconds; `ThreadingMixIn`
   * applies it to daemons only.
   *
   * @default {5}
   */
  static gracePeriod: number = 5;

  /** The class's `address_family`, as are the five settings below: a field would come too late for the constructor, so they can't be overridden here. */
  get address_family(): AddressFamily {
    return this.#statics.address_family;
  }
  /** The class's `request_queue_size`. */
  get request_queue_size(): number {
    return this.#statics.request_queue_size;
  }
  /** The class's `allow_reuse_address`. */
  get allow_reuse_address(): boolean {
    return this.#statics.allow_reuse_address;
  }
  /** The class's `allow_reuse_port`. */
  get allow_reuse_port(): boolean {
    return this.#statics.allow_reuse_port;
  }
  /** The class's `maxConnections`. */
  get maxConnections(): number {
    return this.#statics.maxConnections;
  }
  /** The class's `gracePeriod`. */
  get gracePeriod(): number {
    return this.#statics.gracePeriod;
  }

  /** The listener; `undefined` before `server_bind()`. To assign it is an error: override `listen()`. */
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
  readonly #onAbort = () => void this.server_close();
  readonly #connections = new OpenConnections(
    () => this.#statics.maxConnections,
    () => this.#acceptor?.wake(),
  );
  #acceptor: Acceptor | undefined;
  #serving: PromiseWithResolvers<void> | undefined;
  #shutdownRequested = false;
  #taken: Connection | undefined;
  #processing: Connection | undefined;
  #acting = false;
  #closed: Promise<void> | undefined;

  /**
   * Makes a server and, if not told otherwise, binds and activates it. The constructor
   * calls `server_bind()` and `server_activate()` before a subclass's fields exist.
   *
   * @param server_address Host and port, or the path of a Unix socket.
   * @param RequestHandlerClass The class of which each connection gets an instance.
   * @param bind_and_activate Whether it listens at once.
   * @param options A signal to close by.
   * @throws {Deno.errors.AddrInUse} Where somebody else listens at the address.
   */
  constructor(
    server_address: Address | string,
    RequestHandlerClass: RequestHandlerClass,
    bind_and_activate: boolean = true,
    options: ServerOptions = {},
  ) {
    super(server_address, RequestHandlerClass);
    this.#signal = options.signal;
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

  /** Binds the server to its address; in Deno it listens from then on. */
  server_bind(): void {
    const statics = this.#statics;
    const socket = this.#socket = this.listen({
      family: statics.address_family,
      backlog: statics.request_queue_size,
      reusePort: statics.allow_reuse_port,
    });
    this.#acceptor = new Acceptor(socket);
    this.server_address = boundAddress(socket);
    [this.server_name, this.server_port] =
      typeof this.server_address === "string"
        ? [this.server_address, 0]
        : this.server_address;
  }

  /**
   * Makes the listener; `server_bind()` calls it. Override it to listen in another way.
   *
   * @param options How to listen at `server_address`.
   * @returns The listener.
   */
  listen(options: ListenOptions): Deno.Listener {
    return listen(this.server_address, options);
  }

  /** Called after `server_bind()`; does nothing here, as binding listens already. */
  server_activate(): void {}

  /**
   * Accepts connections until `shutdown()` or `server_close()`.
   *
   * @param poll_interval How often `service_actions()` is called, in seconds, where a subclass has one.
   * @throws {TypeError} Where the server is not bound, or serves already.
   */
  async serve_forever(poll_interval: number = 0.5): Promise<void> {
    const acceptor = this.#bound("serve");
    if (this.#serving !== undefined) {
      throw new TypeError("Cannot serve: the server serves already");
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

  /** Accepts and processes one connection, or calls `handle_timeout()` where none comes in `timeout` seconds. */
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
   * Ends `serve_forever()`. It may be called from a handler, any number of times, and
   * where nothing serves; the server stays bound.
   *
   * @returns A promise that is fulfilled once no further connection will be accepted.
   */
  override async shutdown(): Promise<void> {
    const serving = this.#serving;
    if (serving === undefined) return;
    this.#shutdownRequested = true;
    this.#acceptor?.wake();
    if (this.#acting) return;
    if (this.#processing === undefined) return await serving.promise;
    // The loop waits for this connection's handler, which may be the caller.
    this.#processing.drain();
  }

  /**
   * Closes the server: idle connections at once, others after their running answer,
   * or when the time ends that `closePlan()` gives them.
   *
   * @returns A promise that is fulfilled once all is closed; where the plan is not to
   * wait for handlers, once the address is free.
   */
  server_close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  /**
   * Says what `server_close()` does with handlers that still run.
   *
   * @returns To wait for them, for the class's `gracePeriod` at most.
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
   * Serves a connection to its end and reports what fails: `process_request()` of the
   * servers that serve connections side by side.
   *
   * @param request The connection.
   * @param client_address The client's address.
   */
  process_request_thread(
    request: Connection,
    client_address: Address,
  ): Promise<void> {
    return this.#connections.run(async () => {
      try {
        await this.finish_request(request, client_address);
        await this.shutdown_request(request);
      } catch (error) {
        await this.#abandon(request, client_address, error);
      }
    });
  }

  /** Closes the server without waiting for what still runs. */
  [Symbol.dispose](): void {
    void this.server_close();
  }

  /** Closes the server and waits until all is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const serving = this.#serving?.promise;
    await this.server_close();
    // A handler that is still running has outlasted the grace period, or is the caller.
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
    // While it waited, an idle connection may have become busy.
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
      // A replaced `get_request()` failed over this connection; the next one may be well.
      if (taken !== undefined) {
        return await this.#abandon(taken, taken.client_address, error);
      }
      // A client that reset before it was accepted, or no file left for it: not this server's end.
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

  /** Ends a connection over which something failed; that the client left is no failure. */
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
    this.#connections.drain();
    await unbound;
    const { grace, wait } = this.closePlan();
    const ended = this.#connections.close(grace * 1000);
    if (wait) await ended;
  }
}
