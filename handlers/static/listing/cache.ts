// A cache of recent listings. Stat'ing every file takes most of the time of a listing; for
// a second, outdated sizes don't matter.

import { concat } from "@std/bytes/concat";
import { ByteLru } from "../../../cache/byte_lru.ts";
import { cacheBudget } from "../../../cache/shared_budget.ts";
import { isSettled, statSync } from "../../file_stat.ts";

/**
 * How long the sizes and dates of a listing are reused, in milliseconds. Names are always
 * current, because the folder's state shows when they change.
 */
const MAX_AGE = 1_000;

/** The largest listing that is cached, in bytes. */
const MAX_LISTING = 2 * 1024 * 1024;

/** A file whose content a listing shows. */
export interface SeenFile {
  readonly path: string;
  readonly info: Deno.FileInfo;
}

interface Entry {
  readonly bytes: Uint8Array;
  readonly folder: Deno.FileInfo;
  readonly file: SeenFile | undefined;
  readonly madeAt: number;
}

/** The listings of a site. Those of a folder that was just changed are not cached, since a further change might not be noticed. */
export class ListingCache {
  readonly #entries = new ByteLru<Entry>(cacheBudget);

  /**
   * Looks up a listing.
   *
   * @param key The folder's path, and the look of the listing.
   * @param path The folder's path.
   * @returns The listing, which must not be changed; `undefined` if none is cached and current.
   */
  get(key: string, path: string): Uint8Array | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const age = performance.now() - entry.madeAt;
    if (
      age < MAX_AGE && isSame(statSync(path), entry.folder) &&
      isSameFile(entry.file)
    ) return entry.bytes;
    this.#entries.delete(key);
    return undefined;
  }

  /**
   * Looks up the file whose content a cached listing shows.
   *
   * @param key The folder's path, and the look of the listing.
   * @returns The file's path; `undefined` for none.
   */
  fileOf(key: string): string | undefined {
    return this.#entries.get(key)?.file?.path;
  }

  /**
   * Makes a listing, and caches it.
   *
   * @param key The folder's path, and the look of the listing.
   * @param path The folder's path.
   * @param make Makes the listing. It calls its argument with the file whose content it shows.
   * @returns The listing.
   */
  async make(
    key: string,
    path: string,
    make: (note: (file: SeenFile) => void) => AsyncIterable<Uint8Array>,
  ): Promise<Uint8Array> {
    // Before it is made, so that changes in the meantime show next time.
    const [folder, madeAt] = [statSync(path), performance.now()];
    let file: SeenFile | undefined;
    const note = (seen: SeenFile) => void (file = seen);
    const bytes = concat(await Array.fromAsync(make(note)));
    if (
      folder !== null && isSettled(folder) && bytes.length <= MAX_LISTING &&
      (file === undefined || isSettled(file.info))
    ) this.#entries.set(key, { bytes, folder, file, madeAt }, bytes.length);
    return bytes;
  }
}

function isSameFile(file: SeenFile | undefined): boolean {
  if (file === undefined) return true;
  try {
    const now = statSync(file.path);
    return isSame(now, file.info) && now?.size === file.info.size;
  } catch {
    // The listing that follows is without it.
    return false;
  }
}

/** Whether a folder is the same one, with the same names. */
function isSame(now: Deno.FileInfo | null, then: Deno.FileInfo): boolean {
  return now !== null && now.ino === then.ino && now.dev === then.dev &&
    now.mtime?.getTime() === then.mtime?.getTime() &&
    now.ctime?.getTime() === then.ctime?.getTime();
}
