// Serves with `test()`, and receives SIGTERM as soon as it listens; `signals_test.ts` runs it.

import { test } from "../../cli.ts";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { ThreadingHTTPServer } from "../../server/mod.ts";

class Interrupted extends ThreadingHTTPServer {
  override server_activate(): void {
    super.server_activate();
    Deno.kill(Deno.pid, "SIGTERM");
  }
}

await test(BaseHTTPRequestHandler, Interrupted, { bind: "127.0.0.1", port: 0 });
