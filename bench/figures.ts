// The figures of a run: their types, medians and ratios.

/** What a figure counts. */
export type Unit = "req/s" | "MB/s" | "ms" | "MB";

/** One measurement of one server. */
export interface Sample {
  /** In the unit of the work. */
  readonly value: number;
  readonly requests: number;
  /** Socket errors, timeouts and unexpected status codes. */
  readonly errors: number;
  /** User and system time of the server, in microseconds per request; per MB if that is the unit. */
  readonly cpu?: number;
  /** Resident memory of the server after the measurement, in bytes. */
  readonly memory: number;
  /** Further figures of some works, by their names. */
  readonly notes?: Readonly<Record<string, number>>;
}

/** The samples of one server, one per round; `null` for a round that failed. */
export interface ServerFigures {
  readonly name: string;
  readonly samples: readonly (Sample | null)[];
}

/** A server that was not measured, in one work or in all of them. */
export interface LeftOut {
  readonly server: string;
  readonly work?: string;
  readonly reason: string;
}

/** The figures of one work. */
export interface WorkFigures {
  readonly name: string;
  readonly description: string;
  readonly unit: Unit;
  readonly servers: readonly ServerFigures[];
}

/** A run. */
export interface Figures {
  readonly machine: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly command: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly works: readonly WorkFigures[];
  readonly leftOut: readonly LeftOut[];
}

/** What the report says about one server in one work. */
export interface Summary {
  readonly name: string;
  readonly value: number;
  /** How many times as fast as this server ours is, by round; `null` if one of the two failed. */
  readonly ratios: readonly (number | null)[];
  readonly ratio: number | undefined;
  readonly cpu: number | undefined;
  readonly memory: number;
  readonly errors: number;
  readonly notes: Readonly<Record<string, number>>;
}

/** The name of the server that all others are compared with. */
export const OURS = "ours";

/** Whether less is better. */
export function isLessBetter(unit: Unit): boolean {
  return unit === "ms" || unit === "MB";
}

/** The middle value, or the mean of the two in the middle; `undefined` without values. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted.length - 1 >> 1, sorted.length >> 1];
  return sorted.length === 0 ? undefined : (sorted[low]! + sorted[high]!) / 2;
}

/**
 * How many times as fast as a peer ours is, round by round: over 1 is faster, in any unit.
 *
 * @param ours Our samples.
 * @param peer The samples of the peer, in the same rounds.
 * @param unit What they count.
 */
export function ratiosOf(
  ours: ServerFigures["samples"],
  peer: ServerFigures["samples"],
  unit: Unit,
): (number | null)[] {
  return ours.map((sample, round) => {
    const other = peer[round];
    if (!sample?.value || !other?.value) return null;
    return isLessBetter(unit)
      ? other.value / sample.value
      : sample.value / other.value;
  });
}

/** Sums up each server of a work that was measured at least once. */
export function summarize(work: WorkFigures): Summary[] {
  const ours = work.servers.find(({ name }) => name === OURS)?.samples ?? [];
  return work.servers.flatMap(({ name, samples }) => {
    const taken = samples.filter((sample) => sample !== null);
    if (taken.length === 0) return [];
    const ratios = name === OURS ? [] : ratiosOf(ours, samples, work.unit);
    return [{
      name,
      value: median(taken.map(({ value }) => value))!,
      ratios,
      ratio: median(ratios.filter((ratio) => ratio !== null)),
      cpu: median(taken.flatMap(({ cpu }) => cpu ?? [])),
      memory: median(taken.map(({ memory }) => memory))!,
      errors: taken.reduce((sum, { errors }) => sum + errors, 0),
      notes: medianNotes(taken),
    }];
  });
}

function medianNotes(samples: readonly Sample[]): Record<string, number> {
  const names = new Set(
    samples.flatMap(({ notes }) => Object.keys(notes ?? {})),
  );
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      median(samples.flatMap(({ notes }) => notes?.[name] ?? []))!,
    ]),
  );
}

/** The servers in the order of a round: each round begins with another one. */
export function rotate<T>(items: readonly T[], round: number): T[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
