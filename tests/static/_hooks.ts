// What the tests of hooks serve: the project's own files, which are old enough to be
// cached, with a handler that logs nothing.

import { fromFileUrl } from "@std/path";
import {
  partial,
  StaticFileHandler,
  type StaticFileOptions,
} from "../../handlers/static/mod.ts";
import { serve, type Served } from "../_serve.ts";

/** A handler of HTTP/1.0 without a log. */
export class QuietFiles extends StaticFileHandler {
  override protocol_version = "HTTP/1.0";
  override log_message(_template: string, ..._args: unknown[]): void {}
}

/** Serves a folder. */
export function serveFolder(
  directory: string,
  Handler: typeof QuietFiles = QuietFiles,
  options: StaticFileOptions = {},
): Served {
  return serve(partial(Handler, { ...options, directory }));
}
/** The folder. */
export const ROOT = fromFileUrl(new URL("../../handlers", import.meta.url));

/** One of its files. */
export const FILE = "clock.ts";

/** Its content. */
export const CONTENT = Deno.readTextFileSync(`${ROOT}/${FILE}`);

/** The same of HTTP/1.1. */
export class Files extends QuietFiles {
  override protocol_version = "HTTP/1.1";
}
