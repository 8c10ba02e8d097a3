// A whole project for Deno Deploy: a folder of files, and a form that posts to it. Run it with
// `deno serve -A examples/deploy.ts`, or on all cores with `--parallel`; on Deno Deploy, name it as
// the entry point.

import { StaticFileHandler } from "@x/httpserver/static";
import { toFetch } from "@x/httpserver/fetch";
import { partial } from "@x/httpserver/handlers";

/** The longest message, in bytes. */
const MAX_MESSAGE = 10_000;

/** Serves files, and responds to POST. */
class Site extends StaticFileHandler {
  override async do_POST(): Promise<void> {
    const message = await this.rfile.read(MAX_MESSAGE + 1);
    if (message.length > MAX_MESSAGE) return this.send_error(413);
    const text = `${message.length} bytes from ${this.client_address[0]}\n`;
    this.send_response(200);
    this.send_header("Content-Type", "text/plain");
    this.send_header("Content-Length", text.length);
    this.end_headers();
    this.wfile.write(text);
  }
}

export default toFetch(partial(Site, {
  directory: new URL("../docs", import.meta.url).pathname,
  cleanUrls: true,
  // Each replica has its own files: only their content is the same everywhere.
  etag: "content",
  cache: ["images/**=public, max-age=3600"],
})) satisfies Deno.ServeDefaultExport;
