// A handler class as a user of the library writes it: `subclass.ts FOLDER PORT KIND ROOT`.
// ROOT is the checkout of this project to import. KIND is `end-headers` for a file handler
// that overrides `end_headers()`, `do-get` for one whose `do_GET()` writes 1 KB, or `crowd`
// for the handler of the command line in a server that keeps more connections.

import type * as Library from "../../mod.ts";

const [folder = "", port, kind, root] = Deno.args;
const {
  BaseHTTPRequestHandler,
  partial,
  SimpleHTTPRequestHandler,
  StaticFileHandler,
  ThreadingHTTPServer,
}: typeof Library = await import(`${root}/mod.ts`);

class EndHeaders extends SimpleHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override end_headers(): void {
    this.send_header("Cross-Origin-Opener-Policy", "same-origin");
    super.end_headers();
  }
}

const body = new Uint8Array(1024).fill(0x78);

class DoGet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  do_GET(): void {
    this.send_response(200);
    this.send_header("Content-Type", "text/plain");
    this.send_header("Content-Length", String(body.length));
    this.end_headers();
    this.wfile.write(body);
  }
}

class CrowdServer extends ThreadingHTTPServer {
  static override maxConnections = 16_384;
}

function handler(): Library.RequestHandlerClass {
  if (kind === "do-get") return DoGet;
  const options = { directory: folder };
  return kind === "crowd"
    ? partial(StaticFileHandler, options)
    : partial(EndHeaders, options);
}

const Server = kind === "crowd" ? CrowdServer : ThreadingHTTPServer;
await using server = new Server(["127.0.0.1", Number(port)], handler());
await server.serve_forever();
