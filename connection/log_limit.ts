// Keeps a log readable when thousands of requests fail for the same reason.

/** Lets one line through per interval, and counts the others. */
export class LogLimit {
  readonly #interval: number;
  readonly #now: () => number;
  #next = -Infinity;
  #dropped = 0;

  /**
   * Makes a limit.
   *
   * @param interval The time between two lines, in milliseconds.
   * @param now The clock, in milliseconds.
   */
  constructor(interval: number, now: () => number = () => performance.now()) {
    this.#interval = interval;
    this.#now = now;
  }

  /**
   * Asks to log a line.
   *
   * @returns How many lines were dropped before this one; `undefined` if this one is to be dropped.
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
