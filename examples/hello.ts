// The smallest handler: `deno run --allow-net examples/hello.ts`

import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpserver";

/** Responds to every GET with a greeting. */
export class Hello extends BaseHTTPRequestHandler {
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
  await using server = new ThreadingHTTPServer(["127.0.0.1", 8000], Hello);
  await server.serve_forever();
}
