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
  /** All that have not ended. */
  readonly #threads = new Set<WorkerThread>();
  /** Those of them that were replaced, but still respond to the clients they had. */
  readonly #dying = new Set<WorkerThread>();
  /** Those of them that were replaced since they are blocked. */
  readonly #blocked = new Set<WorkerThread>();
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
    await Promise.all(threads.map(({ ended }) => ended));
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
    void thread.ended.then(() => {
      for (const set of [this.#threads, this.#dying, this.#blocked]) {
        set.delete(thread);
      }
    });
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
      this.#leave(thread, failure);
      const next = replacementAfter(deaths, failure.lived);
      // Each of the blocked ones may take a whole core.
      if (next === undefined || this.#blocked.size > this.workers) {
        return this.#giveUp(number, failure);
      }
      logFailure(number, failure, next.delay);
      deaths = next.deaths;
      await this.#pause(next.delay);
      if (this.#stopping !== undefined) return;
      thread = this.#spawn(number);
    }
  }

  /** Lets a worker end in its own time, unless there are too many of these. */
  #leave(thread: WorkerThread, { blocked }: Failure): void {
    // A dead one has left all sets already, or soon will.
    if (!this.#threads.has(thread)) return;
    (blocked ? this.#blocked : this.#dying).add(thread);
    if (this.#dying.size <= this.workers) return;
    const [oldest] = this.#dying;
    oldest!.kill();
  }

  #giveUp(number: number, { error, blocked }: Failure): void {
    const reason = new Error(
      blocked
        ? `Cannot keep the workers running: ${this.#blocked.size} of them are blocked`
        : `Cannot keep worker ${number} running: it died again and again: ${error.message}`,
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

function logFailure(number: number, { report }: Failure, delay: number): void {
  // A client may have put control characters into the message.
  const shown = report.split("\n").map(escapeControls).join("\n");
  writeLog(
    `Worker ${number} died; starting another in ${delay / 1000} s: ${shown}\n`,
  );
}
