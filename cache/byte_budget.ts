// A bound in bytes that several caches share.

/**
 * How many uses of an entry count. An entry is evicted once it is the oldest and has none left;
 * being spared costs it one. So a crawler that reads every file once evicts what it read itself,
 * and a file that was popular last week goes in the end. Counting is cheaper than moving the
 * entry at each use, as a strict LRU has to.
 */
export const MAX_USES = 3;

/** An entry of one of the caches. */
export interface BudgetEntry {
  /** What it takes, in bytes. */
  readonly cost: number;
  /** How many of its uses count, at most `MAX_USES`. Its cache counts them. */
  uses: number;
  /** Removes it from its cache. */
  evict(): void;
}

/**
 * What several caches may take together, in bytes. The least recently used entries of all of them
 * are evicted, so memory goes to the cache that needs it.
 */
export class ByteBudget {
  /** The entries of all caches, the oldest first. */
  readonly #entries = new Set<BudgetEntry>();
  #max: number;
  #total = 0;

  /**
   * Makes a budget that is not used yet.
   *
   * @param max How many bytes it has.
   */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many bytes it has. A smaller number evicts entries at once. */
  get max(): number {
    return this.#max;
  }

  set max(max: number) {
    this.#max = max;
    this.#makeRoom(0);
  }

  /** How many bytes are in use. */
  get total(): number {
    return this.#total;
  }

  /**
   * Adds an entry; others make room.
   *
   * @param entry The entry.
   * @returns `false` if it is larger than the whole budget. Nothing has changed then.
   */
  add(entry: BudgetEntry): boolean {
    if (entry.cost > this.#max) return false;
    this.#makeRoom(entry.cost);
    this.#entries.add(entry);
    this.#total += entry.cost;
    return true;
  }

  /**
   * Removes an entry.
   *
   * @param entry The entry.
   */
  remove(entry: BudgetEntry): void {
    if (this.#entries.delete(entry)) this.#total -= entry.cost;
  }

  #makeRoom(cost: number): void {
    for (const oldest of this.#entries) {
      if (this.#total + cost <= this.#max) return;
      // Entries that are spared become the newest, so the loop comes to them again.
      this.#entries.delete(oldest);
      if (oldest.uses > 0) {
        oldest.uses--;
        this.#entries.add(oldest);
      } else {
        this.#total -= oldest.cost;
        oldest.evict();
      }
    }
  }
}
