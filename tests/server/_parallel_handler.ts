// The handler of parallel_test.ts, loaded by each worker. Its first path segment says what
// to do.

import {
  BaseHTTPRequestHandler,
  type RequestHandlerClass,
} from "../../handlers/mod.ts";
import { cacheBudget } from "../../cache/shared_budget.ts";
import type { TCPServer } from "../../server/mod.ts";

/** What a test sends to the workers. */
export interface Data {
  readonly greeting: string;
}

/** Tells the workers apart. */
const id = crypto.randomUUID();

/** How many pieces `/slow` sends, and how long it waits between them, in milliseconds. */
export const PIECES = 10;
const PAUSE = 100;

/** Creates the handler class. */
export default function handlerFor({ greeting }: Data): RequestHandlerClass {
  return class extends BaseHTTPRequestHandler {
    async do_GET(): Promise<void> {
      if (this.path === "/slow") return await this.#sendSlowly();
      if (this.path === "/block") block(1_500);
      if (this.path === "/exit") Deno.exit(3);
      if (this.path === "/close") return await this.#close();
      const body = this.path === "/shares"
        ? `${(this.server as TCPServer).maxConnections} ${cacheBudget.max}`
        : `${greeting} ${id}`;
      this.send_response(200);
      this.send_header("Content-Length", String(body.length));
      this.end_headers();
      await this.wfile.write(body);
      await this.wfile.flush();
      if (this.path === "/throw") setTimeout(fail);
    }

    async #close(): Promise<void> {
      self.close();
      // The worker ends at the next turn, without a response.
      await new Promise(() => {});
    }

    async #sendSlowly(): Promise<void> {
      this.send_response(200);
      this.send_header("Content-Length", String(PIECES));
      this.end_headers();
      for (let n = 0; n < PIECES; n++) {
        await this.wfile.write(".");
        await this.wfile.flush();
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  };
}

function fail(): never {
  throw new Error("thrown by a timer");
}

function block(time: number): void {
  const end = performance.now() + time;
  while (performance.now() < end);
}
