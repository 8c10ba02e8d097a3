// Takes JSON by POST and answers with JSON: `deno run --allow-net examples/post_json.ts`, then
// `curl -d '{"name":"Ada"}' http://127.0.0.1:8000/`

import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpserver";

/** Greets whom the posted object names. */
export class Greeter extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";

  async do_POST(): Promise<void> {
    // Reading to the end stops where the request's body ends, also on a kept connection.
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
