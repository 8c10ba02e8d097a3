// The counterpart of Python's `functools.partial` for handler classes.

import type { Address, Connection } from "../connection/connection.ts";
import type {
  RequestHandler,
  RequestHandlerClass,
  ServerContext,
} from "./types.ts";

/**
 * Binds options to a handler class, so that a server can construct it without them.
 *
 * @typeParam Options The type of the options.
 * @param Handler A handler class whose constructor takes options as its fourth argument.
 * @param options The options.
 * @returns A subclass to pass to a server.
 *
 * @example
 * ```ts
 * import { partial, SimpleHTTPRequestHandler } from "@x/httpserver/handlers";
 *
 * export const Handler = partial(SimpleHTTPRequestHandler, { directory: "/srv/www" });
 * ```
 */
export function partial<Options>(
  Handler: new (
    request: Connection,
    client_address: Address,
    server: ServerContext,
    options: Options,
  ) => RequestHandler,
  options: NoInfer<Options>,
): RequestHandlerClass {
  return class extends Handler {
    constructor(
      request: Connection,
      client_address: Address,
      server: ServerContext,
    ) {
      super(request, client_address, server, options);
    }
  };
}
