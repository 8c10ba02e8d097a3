/**
 * Runs handlers on `Deno.serve()`, `deno serve`, Deno Deploy and other runtimes that call a
 * `fetch()` method. Neither importing this module nor a handler that extends
 * `BaseHTTPRequestHandler` needs `Deno`.
 *
 * @example
 * ```ts
 * import { BaseHTTPRequestHandler, toFetch } from "@x/httpserver/fetch";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   override log_message() {}
 *   do_GET() {
 *     this.send_response(200);
 *     this.send_header("Content-Type", "text/plain");
 *     this.end_headers();
 *     this.wfile.write("hello\n");
 *   }
 * }
 *
 * const server = toFetch(Hello); // in a module for `deno serve`: export it as the default
 * const response = await server.fetch(new Request("http://localhost/"));
 * assertEquals(await response.text(), "hello\n");
 * ```
 *
 * @module
 */

export { BaseHTTPRequestHandler } from "../base.ts";
export {
  type FetchInfo,
  type FetchOptions,
  type FetchServer,
  toFetch,
} from "./to_fetch.ts";
