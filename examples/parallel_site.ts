// A site on every core: the module that each worker loads. See docs/workers.md.

import { type StaticFileOptions, staticFiles } from "@x/httpserver/static";
import type { RequestHandlerClass } from "@x/httpserver";

/** Creates the handler class from the `data` of `serveParallel()`. */
export default function site(options: StaticFileOptions): RequestHandlerClass {
  return staticFiles({ cleanUrls: true, ...options });
}
