// Pages that were sent and whose script was not requested yet. One that never is can't be reloaded:
// its Content-Security-Policy forbids the script, or an element is still open at its end. Pure: the
// caller has the clock.

/** How long a script may take to be requested, in milliseconds. */
export const PATIENCE = 5_000;

/** How many pages are pending. */
const MAX_PENDING = 64;

/** How many pages are remembered as reported. */
const MAX_REPORTED = 1_000;

/** Pages whose script was not requested yet. */
export class PendingPages {
  readonly #pending = new Map<
    number,
    { readonly path: string; readonly until: number }
  >();
  readonly #reported = new Set<string>();
  #last = 0;

  /**
   * Adds a page that is sent now.
   *
   * @param path Its URL path.
   * @param now The time in milliseconds.
   * @returns Its number.
   */
  add(path: string, now: number): number {
    const serial = ++this.#last;
    if (!this.#reported.has(path) && this.#pending.size < MAX_PENDING) {
      this.#pending.set(serial, { path, until: now + PATIENCE });
    }
    return serial;
  }

  /**
   * Removes a page whose script was requested.
   *
   * @param serial Its number.
   */
  arrived(serial: number): void {
    this.#pending.delete(serial);
  }

  /** Whether no page is pending. */
  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /**
   * Removes the pages whose script is late.
   *
   * @param now The time in milliseconds.
   * @returns The URL paths of those that were not reported before.
   */
  takeLate(now: number): string[] {
    const late = new Set<string>();
    for (const [serial, { path, until }] of this.#pending) {
      if (until > now) continue;
      this.#pending.delete(serial);
      if (!this.#reported.has(path)) late.add(path);
    }
    for (const path of late) {
      if (this.#reported.size < MAX_REPORTED) this.#reported.add(path);
    }
    return [...late];
  }
}
