// Accepts and returns JSON: run `deno run --allow-net examples/post_json.ts`, then
// `curl -d '{"name":"Ada"}' http://127.0.0.1:8000/`

import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpserver";

/** Greets the person named in the posted object. */
export class Greeter extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";

  async do_POST(): Promise<void> {
    // read() stops at the end of the body, even if the connection stays open.
    const text = new TextDecoder().decode(await this.rfile.read());
    let person: { name?: unknown } | null;
    try {
      person = JSON.parse(text);
    } catch {
      this.send_error(400, "Not JSON");
      return;
    }
    const body = new TextEncoder().encode(
      JSON.stringify({ hello: person?.name ?? null }),
    );
    this.send_response(200);
    this.send_header("Content-Type", "application/json");
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }
}

if (import.meta.main) {
  await using server = new ThreadingHTTPServer(["127.0.0.1", 8000], Greeter);
  await server.serve_forever();
}
