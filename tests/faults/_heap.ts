// What idle connections keep alive: `_heap.ts FOLDER KIND COUNT`, with `--v8-flags=--expose-gc`.
// Prints the bytes of each after a garbage collection, buffers included, which are the same in
// every run; resident memory is not.

import { Crowd } from "../../tools/load.ts";
import { ThreadingHTTPServer } from "../../mod.ts";
import { Uploads } from "./_classes.ts";
import type { CrowdKind } from "../../tools/crowd.ts";

const [folder = ".", kind = "idle", count = "500"] = Deno.args;

class Quiet extends Uploads {
  override directory = folder;
  override timeout = 60;
  override log_message() {}
}

async function live(): Promise<number> {
  const { gc } = globalThis as unknown as { gc(): void };
  // What waits for a finalizer is collected the next time.
  for (let round = 0; round < 4; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Quiet);
server.serve_forever();
const gather = (clients: number) =>
  Crowd.gather(server.server_port, kind as CrowdKind, clients);
// Code that is compiled and buffers that are shared are not a connection's.
await (await gather(100))[Symbol.asyncDispose]();
const before = await live();
await using _crowd = await gather(Number(count));
// deno-lint-ignore no-console -- it is the result.
console.log(Math.round((await live() - before) / Number(count)));
