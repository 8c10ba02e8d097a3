// What handlers and servers know of each other. Interfaces only: this cuts the
// cycle between the two folders.

import type { Address, Connection } from "../connection/connection.ts";
import type { MaybePromise } from "../connection/files.ts";

/** What a handler sees of its server. */
export interface ServerContext {
  /** The address the server is bound to: host and port, or the path of a Unix socket. */
  readonly server_address: Address | string;
  /** The host part of the address. */
  readonly server_name: string;
  /** The port, 0 for a Unix socket. */
  readonly server_port: number;
  /**
   * Ends `serve_forever()`. A handler may call and await it.
   *
   * @returns A promise that is fulfilled once no further connection will be accepted.
   */
  shutdown(): Promise<void>;
}

/** What a server does with a handler, in this order. */
export interface RequestHandler {
  /**
   * Prepares the connection.
   *
   * @returns Nothing, or a promise that is awaited.
   */
  setup(): MaybePromise<void>;
  /**
   * Answers all requests of the connection.
   *
   * @returns Nothing, or a promise that is awaited.
   */
  handle(): MaybePromise<void>;
  /**
   * Cleans up, also after `handle()` failed.
   *
   * @returns Nothing, or a promise that is awaited.
   */
  finish(): MaybePromise<void>;
}

/** A handler class, of which a server makes one instance for each connection. */
export type RequestHandlerClass = new (
  request: Connection,
  client_address: Address,
  server: ServerContext,
) => RequestHandler;
