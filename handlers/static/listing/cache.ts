// Listings that were made just now. To look at each of two thousand files takes most of
// the time that a listing costs; for a second, nobody misses what has changed in them.

import { statSync } from "../../file_stat.ts";
import { SETTLED } from "../response/entity_tag.ts";

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
  readonly #entries = new Map<string, Entry>();
  #total = 0;

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
    this.#delete(key, entry);
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
    const bytes = await joined(make());
    const settled = Date.now() - (folderTime ?? Infinity) > SETTLED;
    if (settled && bytes.length <= MAX_LISTING) {
      const known = this.#entries.get(key);
      if (known !== undefined) this.#delete(key, known);
      this.#entries.set(key, { bytes, folderTime, madeAt });
      this.#total += bytes.length;
    }
    for (const [oldest, entry] of this.#entries) {
      if (this.#total <= MAX_TOTAL) break;
      this.#delete(oldest, entry);
    }
    return bytes;
  }

  #delete(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#total -= entry.bytes.length;
  }
}

function timeOf(path: string): number | undefined {
  return statSync(path)?.mtime?.getTime();
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    list.push(piece);
    length += piece.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of list) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
