// Keeps a log readable when thousands of requests fail for the same reason.

/** Lets one line through per interval, and counts the others. */
export class LogLimit {
  readonly #interval: number;
  readonly #now: () => number;
  #next = -Infinity;
  #dropped = 0;

  /**
   * Creates a limit.
   *
   * @param interval The time between two lines, in milliseconds.
   * @param now The clock, in milliseconds.
   */
  constructor(interval: number, now: () => number = () => performance.now()) {
    this.#interval = interval;
    this.#now = now;
  }

  /**
   * Asks whether to log a line.
   *
   * @returns The number of lines dropped since the last one, or `undefined` to drop this
   * one.
   */
  take(): number | undefined {
    const now = this.#now();
    if (now < this.#next) {
      this.#dropped++;
      return undefined;
    }
    this.#next = now + this.#interval;
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
