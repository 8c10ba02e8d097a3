// A server made of the classes, in a process of its own: `_classes.ts FOLDER [SECONDS]`.
// Its handler serves the folder, echoes the digest of an upload to those who post, and
// gives up on slow clients after so many seconds.

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

  /** Responds although it leaves the body unread. */
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
  // deno-lint-ignore no-console -- it is how the tests learn the port.
  console.log(`Serving at port ${server.server_port}`);
  await server.serve_forever();
}
