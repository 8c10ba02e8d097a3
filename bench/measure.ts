// Measures one server once, in each kind of work.

import { Crowd } from "./crowd.ts";
import { exchange } from "./exchange.ts";
import { median, type Sample, type Unit } from "./figures.ts";
import { type Context, Instance } from "./instance.ts";
import { type Load, runAb, runWrk, wrkScript } from "./load.ts";
import { probe } from "./probe.ts";
import type { Server } from "./servers.ts";
import type { Usage } from "./usage.ts";
import { type Method, type Requests, SMALL, type Work } from "./works.ts";

/** How many cold listings make one measurement. */
const LISTINGS = 5;

/** How many starts make one measurement. */
const STARTS = 3;

/** How long memory is watched for, at most, in milliseconds. */
const SETTLING = 4_000;

/** How long the work `memory` may take to one of its two points, in milliseconds. */
const MAX_MEMORY_TIME = 900_000;

/** Requests that warm a server up, and those of the busy client. */
const BUSY: Requests = { paths: [SMALL.path], connections: 1, status: 200 };

/** A load on a running server. */
type Generator = (seconds: number) => Promise<Load>;

/**
 * Checks a running server and warms it up, so that compilers do not count.
 *
 * @param context The run.
 * @param instance The server.
 * @param work The work.
 * @throws {Error} The server can't do this work.
 */
export async function prepare(
  context: Context,
  instance: Instance,
  { method, unit }: Work,
): Promise<void> {
  if (method.kind === "cold-listing") {
    await probe(instance.target, method.requests);
    await measureListing(context, instance);
  } else if (method.kind === "wrk" || method.kind === "ab") {
    const generate = await generator(context, instance, method);
    const load = await generate(Math.min(2, context.seconds));
    if (valueOf(load, unit) === 0) throw new Error("no request succeeded");
  }
}

/** Whether to restart the server before each measurement. */
export function isFresh({ method: { kind } }: Work): boolean {
  return kind === "idle" || kind === "start" || kind === "memory";
}

/** Measures a running server, which `prepare()` has accepted. */
export async function measure(
  context: Context,
  instance: Instance,
  { method, unit }: Work,
): Promise<Sample> {
  if (method.kind === "cold-listing") {
    return await measureListing(context, instance);
  }
  if (method.kind !== "wrk" && method.kind !== "ab") {
    throw new Error(`Cannot measure ${method.kind} on a running server`);
  }
  const generate = await generator(context, instance, method);
  const { status } = method.requests;
  return await measureLoad(instance, generate, status, unit, context.seconds);
}

/** Starts a server and measures it. */
export async function measureFresh(
  context: Context,
  server: Server,
  work: Work,
): Promise<Sample> {
  const { method } = work;
  if (method.kind === "start") return await measureStart(context, server, work);
  await using instance = await Instance.start(context, server, work);
  if (method.kind === "idle") {
    return await measureIdle(context, instance, method.connections);
  }
  if (method.kind !== "memory") {
    throw new Error(`Cannot measure ${method.kind} on a fresh server`);
  }
  return await measureMemory(context, instance, method);
}

/** Makes a load generator for a server. */
async function generator(
  { processes }: Context,
  instance: Instance,
  { kind, requests }: Extract<
    Method,
    { requests: Requests; kind: "wrk" | "ab" }
  >,
): Promise<Generator> {
  const { connections, paths } = requests;
  const sent = await probe(instance.target, requests);
  const url = instance.url + paths[0]!;
  if (kind === "ab") {
    const options: string[] = [];
    if (requests.keepAlive) options.push("-k");
    if (requests.method === "HEAD") options.push("-i");
    return (seconds) =>
      runAb(processes, url, options, { connections, seconds });
  }
  const script = `${instance.folder}/requests.lua`;
  await Deno.writeTextFile(script, wrkScript(sent));
  return (seconds) => runWrk(processes, url, script, { connections, seconds });
}

function valueOf({ bytes, requests, seconds }: Load, unit: Unit): number {
  return (unit === "MB/s" ? bytes / 1e6 : requests) / seconds;
}

/** The server's CPU time per request or megabyte, in microseconds. */
function cpuOf(
  { server }: Instance,
  before: Usage,
  after: Usage,
  count: number,
): { cpu?: number } {
  if (server.forks || count === 0) return {};
  return { cpu: (after.cpu - before.cpu) / count };
}

async function measureLoad(
  instance: Instance,
  generate: Generator,
  status: number,
  unit: Unit,
  seconds: number,
): Promise<Sample> {
  const before = instance.usage();
  const load = await generate(seconds);
  const after = instance.usage();
  const { bytes, requests, failures, rejections } = load;
  const unexpected = status >= 400 ? requests - rejections : rejections;
  return {
    value: valueOf(load, unit),
    requests,
    errors: failures + unexpected,
    memory: after.memory,
    ...cpuOf(instance, before, after, unit === "MB/s" ? bytes / 1e6 : requests),
  };
}

async function measureListing(
  { site }: Context,
  instance: Instance,
): Promise<Sample> {
  const before = instance.usage();
  const times: number[] = [];
  let errors = 0;
  for (let n = 0; n < LISTINGS; n++) {
    const path = await site.coldFolder();
    const { status, milliseconds } = await exchange(instance.target, { path });
    if (status !== 200) errors++;
    times.push(milliseconds);
  }
  const after = instance.usage();
  return {
    value: median(times)!,
    requests: LISTINGS,
    errors,
    memory: after.memory,
    ...cpuOf(instance, before, after, LISTINGS),
  };
}

async function measureStart(
  context: Context,
  server: Server,
  work: Work,
): Promise<Sample> {
  const times: number[] = [];
  const cpu: number[] = [];
  const memory: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    await using instance = await Instance.start(context, server, work);
    const usage = instance.usage();
    times.push(instance.startTime);
    cpu.push(usage.cpu);
    memory.push(usage.memory);
  }
  return {
    value: median(times)!,
    requests: STARTS,
    errors: 0,
    memory: median(memory)!,
    notes: { least: Math.min(...times) },
    ...(!server.forks && { cpu: median(cpu)! }),
  };
}

/** Resident memory once it does not change any more. */
async function settledMemory(instance: Instance): Promise<number> {
  const deadline = performance.now() + SETTLING;
  for (let last = 0;;) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { memory } = instance.usage();
    const settled = Math.abs(memory - last) < 256 * 1024;
    if (settled || performance.now() > deadline) return memory;
    last = memory;
  }
}

async function measureIdle(
  context: Context,
  instance: Instance,
  connections: number,
): Promise<Sample> {
  const { target } = instance;
  const generate = await generator(context, instance, {
    kind: "wrk",
    requests: BUSY,
  });
  const busy = () =>
    measureLoad(instance, generate, 200, "req/s", context.seconds);
  // Neither compiled code nor shared buffers are memory of a connection.
  await generate(Math.min(2, context.seconds));
  (await Crowd.gather(target, 200))[Symbol.dispose]();
  const first = await busy();
  const before = await settledMemory(instance);
  const crowd = await Crowd.gather(target, connections);
  try {
    const memory = await settledMemory(instance) - before;
    const beside = await busy();
    const { held } = crowd;
    crowd[Symbol.dispose]();
    await settledMemory(instance);
    // Before and after: a machine that slows down meanwhile must not count.
    const alone = (first.value + (await busy()).value) / 2;
    return {
      ...beside,
      errors: beside.errors + connections - held,
      notes: {
        alone,
        "slowdown %": (1 - beside.value / alone) * 100,
        "KB per idle connection": memory / 1024 / connections,
      },
    };
  } finally {
    crowd[Symbol.dispose]();
  }
}

async function measureMemory(
  context: Context,
  instance: Instance,
  { first, last }: Extract<Method, { kind: "memory" }>,
): Promise<Sample> {
  const requests = { ...BUSY, connections: 32 };
  const generate = await generator(context, instance, {
    kind: "wrk",
    requests,
  });
  let [sent, errors] = [0, 0];
  const upTo = async (count: number) => {
    const deadline = performance.now() + MAX_MEMORY_TIME;
    while (sent < count) {
      if (performance.now() > deadline) throw new Error("it is too slow");
      const load = await generate(count - sent > 200_000 ? 5 : 1);
      sent += load.requests;
      errors += load.failures + load.rejections;
    }
    return await settledMemory(instance);
  };
  const early = await upTo(first);
  const before = instance.usage();
  const counted = sent;
  const memory = await upTo(last);
  const after = instance.usage();
  return {
    value: memory / 1e6,
    requests: sent,
    errors,
    memory,
    notes: { [`MB after ${first} requests`]: early / 1e6 },
    ...cpuOf(instance, before, after, sent - counted),
  };
}
