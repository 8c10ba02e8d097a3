// `serve()`: starts a `TestSite`.

import { staticFiles } from "../handlers/static/static_files.ts";
import type { RequestHandlerClass } from "../handlers/types.ts";
import { Faults } from "./faults.ts";
import { type ServeOptions, TestSite } from "./test_site.ts";
import { WireListener } from "./wire.ts";

/**
 * Serves HTTP on a free port of 127.0.0.1, for a test.
 *
 * @example A client under test
 * ```ts
 * import { serve } from "@x/httpserver/testing";
 * import { assertEquals } from "@std/assert";
 *
 * await using site = await serve();
 * site.expect({ method: "POST", path: "/users", json: { name: "Ada" } })
 *   .once().respond({ status: 201, json: { id: 7 } });
 *
 * const response = await fetch(`${site.url}/users`, {
 *   method: "POST",
 *   body: '{"name":"Ada"}',
 * });
 * assertEquals(await response.json(), { id: 7 });
 * site.check();
 * ```
 *
 * @example A handler under test
 * ```ts
 * import { BaseHTTPRequestHandler } from "@x/httpserver";
 * import { serve } from "@x/httpserver/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET() {
 *     this.send_response(200);
 *     this.end_headers();
 *     this.wfile.write("hello\n");
 *   }
 * }
 *
 * await using site = await serve(Hello);
 * assertEquals(await (await fetch(site.url)).text(), "hello\n");
 * assertEquals(site.requests[0]?.status, 200);
 * ```
 *
 * @param handlerOrDirectory A handler class, or a directory to serve as `staticFiles()` does.
 * Without it, only expectations respond.
 * @param options The options.
 * @returns The site, which listens.
 * @throws {TypeError} If the class is not an HTTP handler, or the path not a directory.
 */
export async function serve(
  handlerOrDirectory?: RequestHandlerClass | string | URL,
  options: ServeOptions = {},
): Promise<TestSite> {
  const Handler = typeof handlerOrDirectory === "string" ||
      handlerOrDirectory instanceof URL
    ? await directoryHandler(handlerOrDirectory)
    : handlerOrDirectory;
  const faults = new Faults();
  const listener = await WireListener.open(
    () => faults.take(undefined) !== undefined,
  );
  try {
    return new TestSite(Handler, listener, faults, options);
  } catch (error) {
    listener.close();
    await listener.ended();
    throw error;
  }
}

async function directoryHandler(
  directory: string | URL,
): Promise<RequestHandlerClass> {
  const { isDirectory } = await Deno.stat(directory);
  if (!isDirectory) {
    throw new TypeError(`Cannot serve ${directory}: it is not a directory`);
  }
  return staticFiles({ directory });
}
