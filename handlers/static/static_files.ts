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
  return partial(StaticFileHandler, options);
}
