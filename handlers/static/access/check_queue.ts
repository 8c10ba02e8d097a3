// The queue of password checks, which are slow on purpose. One runs at a time, so that
// guessing occupies only one core. Clients take turns, so a client that guesses delays
// only itself.

import { clientNetwork } from "../../../text/ip_address.ts";

/**
 * How many checks may wait. At a fifth of a second each, the last one waits about twelve
 * seconds, which is about as long as people and proxies wait for a page.
 */
export const MAX_CHECKS = 64;

/** How many of them may come from one client: enough for a few people with the same address. */
export const MAX_CHECKS_OF_CLIENT = 16;

/** A client that waits for a check. */
export interface CheckClient {
  /** The client's address. IPv6 addresses in the same /64 network count as one client. */
  readonly address: string;
  /**
   * Starts to watch for a disconnect. Called only if the check has to wait.
   *
   * @param leave Drops the check; can be called more than once.
   * @returns An object that stops watching when it is disposed.
   */
  watch?(leave: () => void): Disposable;
}

/** A check that waits or runs, for one or several connections of a client. */
interface Job {
  readonly key: string;
  readonly work: () => Promise<boolean>;
  readonly waiters: Set<PromiseWithResolvers<boolean | undefined>>;
}

/** A fair queue of checks. */
export class CheckQueue {
  /** Waiting checks by client: the next client first, each client's checks in order. */
  readonly #waiting = new Map<string, Job[]>();
  /** Checks that wait or run, by client and ID. */
  readonly #jobs = new Map<string, Job>();
  #count = 0;
  #running = false;

  /** How many checks wait. */
  get size(): number {
    return this.#count;
  }

  /**
   * Runs a check when its turn comes. If the same client already waits for the same check,
   * both get its result.
   *
   * @param client The client.
   * @param id Identifies the check.
   * @param work Performs the check.
   * @returns Its result; `undefined` if too many checks wait or the client disconnected.
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

  /** Adds a check, if necessary in place of another client's that has more; `undefined` if the queue is full. */
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

  /** Drops the last check of the client with the most, if it has more than the new client would have. */
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

  /** Removes a check from the queue. A running check continues. */
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
    // The client goes to the end of the queue.
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
