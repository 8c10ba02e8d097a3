// Waits until something is found.

import { MAX_DELAY } from "../connection/limits.ts";

/** A pending wait. */
interface Waiting {
  /** Looks whether the wait is over. */
  look(): void;
  /** Ends the wait. */
  reject(error: unknown): void;
}

/** The pending waits of a site. */
export class Waits {
  readonly #waiting = new Set<Waiting>();
  #closed = false;

  /** Looks whether waits are over. Call it after each change. */
  look(): void {
    for (const waiting of [...this.#waiting]) waiting.look();
  }

  /** Rejects all waits, now and later. */
  close(): void {
    this.#closed = true;
    for (const { reject } of [...this.#waiting]) reject(closedError());
  }

  /**
   * Waits until something is found.
   *
   * @typeParam T The type of the result.
   * @param find Looks for it.
   * @param timeout How long to wait, in milliseconds.
   * @param late Returns the message of the error if it is not found in time.
   * @returns What was found.
   */
  until<T>(
    find: () => T | undefined,
    timeout: number,
    late: () => string,
  ): Promise<T> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise<T>((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        look: () => {
          try {
            const found = find();
            if (found === undefined) return;
            end();
            resolve(found);
          } catch (error) {
            waiting.reject(error);
          }
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        waiting.reject(new Deno.errors.TimedOut(late()));
      }, Math.min(timeout, MAX_DELAY));
      this.#waiting.add(waiting);
      waiting.look();
    });
  }
}

function closedError(): Error {
  return new Error("Cannot wait for requests: the site is closed");
}
