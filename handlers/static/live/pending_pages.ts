// Pages that were sent and whose script was not requested yet. One that never is can't be reloaded:
// its Content-Security-Policy forbids the script, or an element is still open at its end. But the
// browser may also have left the page before, so only the second such load in a row counts, and
// only if nothing shows that the browser has left. Pure: the caller has the clock.

/** How long a script may take to be requested, in milliseconds. */
export const PATIENCE = 5_000;

/** How many pages are pending. */
const MAX_PENDING = 64;

/** How many pages are remembered as reported, or as loaded once without the script. */
const MAX_REMEMBERED = 1_000;

/** A page that is sent. */
export interface SentPage {
  /** Its URL path. */
  readonly path: string;
  /** The browser, as far as it differs from others. */
  readonly browser: string;
  /** Whether it is shown in a frame, so the page around it stays. */
  readonly isFrame: boolean;
  /** Watches for the browser to leave the page, until disposed. */
  readonly watch?: ((leave: () => void) => Disposable) | undefined;
}

interface Pending {
  readonly path: string;
  readonly browser: string;
  readonly until: number;
  watching?: Disposable | undefined;
  /** Whether the browser has perhaps left the page. */
  isLeft: boolean;
}

/** Pages whose script was not requested yet. */
export class PendingPages {
  readonly #pending = new Map<number, Pending>();
  /** The numbers of the pages that were last loaded without the script, by their paths. */
  readonly #lost = new Map<string, number>();
  readonly #reported = new Set<string>();
  #last = 0;

  /**
   * Adds a page that is sent now.
   *
   * @param page The page.
   * @param now The time in milliseconds.
   * @returns Its number.
   */
  add(page: SentPage, now: number): number {
    const { path, browser, isFrame, watch } = page;
    const serial = ++this.#last;
    for (const pending of this.#pending.values()) {
      if (pending.browser !== browser || pending.until <= now) continue;
      // A page in a frame replaces at most itself, any other one perhaps the page around it too.
      if (!isFrame || pending.path === path) pending.isLeft = true;
    }
    if (this.#reported.has(path)) return serial;
    const until = now + PATIENCE;
    const pending: Pending = { path, browser, until, isLeft: false };
    this.#pending.set(serial, pending);
    pending.watching = watch?.(() => pending.isLeft = true);
    for (const oldest of this.#pending.keys()) {
      if (this.#pending.size > MAX_PENDING) this.#remove(oldest);
    }
    return serial;
  }

  #remove(serial: number): void {
    this.#pending.get(serial)?.watching?.[Symbol.dispose]();
    this.#pending.delete(serial);
  }

  /**
   * Removes a page whose script was requested.
   *
   * @param serial Its number.
   */
  arrived(serial: number): void {
    const pending = this.#pending.get(serial);
    if (pending !== undefined) this.#lost.delete(pending.path);
    this.#remove(serial);
    // It may be later than usual.
    for (const [path, lost] of this.#lost) {
      if (lost === serial) this.#lost.delete(path);
    }
  }

  /** When the next page is late; `undefined` if no page is pending. */
  get due(): number | undefined {
    for (const { until } of this.#pending.values()) return until;
    return undefined;
  }

  /**
   * Removes the pages whose script is late.
   *
   * @param now The time in milliseconds.
   * @returns The URL paths of those that can't be reloaded, and were not reported before.
   */
  takeLate(now: number): string[] {
    const late: string[] = [];
    for (const [serial, { path, until, isLeft }] of this.#pending) {
      if (until > now) continue;
      this.#remove(serial);
      if (isLeft || this.#reported.has(path)) continue;
      if (this.#lost.delete(path)) {
        if (this.#reported.size < MAX_REMEMBERED) this.#reported.add(path);
        late.push(path);
      } else {
        this.#lost.set(path, serial);
        for (const oldest of this.#lost.keys()) {
          if (this.#lost.size > MAX_REMEMBERED) this.#lost.delete(oldest);
        }
      }
    }
    return late;
  }
}
