// `functools.partial` for handler classes.

import type { Address, Connection } from "../connection/connection.ts";
import type {
  RequestHandler,
  RequestHandlerClass,
  ServerContext,
} from "./types.ts";

/**
 * Gives a handler class its options, so that a server can make instances without them.
 *
 * @typeParam Options The options of the class.
 * @param Handler A handler class whose constructor takes options as its fourth argument.
 * @param options The options.
 * @returns A class for a server.
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
