// One request and its response: all state that must be forgotten with them.

import type { BodyReport } from "../connection/files.ts";
import type { RequestSide } from "../connection/lifecycle.ts";

/** The request side of HTTP/0.9, which has no head. */
export const HTTP09: RequestSide = Object.freeze({
  http09: true,
  http11: false,
  keepAlive: undefined,
  expectContinue: false,
});

/** The report of a body that was written to a `wfile` that is not the connection's own. */
export const UNBOUNDED: BodyReport = Object.freeze({
  sent: 0,
  missing: 0,
  excess: 0,
});

/** The exchange that a handler is in. */
export class Exchange {
  /** The request's part in keeping the connection; `undefined` if it could not be parsed, or if its end is unknown. */
  request: RequestSide | undefined;
  /** How many bytes `wfile` had been given before the final response. */
  writtenBefore: number;
  #work: Promise<unknown>[] | undefined;
  /** Files that remembered work has opened. */
  #opened: Disposable[] | undefined;

  /**
   * Starts an exchange.
   *
   * @param writtenBefore How many bytes `wfile` was given so far.
   */
  constructor(writtenBefore: number) {
    this.writtenBefore = writtenBefore;
  }

  /** Whether work was remembered that was not waited for yet. */
  get busy(): boolean {
    return this.#work !== undefined;
  }

  /**
   * Remembers work that the handler started and perhaps does not await.
   *
   * @param work The work.
   */
  remember(work: Promise<unknown>): void {
    // `settle()` reports the failure.
    work.catch(() => {});
    (this.#work ??= []).push(work);
  }

  /**
   * Waits for all remembered work, including what that work starts. Files that it opened are
   * closed when the exchange ends, since a handler may forget them.
   *
   * @returns What the first failed work was rejected with, `undefined` if none failed.
   */
  async settle(): Promise<PromiseRejectedResult | undefined> {
    let failed: PromiseRejectedResult | undefined;
    while (this.#work !== undefined) {
      const work = this.#work;
      this.#work = undefined;
      const results = await Promise.allSettled(work);
      for (const result of results) {
        if (result.status === "rejected") failed ??= result;
        else if (isDisposable(result.value)) {
          (this.#opened ??= []).push(result.value);
        }
      }
    }
    return failed;
  }

  /** Closes the files that remembered work has opened. Those that were closed already stay so. */
  end(): void {
    for (const file of this.#opened ?? []) file[Symbol.dispose]();
    this.#opened = undefined;
  }
}

function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && Symbol.dispose in value;
}
