// A handler on every core: `deno run --allow-net --allow-read examples/parallel.ts`. The
// workers load this file too, so only the main thread may start the server.

import { BaseHTTPRequestHandler, serveParallel } from "@x/httpserver";

/** Responds to every GET with a greeting. */
export default class Hello extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  do_GET(): void {
    const body = "hello\n";
    this.send_response(200);
    this.send_header("Content-Type", "text/plain");
    this.send_header("Content-Length", String(body.length));
    this.end_headers();
    this.wfile.write(body);
  }
}

if (import.meta.main) {
  const address = ["127.0.0.1", 8000] as const;
  await using server = await serveParallel(address, import.meta.url);
  await server.finished;
}
