// The interfaces between handlers and servers. They prevent an import cycle between the folders.

import type { Address, Connection } from "../connection/connection.ts";
import type { MaybePromise } from "../connection/files.ts";

/** How many connections a server has. */
export interface ConnectionCounts {
  /** Those that are open, idle ones included. */
  readonly open: number;
  /** Those that wait for a request. */
  readonly idle: number;
  /** Those that were refused so far, because their address had too many. */
  readonly refused: number;
}

/** The server, as a handler sees it. */
export interface ServerContext {
  /** The address the server is bound to: host and port, or the path of a Unix socket. */
  readonly server_address: Address | string;
  /** The host part of the address. */
  readonly server_name: string;
  /** The port, 0 for a Unix socket. */
  readonly server_port: number;
  /** Whether its connections are encrypted with TLS. */
  readonly secure?: boolean;
  /** Whether it is about to close, and still accepts connections until then. */
  readonly draining?: boolean;
  /** What the requests are counted for, if this object is made for each of them. */
  readonly owner?: object;
  /** How many connections it has. */
  readonly connectionCounts?: ConnectionCounts;
  /**
   * Stops `serve_forever()`. A handler can call and await it.
   *
   * @returns A promise that resolves when no more connections are accepted.
   */
  shutdown(): Promise<void>;
}

/** A handler, as a server sees it. Its methods are called in this order. */
export interface RequestHandler {
  /**
   * Prepares the connection.
   *
   * @returns Nothing, or a promise to await.
   */
  setup(): MaybePromise<void>;
  /**
   * Serves all requests of the connection.
   *
   * @returns Nothing, or a promise to await.
   */
  handle(): MaybePromise<void>;
  /**
   * Cleans up, even if `handle()` failed.
   *
   * @returns Nothing, or a promise to await.
   */
  finish(): MaybePromise<void>;
}

/** A handler class. A server creates one instance for each connection. */
export interface RequestHandlerClass {
  /** Creates the handler of a connection. */
  new (
    request: Connection,
    client_address: Address,
    server: ServerContext,
  ): RequestHandler;
  /**
   * Whether a client gets a response if it speaks plain HTTP to an HTTPS server, which responds
   * to it without a handler; otherwise it gets 403. By default, each client does.
   *
   * @param address The client's address.
   * @returns `true` if it does.
   */
  allows_plain_http?(address: string): boolean;
}
