// A map that forgets, for what requests can make a server remember.

/** Longer text keys are not kept: with symlinks in circles, one file can have thousands of long paths. */
const MAX_KEY = 512;

/**
 * A map of a bounded number of entries, whose keys are text. `set()` makes an entry the newest and evicts the
 * oldest; `get()` changes nothing, so that it costs no more than that of a `Map`.
 */
export class BoundedMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #max: number;
  readonly #maxKey: number;

  /**
   * Makes an empty map.
   *
   * @param max How many entries it holds.
   * @param maxKey The longest key that it keeps, in UTF-16 units.
   */
  constructor(max: number, maxKey: number = MAX_KEY) {
    this.#max = max;
    this.#maxKey = maxKey;
  }

  /** How many entries it has. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Looks up an entry.
   *
   * @param key Its key.
   * @returns The value, or `undefined`.
   */
  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  /**
   * Adds or replaces an entry. One with a key that is too long is not kept.
   *
   * @param key Its key.
   * @param value Its value.
   */
  set(key: string, value: V): void {
    this.#entries.delete(key);
    if (key.length > this.#maxKey) return;
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  /**
   * Removes an entry.
   *
   * @param key Its key.
   */
  delete(key: string): void {
    this.#entries.delete(key);
  }
}
