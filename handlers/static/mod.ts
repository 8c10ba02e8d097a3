/**
 * The static file server: `StaticFileHandler`, and the policies that it is made of.
 *
 * @example A folder, with ranges, compression and a listing
 * ```ts
 * import { staticFiles } from "@x/httpserver/static";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 *
 * const Handler = staticFiles({ directory: "." });
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
 * server.serve_forever();
 * ```
 *
 * @module
 */

export { partial } from "../partial.ts";
export { StaticFileHandler } from "./handler.ts";
export type { StaticFileOptions } from "./options.ts";
export type { LogFormat } from "./policy/access_log.ts";
export type { CodedType, Types } from "./policy/content_type.ts";
export type { CorsOptions } from "./policy/cors.ts";
export type { HiddenPolicy } from "./policy/hidden.ts";
export { hashPassword } from "./policy/password.ts";
export type { SymlinkPolicy } from "./served_folder.ts";
export { staticFiles } from "./static_files.ts";
