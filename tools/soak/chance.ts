// Seeded random numbers, so that a run can be repeated.

/** A seeded random number generator. */
export class Chance {
  #state: number;

  /**
   * Creates a generator.
   *
   * @param seed An integer.
   */
  constructor(seed: number) {
    this.#state = (Math.imul(seed, 2_654_435_761) ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** Returns an integer from 0 to `end` - 1. */
  below(end: number): number {
    // xorshift32
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % end;
  }

  /** Returns a random item. */
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Returns `true` once in `times` calls on average. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }
}
