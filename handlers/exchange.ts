// One request and its response: all state that must be forgotten with them.

import type { RequestSide } from "../connection/lifecycle.ts";

/** The request side of HTTP/0.9, which has no head. */
export const HTTP09: RequestSide = Object.freeze({
  http09: true,
  http11: false,
  keepAlive: undefined,
  expectContinue: false,
});

/** The exchange that a handler is in. */
export class Exchange {
  /** The request's part in keeping the connection; `undefined` if it could not be parsed, or if its end is unknown. */
  request: RequestSide | undefined;
  /** How many bytes `wfile` had been given before the final response. */
  writtenBefore: number;
  #work: Promise<unknown>[] | undefined;

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
   * Waits for all remembered work, including what that work starts.
   *
   * @returns What the first failed work was rejected with, `undefined` if none failed.
   */
  async settle(): Promise<PromiseRejectedResult | undefined> {
    let failed: PromiseRejectedResult | undefined;
    while (this.#work !== undefined) {
      const work = this.#work;
      this.#work = undefined;
      const results = await Promise.allSettled(work);
      failed ??= results.find((result) => result.status === "rejected");
    }
    return failed;
  }
}
