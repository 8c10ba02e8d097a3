// The workers of one server: started together, replaced if they die, and stopped together.

import type { Address } from "../../connection/connection.ts";
import { writeLog } from "../../connection/log.ts";
import { escapeControls } from "../../text/log_text.ts";
import { replacementAfter } from "./decisions.ts";
import type { SharedListener } from "./shared_listener.ts";
import {
  type Failure,
  type StartOptions,
  WorkerThread,
} from "./worker_thread.ts";

/** How much longer than the grace period a worker may take to end, in milliseconds. */
const STOP_MARGIN = 2_000;

/** The longest timer. */
const MAX_DELAY = 2 ** 31 - 1;

/** What a pool needs besides its address. */
export interface PoolOptions extends Omit<StartOptions, "address"> {
  /** How long a worker may be blocked, in seconds. */
  readonly hangTimeout: number;
}

/** Several workers that listen on one address. */
export class WorkerPool {
  /** The address, with the actual port if 0 was requested. */
  readonly address: Address;
  /** The number of workers. */
  readonly workers: number;
  readonly #listener: SharedListener;
  readonly #options: PoolOptions;
  readonly #finished = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  /** All that have not ended, blocked ones too. */
  readonly #threads = new Set<WorkerThread>();
  #blocked = 0;
  #stopping: Promise<void> | undefined;

  private constructor(listener: SharedListener, options: PoolOptions) {
    this.#listener = listener;
    this.#options = options;
    this.address = listener.bound;
    this.workers = options.workers;
  }

  /**
   * Starts the workers and waits until all of them listen.
   *
   * @param listener The shared address; the pool closes it.
   * @param options What to serve.
   * @returns The pool.
   * @throws {Error} The error of the first worker that can't start.
   */
  static async start(
    listener: SharedListener,
    options: PoolOptions,
  ): Promise<WorkerPool> {
    const pool = new WorkerPool(listener, options);
    try {
      const threads = Array.from(
        { length: pool.workers },
        (_, index) => pool.#spawn(index + 1),
      );
      const failures = threads.map(({ failed }) =>
        failed.then(({ error }) => Promise.reject(error))
      );
      const ready = threads.map((thread) => thread.ready);
      await Promise.race([Promise.all(ready), ...failures]);
      for (const [index, thread] of threads.entries()) {
        void pool.#keep(index + 1, thread);
      }
      return pool;
    } catch (error) {
      pool.#kill();
      throw error;
    }
  }

  /** Fulfills once all workers have ended; rejects if they can't be kept running. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /**
   * Stops all workers: they accept no more connections, and responses get the grace period.
   *
   * @returns A promise that fulfills once all workers have ended.
   */
  shutdown(): Promise<void> {
    return this.#stopping ??= this.#stop().then(() => this.#finished.resolve());
  }

  async #stop(): Promise<void> {
    this.#stopped.resolve();
    this.#listener.close();
    const threads = [...this.#threads];
    for (const thread of threads) thread.stop();
    const patience = this.#options.gracePeriod * 1000 + STOP_MARGIN;
    const timer = setTimeout(() => this.#kill(), Math.min(patience, MAX_DELAY));
    await Promise.all(threads.map(({ ended }) => ended));
    clearTimeout(timer);
  }

  #kill(): void {
    this.#listener.close();
    for (const thread of this.#threads) thread.kill();
  }

  #spawn(number: number): WorkerThread {
    const { hangTimeout, ...start } = this.#options;
    const thread = new WorkerThread(
      `worker ${number}`,
      { ...start, address: this.#listener.requested },
      hangTimeout,
    );
    this.#threads.add(thread);
    void thread.ended.then(() => this.#threads.delete(thread));
    return thread;
  }

  /** Replaces a worker each time it dies. */
  async #keep(number: number, first: WorkerThread): Promise<void> {
    let thread = first;
    let deaths = 0;
    for (;;) {
      const failure = await Promise.race([
        thread.failed,
        this.#stopped.promise,
      ]);
      if (failure === undefined || this.#stopping !== undefined) return;
      const next = replacementAfter(deaths, failure.lived);
      if (next === undefined || this.#allBlocked(failure, thread)) {
        return this.#giveUp(number, failure);
      }
      logFailure(number, failure, next.delay);
      deaths = next.deaths;
      await this.#pause(next.delay);
      if (this.#stopping !== undefined) return;
      thread = this.#spawn(number);
    }
  }

  /** Whether as many workers are blocked as there should be. Each may take a whole core. */
  #allBlocked({ blocked }: Failure, thread: WorkerThread): boolean {
    if (!blocked) return false;
    this.#blocked++;
    void thread.ended.then(() => this.#blocked--);
    return this.#blocked >= this.workers;
  }

  #giveUp(number: number, { error, blocked }: Failure): void {
    const again = blocked ? "like all others" : "again and again";
    const reason = new Error(
      `Cannot keep worker ${number} running: it died ${again}: ${error.message}`,
      { cause: error },
    );
    this.#stopping ??= this.#stop().then(() => this.#finished.reject(reason));
  }

  async #pause(delay: number): Promise<void> {
    const waited = Promise.withResolvers<void>();
    const timer = setTimeout(waited.resolve, delay);
    await Promise.race([waited.promise, this.#stopped.promise]);
    clearTimeout(timer);
  }
}

function logFailure(number: number, { error }: Failure, delay: number): void {
  const reason = escapeControls(error.message);
  writeLog(
    `Worker ${number} died: ${reason}; starting another in ${delay / 1000} s\n`,
  );
}
