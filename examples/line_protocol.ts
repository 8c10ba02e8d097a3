// A protocol of lines, without HTTP: `deno run -A examples/line_protocol.ts`, then
// `nc 127.0.0.1 8000`, and lines such as `upper good morning`.

import { StreamRequestHandler, ThreadingTCPServer } from "@x/httpserver";

/** Answers `upper WORDS` and `reverse WORDS`, until the client says `quit` or leaves. */
export class Words extends StreamRequestHandler {
  override async handle(): Promise<void> {
    for (;;) {
      const line = new TextDecoder().decode(await this.rfile.readline(1_000));
      const [command, ...words] = line.trim().split(" ");
      if (line === "" || command === "quit") return;
      let answer = "what?";
      if (command === "upper") answer = words.join(" ").toUpperCase();
      if (command === "reverse") answer = words.reverse().join(" ");
      // Waiting holds back a client that sends and never reads.
      await this.wfile.write(`${answer}\n`);
    }
  }
}

if (import.meta.main) {
  await using server = new ThreadingTCPServer(["127.0.0.1", 8000], Words);
  await server.serve_forever();
}
