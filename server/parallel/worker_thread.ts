// One worker as the server sees it: its messages, its beats and its end.

import { writeBatch } from "../../connection/log.ts";
import {
  intervalsFor,
  MAX_MISSED,
  nextPulse,
  type Pulse,
} from "./decisions.ts";
import {
  Counter,
  COUNTER_BYTES,
  restoredError,
  type Start,
  type Stop,
  type WorkerMessage,
} from "./protocol.ts";

/** The module that each worker runs. */
export const WORKER_MODULE = new URL("./worker.ts", import.meta.url);

/** How much longer than the grace period a worker may take to end, in milliseconds. */
const STOP_MARGIN = 2_000;

/** The longest timer. */
const MAX_DELAY = 2 ** 31 - 1;

/** What every worker is started with. */
export type StartOptions = Omit<Start, "port" | "beat" | "counters">;

/** Why a worker must be replaced. */
export interface Failure {
  readonly error: Error;
  /** What to log: the stack, if there is one. */
  readonly report: string;
  /** How long it served, in milliseconds; 0 if it never did. */
  readonly lived: number;
  /** Whether it still exists, but is blocked. */
  readonly blocked: boolean;
}

/** A worker. */
export class WorkerThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #counters = new Int32Array(new SharedArrayBuffer(COUNTER_BYTES));
  readonly #checks: ReturnType<typeof setInterval>;
  readonly #hangTimeout: number;
  /** How long it may take to stop, in milliseconds. */
  readonly #patience: number;
  readonly #ready = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<Failure>();
  readonly #ended = Promise.withResolvers<void>();
  #pulse: Pulse = { beats: 0, missed: 0 };
  #readySince = Infinity;
  #told = false;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  /**
   * Starts a worker.
   *
   * @param name Its name in error messages of the runtime.
   * @param options What it serves.
   * @param hangTimeout How long it may be blocked, in seconds.
   */
  constructor(name: string, options: StartOptions, hangTimeout: number) {
    const { beat, check } = intervalsFor(hangTimeout);
    const { port1, port2 } = new MessageChannel();
    this.#hangTimeout = hangTimeout;
    this.#patience = Math.min(
      options.gracePeriod * 1000 + STOP_MARGIN,
      MAX_DELAY,
    );
    this.#port = port1;
    this.#port.onmessage = ({ data }) => this.#receive(data);
    this.#worker = new Worker(WORKER_MODULE, { type: "module", name });
    this.#worker.onerror = (event) => {
      // An error while the module was loaded, which the runtime has printed. It must not end
      // this thread as well.
      event.preventDefault();
      this.#report(new Error(event.message));
      this.kill();
    };
    this.#checks = setInterval(() => this.#check(), check);
    const counters = this.#counters.buffer as SharedArrayBuffer;
    const start: Start = { ...options, port: port2, beat, counters };
    try {
      this.#worker.postMessage(start, [port2]);
    } catch (error) {
      // `data` can't be cloned.
      port2.close();
      this.kill();
      throw error;
    }
  }

  /** Fulfills once the worker listens. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Fulfills if the worker must be replaced. */
  get failed(): Promise<Failure> {
    return this.#failed.promise;
  }

  /** Fulfills once the worker has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /**
   * Tells the worker to accept no more connections, and to end after the last one. It is
   * killed if that takes longer than the grace period.
   */
  stop(): void {
    if (this.#over) return;
    this.#tellToStop(false);
    this.#deadline ??= setTimeout(() => this.kill(), this.#patience);
  }

  /** Ends the worker at once. The runtime can't end one that is in an endless loop. */
  kill(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#checks);
    clearTimeout(this.#deadline);
    this.#worker.terminate();
    this.#port.close();
    this.#ended.resolve();
  }

  #receive(message: WorkerMessage): void {
    switch (message.kind) {
      case "ready":
        this.#readySince = performance.now();
        return this.#ready.resolve();
      case "failed":
        // Its other responses get the grace period.
        this.#report(restoredError(message.error), message.error.stack);
        this.#tellToStop(true);
        return this.stop();
      case "exited":
        this.#report(new Error("its code called Deno.exit() or close()"));
        return this.kill();
      case "log":
        writeBatch(message.lines);
        Atomics.sub(this.#counters, Counter.LogBytes, message.lines.length);
        return;
      case "stopped":
        return this.kill();
    }
  }

  #check(): void {
    const beats = Atomics.load(this.#counters, Counter.Beats);
    this.#pulse = nextPulse(this.#pulse, beats);
    if (this.#pulse.missed < MAX_MISSED || this.#told) return;
    const time = `${this.#hangTimeout} seconds`;
    this.#report(new Error(`it was blocked for ${time}`), undefined, true);
    // If it is ever unblocked, it ends gracefully.
    this.#tellToStop(true);
  }

  #tellToStop(replaced: boolean): void {
    if (this.#told) return;
    this.#told = true;
    this.#port.postMessage({ kind: "stop", replaced } satisfies Stop);
  }

  #report(error: Error, stack?: string, blocked: boolean = false): void {
    const lived = Math.max(0, performance.now() - this.#readySince);
    const report = stack ?? error.message;
    this.#failed.resolve({ error, report, lived, blocked });
  }
}
