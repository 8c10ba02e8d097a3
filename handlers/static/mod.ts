/**
 * The static file server: `StaticFileHandler`, and the options that configure it.
 *
 * @example A directory, with ranges, compression and listings
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
export type { Forwarded } from "./forwarded_request.ts";
export type { StaticFileOptions } from "./options.ts";
export type { LogFormat } from "./access/access_log.ts";
export type { CodedType, Types } from "./representation/content_type.ts";
export type { HeaderRule, RedirectRule } from "./rules/interfaces.ts";
export type { CorsOptions } from "./response/cors.ts";
export type { HiddenPolicy } from "./lookup/hidden.ts";
export { reloadPages } from "./live/entrance.ts";
export { hashPassword } from "./access/password.ts";
export type { UploadOptions, UploadPolicy } from "./upload/options.ts";
export type { SymlinkPolicy } from "./lookup/served_folder.ts";
export { staticFiles } from "./static_files.ts";
