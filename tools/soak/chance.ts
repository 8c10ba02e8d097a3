// Seeded chance: a run can be repeated with the same choices.

/** A stream of numbers that a seed decides. */
export class Chance {
  #state: number;

  /**
   * Begins the stream.
   *
   * @param seed Any whole number.
   */
  constructor(seed: number) {
    this.#state = (Math.imul(seed, 2_654_435_761) ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** A number from 0 to below `end`. */
  below(end: number): number {
    // xorshift32
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % end;
  }

  /** One of the items. */
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Whether one of `times` came up. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }
}
