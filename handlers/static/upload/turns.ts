// Of the requests for one upload that can be resumed, only the last one goes on: the connections
// of the others may be broken without the server knowing.

/** The time in which one request receives a part, until another one interrupts it. */
export class Turn implements Disposable {
  readonly #ended: Promise<void>;
  readonly #end: () => void;
  #isInterrupted = false;
  #interrupt: (() => void) | undefined;

  /**
   * Begins.
   *
   * @param onEnd Called at its end.
   */
  constructor(onEnd?: (turn: Turn) => void) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    this.#end = () => {
      onEnd?.(this);
      resolve();
    };
  }

  /**
   * Interrupts the request.
   *
   * @returns A promise that is fulfilled when nothing more is written.
   */
  interrupt(): Promise<void> {
    this.#isInterrupted = true;
    this.#interrupt?.();
    return this.#ended;
  }

  /** Nothing more is written. */
  [Symbol.dispose](): void {
    this.#end();
  }

  /**
   * Waits for bytes, or for the interruption.
   *
   * @typeParam T The bytes.
   * @param work The bytes.
   * @returns The bytes; `undefined` if the request was interrupted.
   */
  until<T>(work: T | Promise<T>): Promise<T | undefined> {
    // Not `Promise.race()`, which would add to the same promise with each read.
    return new Promise((resolve, reject) => {
      if (this.#isInterrupted) resolve(undefined);
      this.#interrupt = () => resolve(undefined);
      Promise.resolve(work).then(resolve, reject);
    });
  }
}

/** The last request of each upload in this thread, by the names of their targets. */
const running = new Map<string, Turn>();

/**
 * Whether a request for an upload is running in this thread.
 *
 * @param token The last name of the upload's target.
 * @returns `true` if one is.
 */
export function isRunning(token: string): boolean {
  return running.has(token);
}

/**
 * Interrupts the request for an upload, and waits for its end.
 *
 * @param token The last name of the upload's target.
 */
export async function interruptTurn(token: string): Promise<void> {
  await running.get(token)?.interrupt();
}

/**
 * Takes the turn for an upload, as soon as the request before has ended.
 *
 * @param token The last name of the upload's target.
 * @returns The turn, which the caller disposes.
 */
export async function takeTurn(token: string): Promise<Turn> {
  const before = running.get(token);
  // Before any waiting, so that a third request finds this one.
  const turn = new Turn((ended) => {
    if (running.get(token) === ended) running.delete(token);
  });
  running.set(token, turn);
  await before?.interrupt();
  return turn;
}
