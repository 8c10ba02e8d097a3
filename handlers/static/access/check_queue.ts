// The queue of password checks, which are slow on purpose: one runs at a time, so that
// guesses take one core of the machine and not all. Clients take turns, so that one who
// guesses delays nobody but himself.

import { clientNetwork } from "../../../text/ip_address.ts";

/**
 * How many checks may wait. At a fifth of a second each, the last of them waits for some
 * twelve seconds, which is about as long as people and proxies wait for a page.
 */
export const MAX_CHECKS = 64;

/** How many of them may be of one client: enough for a few people behind one address. */
export const MAX_CHECKS_OF_CLIENT = 16;

/** Who waits for a check. */
export interface CheckClient {
  /** The client's address; those of one IPv6 network of 64 bits count as one client. */
  readonly address: string;
  /**
   * Begins to watch for the client to leave. Called only for a check that has to wait.
   *
   * @param leave Drops the check. Further calls do nothing.
   * @returns What ends the watch when it is disposed.
   */
  watch?(leave: () => void): Disposable;
}

/** A check that waits or runs, for one client or several connections of it. */
interface Job {
  readonly key: string;
  readonly work: () => Promise<boolean>;
  readonly waiters: Set<PromiseWithResolvers<boolean | undefined>>;
}

/** Checks that wait for their turn. */
export class CheckQueue {
  /** By client, the next one first; each client's in order. */
  readonly #waiting = new Map<string, Job[]>();
  /** Those that wait or run, by client and what is checked. */
  readonly #jobs = new Map<string, Job>();
  #count = 0;
  #running = false;

  /** How many checks wait. */
  get size(): number {
    return this.#count;
  }

  /**
   * Runs a check when its turn has come. Where the same client waits for the same check
   * already, both get its result.
   *
   * @param client Who waits for it.
   * @param id What is checked.
   * @param work Does the check.
   * @returns Its result; `undefined` where there are too many, or the client has left.
   */
  async run(
    client: CheckClient,
    id: string,
    work: () => Promise<boolean>,
  ): Promise<boolean | undefined> {
    const owner = clientNetwork(client.address);
    const key = `${owner} ${id}`;
    const job = this.#jobs.get(key) ?? this.#add(owner, key, work);
    if (job === undefined) return undefined;
    const waiter = Promise.withResolvers<boolean | undefined>();
    job.waiters.add(waiter);
    this.#next();
    const leave = () => {
      waiter.resolve(undefined);
      job.waiters.delete(waiter);
      if (job.waiters.size === 0) this.#drop(owner, job);
    };
    using _watch = this.#waits(owner, job) ? client.watch?.(leave) : undefined;
    return await waiter.promise;
  }

  #waits(owner: string, job: Job): boolean {
    return this.#waiting.get(owner)?.includes(job) ?? false;
  }

  /** Adds a check, in place of another client's if that has more; `undefined` where there is no place. */
  #add(
    owner: string,
    key: string,
    work: () => Promise<boolean>,
  ): Job | undefined {
    const own = this.#waiting.get(owner) ?? [];
    if (own.length >= MAX_CHECKS_OF_CLIENT) return undefined;
    if (this.#count >= MAX_CHECKS && !this.#makeRoom(own.length)) {
      return undefined;
    }
    const job: Job = { key, work, waiters: new Set() };
    own.push(job);
    this.#waiting.set(owner, own);
    this.#jobs.set(key, job);
    this.#count++;
    return job;
  }

  /** Drops the last check of the client with the most, if that has more than the newcomer would have. */
  #makeRoom(ownCount: number): boolean {
    let greediest: readonly [owner: string, jobs: Job[]] | undefined;
    for (const entry of this.#waiting) {
      if (entry[1].length > (greediest?.[1].length ?? ownCount + 1)) {
        greediest = entry;
      }
    }
    if (greediest === undefined) return false;
    const job = greediest[1].at(-1)!;
    this.#drop(greediest[0], job);
    for (const waiter of job.waiters) waiter.resolve(undefined);
    return true;
  }

  /** Takes a check out of the queue; one that runs goes on. */
  #drop(owner: string, job: Job): void {
    const jobs = this.#waiting.get(owner) ?? [];
    const at = jobs.indexOf(job);
    if (at < 0) return;
    jobs.splice(at, 1);
    if (jobs.length === 0) this.#waiting.delete(owner);
    this.#jobs.delete(job.key);
    this.#count--;
  }

  #next(): void {
    if (this.#running) return;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [owner, jobs] = first;
    const job = jobs.shift()!;
    this.#count--;
    // To the end of the row.
    this.#waiting.delete(owner);
    if (jobs.length > 0) this.#waiting.set(owner, jobs);
    this.#running = true;
    job.work().then(
      (result) => job.waiters.forEach((waiter) => waiter.resolve(result)),
      (error) => job.waiters.forEach((waiter) => waiter.reject(error)),
    ).finally(() => {
      this.#running = false;
      this.#jobs.delete(job.key);
      this.#next();
    });
  }
}
