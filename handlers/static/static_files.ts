// `staticFiles()`: makes a handler class from options.

import { partial } from "../partial.ts";
import type { RequestHandlerClass } from "../types.ts";
import { StaticFileHandler } from "./handler.ts";
import type { StaticFileOptions } from "./options.ts";
import { checkReadable, compileSite } from "./site.ts";

/**
 * Makes a handler class for a site.
 *
 * @param options What to serve and how. They are checked at once.
 * @returns The class, for a server.
 * @throws {TypeError} An option is invalid.
 * @throws {SyntaxError} A cache rule or a line of the users is malformed.
 * @throws {Deno.errors.NotCapable} A Deno permission to read a directory is missing.
 * @throws {Deno.errors.PermissionDenied} The operating system denies access to a directory.
 *
 * @example
 * ```ts
 * import { staticFiles } from "@x/httpserver/static";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 *
 * const Handler = staticFiles({ directory: ".", cache: ["*.js=no-cache"] });
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
 * server.serve_forever();
 * ```
 */
export function staticFiles(
  options: StaticFileOptions = {},
): RequestHandlerClass {
  checkReadable(compileSite(options));
  return withSite(StaticFileHandler, options);
}

/**
 * Binds a site to a class of its handlers. An HTTPS server applies the option `allow` to clients
 * that speak plain HTTP too.
 *
 * @param Handler The class.
 * @param options The options of the site.
 * @returns A subclass to pass to a server.
 */
export function withSite(
  Handler: typeof StaticFileHandler,
  options: StaticFileOptions,
): RequestHandlerClass {
  const { allows } = compileSite(options);
  const Bound = partial(Handler, options);
  return allows === undefined
    ? Bound
    : Object.assign(Bound, { allows_plain_http: allows });
}
