// Reads the body of an upload. One piece is in memory at a time, and the next one is read only
// after it was written, so a fast client waits for a slow disk.

import type { FileUpload, Refused, UploadHandler } from "./interfaces.ts";
import { pacedReader } from "./pace.ts";

/** How much of a body is read at once, in bytes. */
const READ_SIZE = 256 * 1024;

/** How reading has ended. */
export type Received = "end" | Refused;

const INTERRUPTED: Refused = Object.freeze({
  kind: "refused",
  status: 409,
  reason: "Another request goes on with this upload",
});

/** The time in which one request receives a part, until another one interrupts it. */
export class Turn {
  readonly #ended: Promise<void>;
  readonly #end: () => void;
  #isInterrupted = false;
  #interrupt: (() => void) | undefined;

  /** Begins. */
  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    this.#end = resolve;
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
  end(): void {
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

/**
 * Writes the body of a request to a file.
 *
 * @param handler The handler.
 * @param upload The file.
 * @param turn Ends when another request goes on with the upload.
 * @returns "end" if the body was read to its end; else why not.
 * @throws {Error} The client has left, or was too slow.
 */
export async function receiveBytes(
  { rfile }: UploadHandler,
  upload: FileUpload,
  turn?: Turn,
): Promise<Received> {
  const read1 = pacedReader(rfile);
  for (;;) {
    const read = read1(READ_SIZE);
    const bytes = await (turn === undefined ? read : turn.until(read));
    if (bytes === undefined) return INTERRUPTED;
    if (bytes.length === 0) return "end";
    const fault = await upload.write(bytes);
    if (fault !== undefined) return fault;
  }
}
