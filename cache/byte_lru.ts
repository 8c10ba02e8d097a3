// A cache with a bound in bytes, for content that is cheaper to keep than to make again.

import { cacheShare } from "./share.ts";

/** What an entry takes besides its value and its key, in bytes: one tiny file can have any number of paths. */
const ENTRY_OVERHEAD = 512;

/**
 * How many uses of an entry count. An entry is evicted once it is the oldest and has none left;
 * being spared costs it one. So a crawler that reads every file once evicts what it read itself,
 * and a file that was popular last week goes in the end. Counting is cheaper than moving the
 * entry at each use, as a strict LRU has to.
 */
const MAX_USES = 3;

interface Entry<V> {
  readonly value: V;
  readonly cost: number;
  uses: number;
}

/** Values by text keys. The least recently used are evicted. */
export class ByteLru<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #max: number;
  #total = 0;

  /**
   * Makes an empty cache.
   *
   * @param max How many bytes it holds, keys and overhead included: in all threads that
   * `divideCaches()` counts.
   */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many bytes it takes. */
  get total(): number {
    return this.#total;
  }

  /** How many entries it has. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Looks up a value, and counts that as a use.
   *
   * @param key Its key.
   * @returns The value, or `undefined`.
   */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.uses < MAX_USES) entry.uses++;
    return entry.value;
  }

  /**
   * Adds or replaces a value. Others make room. One that is larger than the whole cache is not kept.
   *
   * @param key Its key.
   * @param value The value.
   * @param bytes Its size.
   */
  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    const cost = bytes + 2 * key.length + ENTRY_OVERHEAD;
    const max = cacheShare(this.#max);
    if (cost > max) return;
    for (const [oldest, entry] of this.#entries) {
      if (this.#total + cost <= max) break;
      this.delete(oldest);
      if (entry.uses > 0) this.#add(oldest, { ...entry, uses: entry.uses - 1 });
    }
    this.#add(key, { value, cost, uses: 0 });
  }

  /**
   * Removes a value.
   *
   * @param key Its key.
   */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#total -= entry.cost;
  }

  #add(key: string, entry: Entry<V>): void {
    this.#entries.set(key, entry);
    this.#total += entry.cost;
  }
}
