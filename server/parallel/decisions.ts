// How many workers there are, when one counts as blocked, and when a dead one is replaced.
// Pure.

/** The most workers. Each takes some 22 MB. */
export const MAX_WORKERS = 256;

/** A worker that lived shorter than this has died at once, in milliseconds. */
const AT_ONCE = 1_000;

/** How often in a row a worker may die at once before the server gives up. */
const MAX_DEATHS = 5;

/** How long to wait before a worker is replaced, in milliseconds; twice as long after each death at once. */
const FIRST_DELAY = 100;

/** After how many checks without a beat a worker counts as blocked. */
export const MAX_MISSED = 5;

/** How many times a worker beats between two checks: one late beat must not count. */
const BEATS_PER_CHECK = 4;

/**
 * The number of workers.
 *
 * @param requested What was asked for.
 * @param cores The number of cores, for "auto".
 * @returns The number.
 * @throws {RangeError} If it is not an integer from 1 to `MAX_WORKERS`.
 */
export function workerCount(requested: number | "auto", cores: number): number {
  if (requested === "auto") return Math.min(Math.max(cores, 1), MAX_WORKERS);
  if (
    Number.isInteger(requested) && requested >= 1 && requested <= MAX_WORKERS
  ) return requested;
  throw new RangeError(
    `"workers" must be "auto" or an integer from 1 to ${MAX_WORKERS}, not ${requested}`,
  );
}

/**
 * One worker's share of a limit for the whole server.
 *
 * @param limit The limit.
 * @param workers The number of workers.
 * @returns The share, rounded up.
 */
export function shareOf(limit: number, workers: number): number {
  return Math.ceil(limit / workers);
}

/** What follows the death of a worker. */
export interface Replacement {
  /** How long to wait, in milliseconds. */
  readonly delay: number;
  /** How often in a row this worker has died at once. */
  readonly deaths: number;
}

/**
 * Decides what follows the death of a worker.
 *
 * @param deaths How often in a row it had died at once before.
 * @param lived How long it served, in milliseconds; 0 if it never did.
 * @returns When to replace it; `undefined` to give up.
 */
export function replacementAfter(
  deaths: number,
  lived: number,
): Replacement | undefined {
  if (lived >= AT_ONCE) return { delay: FIRST_DELAY, deaths: 0 };
  if (deaths >= MAX_DEATHS) return undefined;
  return { delay: FIRST_DELAY * 2 ** deaths, deaths: deaths + 1 };
}

/** The result of looking at a worker's beats. */
export interface Pulse {
  /** How many there were. */
  readonly beats: number;
  /** How many checks in a row have seen no further one. */
  readonly missed: number;
}

/**
 * Looks at a worker's beats again. Checks are counted rather than time, since the server may
 * have been blocked or suspended itself.
 *
 * @param before The result of the last check.
 * @param beats How many beats there were by now.
 * @returns The result. Before the first beat, the worker is loading its modules.
 */
export function nextPulse(before: Pulse, beats: number): Pulse {
  const silent = beats > 0 && beats === before.beats;
  return { beats, missed: silent ? before.missed + 1 : 0 };
}

/**
 * How often to beat and to check.
 *
 * @param hangTimeout How long a worker may be blocked, in seconds.
 * @returns Both intervals in milliseconds.
 * @throws {RangeError} If it is not a positive number.
 */
export function intervalsFor(
  hangTimeout: number,
): { readonly beat: number; readonly check: number } {
  if (!(hangTimeout > 0)) {
    throw new RangeError(
      `"hangTimeout" must be a positive number, not ${hangTimeout}`,
    );
  }
  // A longer interval would overflow the timer's 32 bits.
  const check = Math.min(hangTimeout * 1000 / MAX_MISSED, 2 ** 31 - 1);
  return { beat: Math.min(check / BEATS_PER_CHECK, 1_000), check };
}
