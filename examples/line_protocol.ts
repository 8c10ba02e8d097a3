// A line-based protocol without HTTP: run `deno run -A examples/line_protocol.ts`, then
// `nc 127.0.0.1 8000`, and type lines such as `upper good morning`.

import { StreamRequestHandler, ThreadingTCPServer } from "@x/httpserver";

/** Handles `upper WORDS` and `reverse WORDS` until the client sends `quit` or disconnects. */
export class Words extends StreamRequestHandler {
  override async handle(): Promise<void> {
    for (;;) {
      const line = new TextDecoder().decode(await this.rfile.readline(1_000));
      const [command, ...words] = line.trim().split(" ");
      if (line === "" || command === "quit") return;
      let reply = "what?";
      if (command === "upper") reply = words.join(" ").toUpperCase();
      if (command === "reverse") reply = words.reverse().join(" ");
      // Awaiting slows down a client that sends but never reads.
      await this.wfile.write(`${reply}\n`);
    }
  }
}

if (import.meta.main) {
  await using server = new ThreadingTCPServer(["127.0.0.1", 8000], Words);
  await server.serve_forever();
}
