// Measures what many connections cost: `deno task load`.
//
// Measures the latency of an ordinary client next to slow and idle ones, and the resident
// memory of idle connections. Exits with code 1 if a limit is exceeded.

// deno-lint-ignore-file no-console

import { ServerProcess, Site, SMALL } from "../tests/faults/_rig.ts";
import { denoArguments } from "../tests/_command.ts";
import type { CrowdKind } from "./crowd.ts";

/** How many requests one median is taken of. */
const REQUESTS = 400;

/** How many medians to take per server. */
const ROUNDS = 5;

/** How many requests warm up a server's JIT. */
const WARM_UP = 5_000;

/** The maximum latency next to a crowd, as a multiple of that without one. */
export const MAX_SLOWDOWN = 2;

/** The maximum resident memory of an idle connection that was served, in bytes. */
export const MAX_IDLE_MEMORY = 16 * 1024;

/** Many clients in a separate process. */
export class Crowd implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  #left = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /**
   * Connects clients and waits until all are served.
   *
   * @param port The server's port.
   * @param kind What the clients do.
   * @param count The number of clients.
   * @returns The crowd, which disconnects when disposed.
   */
  static async gather(
    port: number,
    kind: CrowdKind,
    count: number,
  ): Promise<Crowd> {
    const command = [...denoArguments("tools/crowd.ts"), `${port}`, kind];
    const child = new Deno.Command("sh", {
      args: [
        "-c",
        `ulimit -n ${count + 256}; exec "$@"`,
        "sh",
        Deno.execPath(),
        ...command,
        `${count}`,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    const { done } = await reader.read();
    void reader.cancel();
    const crowd = new Crowd(child);
    if (!done) return crowd;
    await crowd[Symbol.asyncDispose]();
    throw new Error(`A crowd of ${count} could not connect`);
  }

  /** Closes the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await this.#child.stdin.close();
    await this.#child.status;
  }
}

/**
 * Measures an ordinary client's median latency on a kept connection.
 *
 * @param port The server's port.
 * @param requests The number of requests.
 * @returns The median, in milliseconds.
 */
export async function medianLatency(
  port: number,
  requests: number = REQUESTS,
): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = new TextEncoder().encode(
    "GET /small.bin HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  const times: number[] = [];
  const buffer = new Uint8Array(8_192);
  for (let n = 0; n < requests; n++) {
    const began = performance.now();
    await conn.write(request);
    // The body arrives last, and is longer than the head.
    for (let got = 0; got <= SMALL.length;) {
      const count = await conn.read(buffer);
      if (count === null) throw new Error("The server closed too early");
      got += count;
    }
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[requests >> 1]!;
}

/** How much a crowd slows down a server. */
export interface Slowdown {
  /** The median latency without the crowd, in milliseconds. */
  readonly alone: number;
  /** The median latency with the crowd, in milliseconds. */
  readonly beside: number;
}

/**
 * Measures latency at two servers in turns, one of which has a crowd, so that other load on
 * the machine slows down both.
 *
 * @param kind What the crowd does.
 * @param count The number of clients.
 * @returns The lowest median of each server.
 */
export async function slowdown(
  kind: CrowdKind,
  count: number,
): Promise<Slowdown> {
  using site = new Site();
  const start = () =>
    ServerProcess.start({
      args: ["-d", site.path, "-q"],
      descriptors: count + 256,
    });
  await using quiet = await start();
  await using crowded = await start();
  for (const { port } of [quiet, crowded]) await medianLatency(port, WARM_UP);
  await using _crowd = await Crowd.gather(crowded.port, kind, count);
  let [alone, beside] = [Infinity, Infinity];
  for (let n = 0; n < ROUNDS; n++) {
    alone = Math.min(alone, await medianLatency(quiet.port));
    beside = Math.min(beside, await medianLatency(crowded.port));
  }
  return { alone, beside };
}

/**
 * Measures the memory of an idle connection: the growth of a fresh server's resident memory
 * divided by the number of connections, without forced garbage collection.
 *
 * @param kind What the clients did before they became idle.
 * @param count The number of connections.
 * @returns Bytes per connection.
 */
export async function idleMemory(
  kind: "idle" | "uploaded",
  count: number,
): Promise<number> {
  using site = new Site();
  const uploads = kind === "uploaded";
  await using server = await ServerProcess.start({
    ...(uploads && { script: "tests/faults/_classes.ts" }),
    args: uploads ? [site.path] : ["-d", site.path],
    descriptors: count + 256,
  });
  // Warm up: compiled code and shared buffers don't belong to a connection.
  await medianLatency(server.port, WARM_UP);
  await using first = await Crowd.gather(server.port, kind, 200);
  await first[Symbol.asyncDispose]();
  const before = await settled(server);
  await using _crowd = await Crowd.gather(server.port, kind, count);
  return (await settled(server) - before) / count;
}

/** Waits until resident memory stops changing. */
async function settled(server: ServerProcess): Promise<number> {
  for (let last = 0;;) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { memory } = server.usage();
    if (Math.abs(memory - last) < 256 * 1024) return memory;
    last = memory;
  }
}

function report(name: string, value: string, good: boolean): boolean {
  console.log(`${good ? "ok  " : "FAIL"}  ${name.padEnd(46)} ${value}`);
  return good;
}

async function main(): Promise<number> {
  const results: boolean[] = [];
  for (const [kind, count] of [["slow", 500], ["idle", 2_000]] as const) {
    const { alone, beside } = await slowdown(kind, count);
    const ratio = beside / alone;
    results.push(report(
      `latency beside ${count} ${kind} clients`,
      `${alone.toFixed(2)} ms alone, ${beside.toFixed(2)} ms beside: ${
        ratio.toFixed(2)
      } x`,
      ratio <= MAX_SLOWDOWN,
    ));
  }
  for (const kind of ["idle", "uploaded"] as const) {
    const bytes = await idleMemory(kind, 2_000);
    results.push(report(
      `memory of an idle connection, ${kind}`,
      `${(bytes / 1024).toFixed(1)} KiB`,
      bytes <= MAX_IDLE_MEMORY,
    ));
  }
  return results.every((good) => good) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
