// What many connections cost: `deno task load`.
//
// Measures an honest client's latency beside slow and idle ones, and the resident memory
// of idle connections. Ends with exit code 1 where a bound is exceeded.

// deno-lint-ignore-file no-console

import { ServerProcess, Site, SMALL } from "../tests/faults/_rig.ts";
import { denoArguments } from "../tests/_command.ts";
import type { CrowdKind } from "./crowd.ts";

/** How often the honest client asks for one median. */
const REQUESTS = 400;

/** How many medians are taken of each server. */
const ROUNDS = 5;

/** How many requests make a server compile what it compiles. */
const WARM_UP = 5_000;

/** An honest client's latency beside a crowd, as a multiple of that without one. */
export const MAX_SLOWDOWN = 2;

/** What an idle connection may cost once it has been served, in bytes of resident memory. */
export const MAX_IDLE_MEMORY = 16 * 1024;

/** Many clients in a process of their own. */
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
   * @param kind What they do.
   * @param count How many.
   * @returns The crowd, which leaves when it is disposed.
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
 * An honest client's median latency on a kept connection.
 *
 * @param port The server's port.
 * @param requests How many requests.
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
    // The body is the last thing to come, and the head is shorter.
    for (let got = 0; got <= SMALL.length;) {
      const count = await conn.read(buffer);
      if (count === null) throw new Error("The server closed too early");
      got += count;
    }
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[requests >> 1]!;
}

/** How a server slows down beside a crowd. */
export interface Slowdown {
  /** The median latency without the crowd, in milliseconds. */
  readonly alone: number;
  /** The median latency beside it, in milliseconds. */
  readonly beside: number;
}

/**
 * Measures the honest client's latency at two servers in turns, of which one has a crowd,
 * so that whatever else the machine does slows down both.
 *
 * @param kind What the crowd does.
 * @param count How large it is.
 * @returns The smallest median of each server.
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
 * Measures what an idle connection costs: the growth of a fresh server's resident memory
 * over so many of them, without forced garbage collection.
 *
 * @param kind What the connections have done before they became idle.
 * @param count How many.
 * @returns Bytes for each.
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
  // Code that is compiled and buffers that are shared are not a connection's.
  await medianLatency(server.port, WARM_UP);
  await using first = await Crowd.gather(server.port, kind, 200);
  await first[Symbol.asyncDispose]();
  const before = await settled(server);
  await using _crowd = await Crowd.gather(server.port, kind, count);
  return (await settled(server) - before) / count;
}

/** Resident memory once it does not change any more. */
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
