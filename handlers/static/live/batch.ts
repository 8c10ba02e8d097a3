// When changes are over: an editor writes several files to save one, a checkout hundreds, and a
// bundler deletes all before it writes. Pure: the caller has the clock.

/** How long nothing must change, in milliseconds. */
export const QUIET = 100;

/** How long nothing must change after a file has disappeared, in milliseconds: it is often made again. */
export const QUIET_AFTER_REMOVAL = 1_000;

/** The longest that changes are collected, in milliseconds. */
export const LONGEST = 5_000;

/** The most changed paths that are remembered one by one. */
const MAX_PATHS = 2_000;

/** Changes that are reported together. */
export class Batch {
  #paths = new Set<string>();
  #all = false;
  #first = Infinity;
  #last = Infinity;
  #quiet = QUIET;
  #size = 0;

  /** How many times changes were added. */
  get size(): number {
    return this.#size;
  }

  /** Whether nothing has changed. */
  get isEmpty(): boolean {
    return this.#first === Infinity;
  }

  /** When the batch is complete, as far as is known yet; `Infinity` if it is empty. */
  get due(): number {
    return Math.min(this.#last + this.#quiet, this.#first + LONGEST);
  }

  /**
   * Adds changes.
   *
   * @param paths The paths; "all" if anything may have changed.
   * @param now The time in milliseconds.
   */
  add(paths: readonly string[] | "all", now: number): void {
    if (this.isEmpty) this.#first = now;
    this.#last = now;
    this.#size++;
    if (paths === "all" || this.#paths.size + paths.length > MAX_PATHS) {
      this.#all = true;
    } else {
      for (const path of paths) this.#paths.add(path);
    }
  }

  /**
   * Waits longer, because files have disappeared.
   *
   * @param now The time in milliseconds.
   * @returns Whether to wait: `false` if that was long enough.
   */
  holdForRemoval(now: number): boolean {
    this.#quiet = QUIET_AFTER_REMOVAL;
    return now < this.due;
  }

  /** The changed paths; "all" if anything may have changed. */
  get paths(): ReadonlySet<string> | "all" {
    return this.#all ? "all" : this.#paths;
  }

  /**
   * Whether a path was among the changes.
   *
   * @param path The path.
   * @returns `true` if it was added, and not only "all".
   */
  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Starts the next batch. */
  clear(): void {
    this.#paths = new Set();
    this.#all = false;
    this.#first = Infinity;
    this.#last = Infinity;
    this.#quiet = QUIET;
    this.#size = 0;
  }
}
