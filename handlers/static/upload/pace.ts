// The lowest rate at which a client may send a file. The timeout of a connection only ends one that
// sends nothing: a byte now and then would hold a connection, and the name of a file, for days.

import { timeoutError } from "../../../connection/errors.ts";
import type { UploadHandler } from "./interfaces.ts";

/** How long the rate is measured, in milliseconds. A mobile connection may be gone for some seconds. */
const WINDOW = 60_000;

/** The bytes per second: a tenth of what the slowest mobile networks (GPRS) have. */
const MIN_RATE = 256;

/** Measures how fast a client sends. */
export class Pace {
  #waited = 0;
  #bytes = 0;

  /**
   * Adds a read.
   *
   * @param bytes How many bytes came.
   * @param waited How long the server waited for them, in milliseconds. A slow disk doesn't count.
   * @returns `false` if the client is too slow.
   *
   * @example A byte every 25 seconds
   * ```ts
   * import { assertEquals } from "@std/assert";
   *
   * const pace = new Pace();
   * const reads = [1, 2, 3].map(() => pace.add(1, 25_000));
   * assertEquals(reads, [true, true, false]);
   * ```
   */
  add(bytes: number, waited: number): boolean {
    this.#waited += waited;
    this.#bytes += bytes;
    if (this.#waited < WINDOW) return true;
    const isFast = this.#bytes * 1000 >= this.#waited * MIN_RATE;
    this.#waited = this.#bytes = 0;
    return isFast;
  }
}

/**
 * Makes a function that reads a body, and ends a client that is too slow.
 *
 * @param rfile The body.
 * @returns Reads what has arrived, at most so many bytes.
 */
export function pacedReader(
  rfile: UploadHandler["rfile"],
): (size?: number) => Promise<Uint8Array> {
  const pace = new Pace();
  return async (size) => {
    const began = performance.now();
    const bytes = await rfile.read1(size);
    // The end needs no rate.
    if (
      bytes.length > 0 && !pace.add(bytes.length, performance.now() - began)
    ) {
      throw timeoutError("The client sends too slowly");
    }
    return bytes;
  };
}
