/**
 * Python's `http.server` for Deno, complete: the same classes, hooks and command line.
 *
 * @example A handler
 * ```ts
 * import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET() {
 *     this.send_response(200);
 *     this.send_header("Content-Type", "text/plain");
 *     this.end_headers();
 *     this.wfile.write("hello\n");
 *   }
 *   override log_message() {}
 * }
 *
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Hello);
 * server.serve_forever();
 * const response = await fetch(`http://127.0.0.1:${server.server_port}/`);
 * assertEquals(await response.text(), "hello\n");
 * ```
 *
 * @module
 */

export * from "./handlers/mod.ts";
export { HTTPMessage } from "./parser/headers.ts";
export * from "./server/mod.ts";
export { HTTPStatus } from "./status.ts";

if (import.meta.main) {
  const { main } = await import("./cli.ts");
  Deno.exit(await main(Deno.args));
}
