// A server made of the classes, in a separate process: `_classes.ts FOLDER [SECONDS]`.
// Its handler serves the folder, responds to POST with the digest of the body, and times
// slow clients out after this many seconds.

import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "../../mod.ts";
import { digest } from "./_client.ts";

const [folder = ".", seconds = "60"] = Deno.args;

/** A handler of files and uploads. */
export class Uploads extends SimpleHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override timeout = Number(seconds);
  override directory = folder;

  async do_POST(): Promise<void> {
    const body = await this.rfile.read();
    const text = `${await digest(body)}\n`;
    this.send_response(200);
    this.send_header("Content-Type", "text/plain");
    this.send_header("Content-Length", String(text.length));
    this.end_headers();
    this.wfile.write(text);
  }

  /** Responds without reading the body. */
  do_PUT(): void {
    this.send_response(204);
    this.end_headers();
  }

  /** Throws before it responds. */
  do_DELETE(): void {
    throw new Error("a handler that fails");
  }
}

if (import.meta.main) {
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Uploads);
  Deno.addSignalListener("SIGTERM", () => void server.server_close());
  // deno-lint-ignore no-console -- the tests read the port from it.
  console.log(`Serving at port ${server.server_port}`);
  await server.serve_forever();
}
