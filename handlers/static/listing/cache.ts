// Listings that were made just now. To look at each of two thousand files takes most of
// the time that a listing costs; for a second, nobody misses what has changed in them.

import { concat } from "@std/bytes/concat";
import { statSync } from "../../file_stat.ts";
import { ByteLru } from "../../../cache/byte_lru.ts";
import { SETTLED } from "../../../cache/settled.ts";

/**
 * How long the sizes and dates of a listing are taken for true, in milliseconds. Names
 * are looked at each time: the folder's own time tells when they change.
 */
const MAX_AGE = 1_000;

/** The most that one folder's listing may take to be kept, in bytes. */
const MAX_LISTING = 2 * 1024 * 1024;

/** The most that all listings may take, in bytes. */
const MAX_TOTAL = 16 * 1024 * 1024;

interface Entry {
  readonly bytes: Uint8Array;
  readonly folderTime: number | undefined;
  readonly madeAt: number;
}

/** The listings of a site. A folder that was changed just now may change again and look the same: it is not kept. */
export class ListingCache {
  readonly #entries = new ByteLru<Entry>(MAX_TOTAL);

  /**
   * Looks a listing up.
   *
   * @param key The folder's path, and how the listing looks.
   * @param path The folder's path.
   * @returns The listing, which must not be changed; `undefined` where there is none that is still true.
   */
  get(key: string, path: string): Uint8Array | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const age = performance.now() - entry.madeAt;
    if (age < MAX_AGE && timeOf(path) === entry.folderTime) return entry.bytes;
    this.#entries.delete(key);
    return undefined;
  }

  /**
   * Keeps a listing; older ones make room.
   *
   * @param key The folder's path, and how the listing looks.
   * @param path The folder's path.
   * @param make Makes the listing.
   * @returns The listing.
   */
  async make(
    key: string,
    path: string,
    make: () => AsyncIterable<Uint8Array>,
  ): Promise<Uint8Array> {
    // Before it is made: what changes meanwhile must show next time.
    const [folderTime, madeAt] = [timeOf(path), performance.now()];
    const bytes = concat(await Array.fromAsync(make()));
    const settled = Date.now() - (folderTime ?? Infinity) > SETTLED;
    if (settled && bytes.length <= MAX_LISTING) {
      this.#entries.set(key, { bytes, folderTime, madeAt }, bytes.length);
    }
    return bytes;
  }
}

function timeOf(path: string): number | undefined {
  return statSync(path)?.mtime?.getTime();
}
