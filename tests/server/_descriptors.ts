// A server with few file descriptors; `descriptors_test.ts` starts it under `ulimit -n`.
// On request it opens all of them, and closes them again after a while.

import { SimpleHTTPRequestHandler } from "../../handlers/mod.ts";
import { ThreadingHTTPServer } from "../../server/mod.ts";
import { isCompilerPrepared } from "../../server/stacks.ts";

/** How long all descriptors stay in use, in milliseconds: enough for some failing accepts. */
const TAKEN_FOR = 1_500;

/** How long the runtime needs to start, in milliseconds: half a second in, it opens files for signals, and panics if it can't. */
const STARTED_AFTER = 1_000;

function isPrepared(): boolean {
  return isCompilerPrepared() && performance.now() > STARTED_AFTER;
}

class Handler extends SimpleHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(): void {}
  override do_GET(): void | Promise<void> {
    if (this.path === "/throw") throw new TypeError("thrown on purpose");
    if (this.path === "/prepared") return this.#say(String(isPrepared()));
    if (this.path === "/take") return this.#say(takeAll());
    if (this.path === "/hello") return this.#say("hello");
    return super.do_GET();
  }
  #say(text: string): void {
    this.send_response(200);
    this.send_header("Content-Length", text.length);
    this.end_headers();
    this.wfile.write(text);
  }
}

/** Opens files until no descriptor is left; closes all of them after a while. */
function takeAll(): string {
  const files: Deno.FsFile[] = [];
  try {
    for (;;) files.push(Deno.openSync("/dev/null"));
  } catch {
    setTimeout(() => {
      for (const file of files) file.close();
    }, TAKEN_FOR);
  }
  return "taken";
}

async function serve(): Promise<void> {
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
  const line = `Serving on port ${server.server_port}\n`;
  await Deno.stdout.write(new TextEncoder().encode(line));
  await server.serve_forever();
}

// In a worker, if there is an argument: it has its own stacks.
const inWorker = import.meta.url.endsWith("?worker");
if (Deno.args.length > 0 && !inWorker) {
  new Worker(`${import.meta.url}?worker`, { type: "module" });
} else {
  await serve();
}
