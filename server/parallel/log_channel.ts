// The log of a worker: batches of whole lines, sent to the thread that has the log. If that
// one can't keep up, lines are dropped rather than kept in memory.

import type { LogDestination } from "../../connection/log.ts";

/** How many bytes may wait to be written, for each worker. */
const MAX_WAITING = 1_048_576;

/** What a worker's log needs from its surroundings. */
export interface LogPort {
  /**
   * Sends lines.
   *
   * @param lines Their bytes, which the receiver takes over.
   */
  send(lines: Uint8Array<ArrayBuffer>): void;
  /**
   * Changes the number of bytes that were sent, but not written.
   *
   * @param by By how much.
   * @returns The number before.
   */
  addWaiting(by: number): number;
}

/** Sends the log's batches to another thread. */
export class LogChannel implements LogDestination {
  readonly #port: LogPort;
  #lost = 0;

  /**
   * Creates a log.
   *
   * @param port Sends the batches.
   */
  constructor(port: LogPort) {
    this.#port = port;
  }

  /**
   * Sends a batch, or drops it if too much is waiting. The next batch that is sent begins
   * with a line that says how much is missing.
   *
   * @param lines The bytes of whole lines.
   * @returns Their number.
   */
  writeSync(lines: Uint8Array): number {
    const { length } = lines;
    if (this.#port.addWaiting(length) > MAX_WAITING) {
      this.#port.addWaiting(-length);
      this.#lost += length;
      return length;
    }
    if (this.#lost > 0) {
      const note = new TextEncoder().encode(
        `${this.#lost} bytes of the log are missing: it was written too slowly\n`,
      );
      this.#lost = 0;
      this.#port.addWaiting(note.length);
      this.#port.send(note);
    }
    this.#port.send(lines.slice());
    return length;
  }
}
