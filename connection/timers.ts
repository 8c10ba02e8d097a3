// Timers whose start can be deferred. The first `setTimeout()` of a process loads the runtime's
// timers, which takes some 15 ms; the command postpones that until it has sent the first
// response. `AbortSignal.timeout()` doesn't need them.

/** Calls a function once after a delay. */
export class Timer {
  readonly #callback: () => void;
  readonly #due: number;
  #id: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts the timer.
   *
   * @param callback The function.
   * @param delay The delay in milliseconds.
   */
  constructor(callback: () => void, delay: number) {
    this.#callback = callback;
    this.#due = performance.now() + delay;
    if (deferred === undefined) this.#id = setTimeout(callback, delay);
    else deferred.add(this);
  }

  /** Starts a timer that was deferred. */
  start(): void {
    const delay = Math.max(this.#due - performance.now(), 0);
    this.#id = setTimeout(this.#callback, delay);
  }

  /** Stops the timer. */
  stop(): void {
    deferred?.delete(this);
    clearTimeout(this.#id);
  }
}

/** The timers that are not started yet; `undefined` if timers are not deferred. */
let deferred: Set<Timer> | undefined;

/**
 * Defers all timers for a while: those that end earlier call their function at the end of it.
 *
 * @param time How long, in milliseconds.
 */
export function deferTimers(time: number): void {
  if (deferred !== undefined) return;
  const waiting: Set<Timer> = deferred = new Set();
  AbortSignal.timeout(time).addEventListener("abort", () => {
    deferred = undefined;
    for (const timer of waiting) timer.start();
  }, { once: true });
}
