// Measures works in interleaved rounds: each server in turn, beginning with another one
// each time, since the speed of a machine changes while it is measured.

import {
  type LeftOut,
  rotate,
  type Sample,
  type WorkFigures,
} from "./figures.ts";
import { type Context, Instance } from "./instance.ts";
import { isFresh, measure, measureFresh, prepare } from "./measure.ts";
import type { Server } from "./servers.ts";
import { parseOpenFiles } from "./usage.ts";
import { measures, type Work } from "./works.ts";

/** Measures one server in one round. */
type Measure = (server: Server) => Promise<Sample>;

/** What a run reports while it lasts. */
export type Progress = (text: string) => void;

/** Open files beside the idle connections. */
const FILES = 500;

/**
 * Measures a work on all servers that can do it.
 *
 * @param context The run.
 * @param work The work.
 * @param servers The servers, ours first.
 * @param rounds How many rounds.
 * @param progress Gets a line for each measurement.
 * @returns The figures, and the servers without any.
 */
export async function measureWork(
  context: Context,
  work: Work,
  servers: readonly Server[],
  rounds: number,
  progress: Progress,
): Promise<{ figures: WorkFigures; leftOut: LeftOut[] }> {
  const { name, description, unit } = work;
  const leftOut: LeftOut[] = [];
  const leaveOut = (server: string, error: unknown) => {
    // An interrupt ends the servers: so what fails now is not a finding.
    context.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    leftOut.push({ server, work: name, reason });
    progress(`${name}: ${server} is left out: ${reason}`);
  };
  const instances = new Map<Server, Instance>();
  try {
    const ready: Server[] = [];
    for (const server of candidates(work, servers)) {
      context.signal.throwIfAborted();
      try {
        checkLimits(work);
        if (!isFresh(work)) {
          instances.set(server, await Instance.start(context, server, work));
          progress(`${name}: ${server.name} warms up`);
          await prepare(context, instances.get(server)!, work);
        }
        ready.push(server);
      } catch (error) {
        leaveOut(server.name, error);
      }
    }
    const measureOnce: Measure = (server) =>
      isFresh(work)
        ? measureFresh(context, server, work)
        : measure(context, instances.get(server)!, work);
    const samples = await measureRounds(ready, rounds, measureOnce, {
      check: () => context.signal.throwIfAborted(),
      note: (text) => progress(`${name}, ${text}`),
      fail: leaveOut,
    });
    const figures = ready.map(({ name }) => ({
      name,
      samples: samples.get(name) ?? [],
    }));
    return { figures: { name, description, unit, servers: figures }, leftOut };
  } finally {
    for (const instance of instances.values()) {
      await instance[Symbol.asyncDispose]();
    }
  }
}

/** The servers that take part: ours and its other checkouts in every work. */
function candidates(work: Work, servers: readonly Server[]): Server[] {
  return servers.filter((server) =>
    (server.root !== undefined || measures(work, server)) &&
    (!work.tls || server.tls)
  );
}

function checkLimits({ method }: Work): void {
  if (method.kind !== "idle") return;
  const text = Deno.readTextFileSync("/proc/self/limits");
  const { hard } = parseOpenFiles(text);
  if (hard < method.connections + FILES) {
    throw new Error(`a process can open ${hard} files only (ulimit -Hn)`);
  }
}

async function measureRounds(
  servers: readonly Server[],
  rounds: number,
  measure: Measure,
  { check, note, fail }: {
    check: () => void;
    note: Progress;
    fail: (server: string, error: unknown) => void;
  },
): Promise<Map<string, (Sample | null)[]>> {
  const samples = new Map<string, (Sample | null)[]>();
  for (const { name } of servers) samples.set(name, []);
  for (let round = 0; round < rounds; round++) {
    for (const server of rotate(servers, round)) {
      check();
      const { name } = server;
      try {
        const sample = await measure(server);
        samples.get(name)!.push(sample);
        note(`round ${round + 1}: ${name} ${sample.value.toFixed(1)}`);
      } catch (error) {
        samples.get(name)!.push(null);
        fail(name, error);
      }
    }
  }
  return samples;
}
