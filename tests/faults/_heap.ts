// The memory that idle connections keep alive: `_heap.ts FOLDER KIND COUNT`, with
// `--v8-flags=--expose-gc`. Prints the bytes of each after a garbage collection, buffers included,
// which are the same in every run, unlike resident memory.

import { Crowd } from "../../tools/load.ts";
import { ThreadingHTTPServer } from "../../mod.ts";
import { Uploads } from "./_classes.ts";
import type { CrowdKind } from "../../tools/crowd.ts";
import { quiet } from "../_lib/quiet.ts";

const [folder = ".", kind = "idle", count = "500"] = Deno.args;

class Idle extends quiet(Uploads) {
  override directory = folder;
  override timeout = 60;
}

async function live(): Promise<number> {
  const { gc } = globalThis as unknown as { gc(): void };
  // Objects with a finalizer are only collected in the next round.
  for (let round = 0; round < 4; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Idle);
server.serve_forever();
const gather = (clients: number) =>
  Crowd.gather(server.server_port, kind as CrowdKind, clients);
// Compiled code and shared buffers don't count.
await (await gather(100))[Symbol.asyncDispose]();
const before = await live();
await using _crowd = await gather(Number(count));
// deno-lint-ignore no-console -- this is the result.
console.log(Math.round((await live() - before) / Number(count)));
