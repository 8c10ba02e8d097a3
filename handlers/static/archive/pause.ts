// Long work that is done in pieces.

/** How long other requests may be blocked, in milliseconds. */
const MAX_HOLD = 10;

/** Yields to other requests now and then. */
export class Pause {
  #since = performance.now();

  /**
   * Yields if the last time was long ago.
   *
   * @returns A promise that fulfills after other requests had their turn.
   */
  async whenDue(): Promise<void> {
    if (performance.now() - this.#since < MAX_HOLD) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#since = performance.now();
  }
}
