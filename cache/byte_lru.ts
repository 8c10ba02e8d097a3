// A cache with a bound in bytes, for content that is cheaper to keep than to make again.

import { type BudgetEntry, type ByteBudget, MAX_USES } from "./byte_budget.ts";

/** What an entry takes besides its value and its key, in bytes: one tiny file can have any number of paths. */
const ENTRY_OVERHEAD = 512;

interface Entry<V> extends BudgetEntry {
  readonly value: V;
}

/** Values by text keys. The least recently used of all caches with the same budget are evicted. */
export class ByteLru<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #budget: ByteBudget;

  /**
   * Makes an empty cache.
   *
   * @param budget How many bytes it holds, keys and overhead included; other caches can share them.
   */
  constructor(budget: ByteBudget) {
    this.#budget = budget;
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
   * Adds or replaces a value. Others make room. One that is larger than the whole budget is not kept.
   *
   * @param key Its key.
   * @param value The value.
   * @param bytes Its size.
   */
  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    const entry: Entry<V> = {
      value,
      cost: bytes + 2 * key.length + ENTRY_OVERHEAD,
      uses: 0,
      evict: () => void this.#entries.delete(key),
    };
    if (this.#budget.add(entry)) this.#entries.set(key, entry);
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
    this.#budget.remove(entry);
  }
}
