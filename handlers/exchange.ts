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

/** What remembered work was rejected with. */
export interface Failure {
  /** The reason. */
  readonly reason: unknown;
}

/** The exchange that a handler is in. */
export class Exchange {
  /** The request's part in keeping the connection; `undefined` if it could not be parsed, or if its end is unknown. */
  request: RequestSide | undefined;
  /** How many bytes `wfile` had been given before the final response. */
  writtenBefore: number;
  /** What was remembered and is not done. */
  readonly #work = new Set<Promise<unknown>>();
  #failure: Failure | undefined;
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

  /** Whether remembered work is not done, or has failed. */
  get busy(): boolean {
    return this.#work.size > 0 || this.#failure !== undefined;
  }

  /**
   * Remembers work that the handler started and perhaps does not await. Files that it opens are
   * closed when the exchange ends, since a handler may forget them.
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
   * Waits for all remembered work, including what that work starts.
   *
   * @returns The first failure, `undefined` if nothing failed.
   */
  async settle(): Promise<Failure | undefined> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
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
