// The exchange that a handler is working on: whether its connection can be kept, and the work that
// it still waits for. `static/exchange.ts` has the request as a static site sees it.

import type { BodyReport } from "../connection/files.ts";
import type { RequestSide } from "../connection/lifecycle.ts";

/** The request side of an HTTP/0.9 request, which has no headers. */
export const HTTP09: RequestSide = Object.freeze({
  http09: true,
  http11: false,
  keepAlive: undefined,
  expectContinue: false,
});

/** The report for a custom `wfile`, whose body length isn't checked. */
export const UNCHECKED_BODY: BodyReport = Object.freeze({
  sent: 0,
  missing: 0,
  excess: 0,
});

/** A rejection of remembered work; an object, since the reason may be `undefined`. */
export interface Failure {
  /** The rejection reason. */
  readonly reason: unknown;
}

/** One request and its response, until they are over. */
export class PendingExchange {
  /** Input to `keepsAlive()`; `undefined` if the request could not be parsed or its end is unknown. */
  request: RequestSide | undefined;
  /** Bytes written to `wfile` before the final response. */
  writtenBefore: number;
  /** Remembered promises that are pending. */
  readonly #work = new Set<Promise<unknown>>();
  #failure: Failure | undefined;
  /** Files that remembered work opened. */
  #opened: Disposable[] | undefined;

  /**
   * Starts an exchange.
   *
   * @param writtenBefore Bytes written to `wfile` so far.
   */
  constructor(writtenBefore: number) {
    this.writtenBefore = writtenBefore;
  }

  /** Whether remembered work is pending or has failed. */
  get busy(): boolean {
    return this.#work.size > 0 || this.#failure !== undefined;
  }

  /**
   * Tracks a promise that the handler may not await. If it resolves to a file, the file is closed
   * when the exchange ends, in case the handler does not close it.
   *
   * @param work The work.
   */
  remember(work: Promise<unknown>): void {
    this.#work.add(work);
    work.then((result) => {
      this.#work.delete(work);
      if (isDisposable(result)) (this.#opened ??= []).push(result);
    }, (reason) => {
      this.#work.delete(work);
      this.#failure ??= { reason };
    });
  }

  /**
   * Waits for all remembered work, including work that it adds meanwhile.
   *
   * @returns The first failure, or `undefined`.
   */
  async settle(): Promise<Failure | undefined> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Closes the files that remembered work opened. */
  end(): void {
    for (const file of this.#opened ?? []) file[Symbol.dispose]();
    this.#opened = undefined;
  }
}

function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && Symbol.dispose in value;
}
