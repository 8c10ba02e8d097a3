// A custom server without signal handlers. The first argument is the folder to serve; the second
// one makes it fail.

// deno-lint-ignore-file no-console

import { CGIHTTPRequestHandler, partial } from "../../handlers/mod.ts";
import { ThreadingHTTPServer } from "../../server/mod.ts";

const [directory = ".", failure] = Deno.args;

class Handler extends CGIHTTPRequestHandler {
  override log_message(): void {}
}

await using server = new ThreadingHTTPServer(
  ["127.0.0.1", 0],
  partial(Handler, { directory }),
);
console.log(`Serving at port ${server.server_port}`);
if (failure === "prevented") {
  addEventListener("unhandledrejection", (event) => event.preventDefault());
}
if (failure !== undefined) {
  // Fail after a script has started.
  const timer = setInterval(() => {
    try {
      Deno.statSync(`${directory}/scratch/x`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
    }
    clearInterval(timer);
    if (failure === "exit") Deno.exit(0);
    if (failure !== "throw") void Promise.reject(new TypeError("a test"));
    else throw new TypeError("a test");
  }, 20);
}
await server.serve_forever();
