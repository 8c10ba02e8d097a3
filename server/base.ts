// `BaseServer`: the steps that every server takes with a connection, each a method that
// a subclass may replace. How connections come about is `tcp.ts`'s.

import type { Address, Connection } from "../connection/connection.ts";
import type { MaybePromise } from "../connection/files.ts";
import { writeLog } from "../connection/log.ts";
import type { RequestHandlerClass, ServerContext } from "../handlers/types.ts";
import { errorReport } from "./error_report.ts";
import { prepareStacks } from "./stacks.ts";

/** The base of all servers: what it serves with, and what becomes of a connection. */
export abstract class BaseServer implements ServerContext {
  /** How long `handle_request()` waits for a connection, in seconds; `null` is for ever. */
  timeout: number | null = null;
  /** The address the server is bound to, with the real port where 0 was asked for. */
  server_address: Address | string;
  /** The host part of the address. */
  server_name: string = "";
  /** The port, 0 for a Unix socket. */
  server_port: number = 0;
  /** The class of which each connection gets an instance. */
  RequestHandlerClass: RequestHandlerClass;

  /**
   * Stores its arguments.
   *
   * @param server_address The address to listen at.
   * @param RequestHandlerClass The class of which each connection gets an instance.
   */
  constructor(
    server_address: Address | string,
    RequestHandlerClass: RequestHandlerClass,
  ) {
    this.server_address = server_address;
    this.RequestHandlerClass = RequestHandlerClass;
    prepareStacks();
  }

  /**
   * Ends `serve_forever()`.
   *
   * @returns A promise that is fulfilled once no further connection will be accepted.
   */
  abstract shutdown(): Promise<void>;

  /**
   * Decides whether a connection is served; override it to refuse some.
   *
   * @param _request The connection.
   * @param _client_address The client's address.
   * @returns `true` to serve it, `false` to close it.
   */
  verify_request(
    _request: Connection,
    _client_address: Address,
  ): MaybePromise<boolean> {
    return true;
  }

  /**
   * Serves a connection and closes it.
   *
   * @param request The connection.
   * @param client_address The client's address.
   * @returns A promise; the next connection is accepted when it is fulfilled.
   */
  async process_request(
    request: Connection,
    client_address: Address,
  ): Promise<void> {
    await this.finish_request(request, client_address);
    await this.shutdown_request(request);
  }

  /**
   * Makes a handler and lets it serve a connection.
   *
   * @param request The connection.
   * @param client_address The client's address.
   */
  async finish_request(
    request: Connection,
    client_address: Address,
  ): Promise<void> {
    const handler = new this.RequestHandlerClass(request, client_address, this);
    await handler.setup();
    try {
      await handler.handle();
    } finally {
      await handler.finish();
    }
  }

  /**
   * Ends a connection gently: the client gets all that was sent.
   *
   * @param request The connection.
   */
  async shutdown_request(request: Connection): Promise<void> {
    await request.shutdown();
    this.close_request(request);
  }

  /**
   * Closes a connection.
   *
   * @param request The connection.
   */
  close_request(request: Connection): void {
    request.close();
  }

  /** Called where `handle_request()` waited in vain; does nothing here. */
  handle_timeout(): MaybePromise<void> {}

  /** Called by `serve_forever()` regularly and after each connection; does nothing here. */
  service_actions(): MaybePromise<void> {}

  /**
   * Called with what a handler threw; logs it. A client that left is not an error.
   *
   * @param _request The connection.
   * @param client_address The client's address.
   * @param error What was thrown.
   */
  handle_error(
    _request: Connection,
    client_address: Address,
    error: unknown,
  ): void {
    writeLog(errorReport(client_address, error));
  }
}
