// Limits how many tasks run at once, and how many wait.

/** A number of slots with a bounded queue. */
export class Slots {
  #free: number;
  readonly #maxQueue: number;
  readonly #queue: (() => void)[] = [];

  /**
   * Creates free slots.
   *
   * @param count How many.
   * @param maxQueue How many tasks may wait for a slot.
   */
  constructor(count: number, maxQueue: number) {
    this.#free = count;
    this.#maxQueue = maxQueue;
  }

  /**
   * Takes a slot if one is free. Call `release()` afterwards.
   *
   * @returns Whether a slot was free.
   */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /**
   * Takes a slot, now or when it becomes free. Call `release()` afterwards.
   *
   * @returns A promise for the slot; `undefined` if the queue is full.
   */
  take(): Promise<void> | undefined {
    if (this.tryTake()) return Promise.resolve();
    if (this.#queue.length >= this.#maxQueue) return undefined;
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  /** Returns a slot; the task that has waited longest gets it. */
  release(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
