// Keeps a log readable when thousands of requests fail for the same reason.

/** Lets some lines through per interval, and counts the others. */
export class LogLimit {
  readonly #interval: number;
  readonly #now: () => number;
  readonly #lines: number;
  #next = -Infinity;
  #left = 0;
  #dropped = 0;

  /**
   * Creates a limit.
   *
   * @param interval The length of an interval, in milliseconds. It begins with a line.
   * @param now The clock, in milliseconds.
   * @param lines How many lines an interval may have.
   */
  constructor(
    interval: number,
    now: () => number = () => performance.now(),
    lines = 1,
  ) {
    this.#interval = interval;
    this.#now = now;
    this.#lines = lines;
  }

  /**
   * Asks whether to log a line.
   *
   * @returns The number of lines dropped since the last one, or `undefined` to drop this
   * one.
   */
  take(): number | undefined {
    const now = this.#now();
    if (now >= this.#next) {
      this.#next = now + this.#interval;
      this.#left = this.#lines;
    }
    if (this.#left === 0) {
      this.#dropped++;
      return undefined;
    }
    this.#left--;
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
