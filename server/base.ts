// `BaseServer`: the steps that every server takes for a connection, each a method that can
// be overridden. `tcp.ts` accepts the connections.

import type { Address, Connection } from "../connection/connection.ts";
import { errorReport } from "../connection/error_report.ts";
import type { MaybePromise } from "../connection/files.ts";
import { writeLog } from "../connection/log.ts";
import type { RequestHandlerClass, ServerContext } from "../handlers/types.ts";
import { prepareStacks } from "./stacks.ts";

/** The base class of all servers. */
export abstract class BaseServer implements ServerContext {
  /** How long `handle_request()` waits for a connection, in seconds; `null` for no limit. */
  timeout: number | null = null;
  /** The server's address, with the actual port if 0 was requested. */
  server_address: Address | string;
  /** The host part of the address. */
  server_name: string = "";
  /** The port; 0 for a Unix socket. */
  server_port: number = 0;
  /** The handler class, instantiated for each connection. */
  RequestHandlerClass: RequestHandlerClass;

  /**
   * Stores its arguments.
   *
   * @param server_address The address to listen on.
   * @param RequestHandlerClass The handler class, instantiated for each connection.
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
   * @returns A promise that fulfills once no further connection will be accepted.
   */
  abstract shutdown(): Promise<void>;

  /**
   * Decides whether to serve a connection. Override it to refuse some.
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
   * @returns A promise; the next connection is accepted when it fulfills.
   */
  async process_request(
    request: Connection,
    client_address: Address,
  ): Promise<void> {
    await this.finish_request(request, client_address);
    await this.shutdown_request(request);
  }

  /**
   * Creates a handler and serves a connection with it.
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
   * Ends a connection gracefully: the client gets everything that was sent.
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

  /** Called if `handle_request()` times out; does nothing by default. */
  handle_timeout(): MaybePromise<void> {}

  /** Called by `serve_forever()` periodically and after each connection; does nothing by default. */
  service_actions(): MaybePromise<void> {}

  /**
   * Logs an error that a handler threw. Not called when a client disconnects.
   *
   * @param _request The connection.
   * @param client_address The client's address.
   * @param error The error.
   */
  handle_error(
    _request: Connection,
    client_address: Address,
    error: unknown,
  ): void {
    writeLog(errorReport(client_address, error));
  }
}
