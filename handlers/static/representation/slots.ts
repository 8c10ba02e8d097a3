// How many files are compressed at once, and how many wait for it.

/** A number of places, and a bounded queue in front of them. */
export class Slots {
  #free: number;
  readonly #maxQueue: number;
  readonly #queue: (() => void)[] = [];

  /**
   * Makes places, all of them free.
   *
   * @param count How many.
   * @param maxQueue How many may wait for one.
   */
  constructor(count: number, maxQueue: number) {
    this.#free = count;
    this.#maxQueue = maxQueue;
  }

  /**
   * Takes a place if one is free; it must be given back with `release()`.
   *
   * @returns Whether it was.
   */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /**
   * Takes a place, now or when its turn comes; it must be given back with `release()`.
   *
   * @returns A promise of the place, or `undefined` where the queue is full.
   */
  take(): Promise<void> | undefined {
    if (this.tryTake()) return Promise.resolve();
    if (this.#queue.length >= this.#maxQueue) return undefined;
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  /** Gives a place back: to the one that has waited longest, if any does. */
  release(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
