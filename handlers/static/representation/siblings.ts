// Precompressed files: `app.js.br` for `app.js`. One is sent only if it passes the same
// checks as the plain file, is not older, and is complete.

import { BoundedMap } from "../../../cache/bounded_map.ts";
import { SETTLED } from "../../../cache/settled.ts";
import { cachedContent } from "../../file_cache.ts";
import {
  isOutOfReach,
  isUnavailable,
  markFileError,
  statOpenedSync,
  statSync,
} from "../../file_stat.ts";
import { isSameState, stateKey } from "./open_file.ts";
import { type ByteReader, readCodedFile } from "./coded_file.ts";
import { type ServedFolder, spoilLooks } from "../lookup/served_folder.ts";

/** A precompressed file. */
export interface CompressedSibling {
  /** The content coding. */
  readonly coding: string;
  /** The file's path. */
  readonly path: string;
  /** The file's stat result. */
  readonly info: Deno.FileInfo;
}

/** The file suffix of each coding; the smallest files come first. */
const SUFFIXES: readonly (readonly [coding: string, suffix: string])[] = [
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
];

/** How many files' siblings are cached: those of a large site, in a few megabytes. */
const MAX_KNOWN = 16_384;

/** How long a folder is not checked again, in milliseconds: a new sibling may go unused for a moment. */
const CHECK_INTERVAL = 1_000;

interface Known {
  /** When to check the folder again, in milliseconds since the epoch. */
  until: number;
  /** The folder's mtime and ctime. */
  readonly mtime: number;
  readonly ctime: number;
  readonly codings: readonly (readonly [coding: string, suffix: string])[];
}

/** Which siblings exist: stat'ing a missing file throws; checking the folder's mtime is cheaper. */
const known = new BoundedMap<Known>(MAX_KNOWN);

/** Whether large siblings are complete, by their state and the size of the plain file. */
const completeness = new BoundedMap<boolean>(MAX_KNOWN);

/**
 * Finds the precompressed files that can be sent in place of a file.
 *
 * @param folder The served folder.
 * @param path The file's path.
 * @param info The file's stat result.
 * @param now The time, in milliseconds since the epoch.
 * @returns The siblings, the preferred one first.
 */
export function findSiblings(
  folder: ServedFolder,
  path: string,
  info: Deno.FileInfo,
  now: number,
): CompressedSibling[] {
  const siblings: CompressedSibling[] = [];
  try {
    for (const [coding, suffix] of suffixesOf(path)) {
      const sibling = folder.find(path + suffix);
      if (sibling === null || !isUsable(sibling, info, now)) continue;
      const found = { coding, path: path + suffix, info: sibling };
      if (isComplete(found, info.size, now)) siblings.push(found);
    }
  } catch (error) {
    // The plain file will do. Nothing was cached.
    spoilLooks();
    if (!isUnavailable(error) && !isOutOfReach(error)) throw error;
  }
  return siblings;
}

/**
 * Whether a sibling can be of the plain file's current state. If it was modified just now,
 * it may still be written to.
 */
function isUsable(
  sibling: Deno.FileInfo,
  plain: Deno.FileInfo,
  now: number,
): boolean {
  if (!sibling.isFile || sibling.size === 0) return false;
  const changed = sibling.mtime?.getTime() ?? now;
  return now - changed >= SETTLED && changed >= (plain.mtime?.getTime() ?? 0);
}

/** Whether a sibling is complete: its compressor may still run, or was stopped. */
function isComplete(
  sibling: CompressedSibling,
  plainSize: number,
  now: number,
): boolean {
  const { coding, path, info } = sibling;
  if (coding === "br") return true;
  const key = `${coding} ${plainSize} ${stateKey(path, info)}`;
  const known = completeness.get(key);
  if (known !== undefined) return known;
  const complete = checkContent(sibling, plainSize);
  // While the file is new, another state could have the same key.
  const settled = now - (info.ctime?.getTime() ?? 0) >= SETTLED;
  if (settled && complete !== undefined) completeness.set(key, complete);
  return complete ?? false;
}

/** Checks the compressed data; `undefined` if the file was changed or removed meanwhile. */
function checkContent(
  { coding, path, info }: CompressedSibling,
  plainSize: number,
): boolean | undefined {
  const fits = (read: ByteReader) => {
    const coded = readCodedFile(coding, info.size, read);
    // A gzip file contains the size modulo 2^32.
    const size = coding === "gzip" ? plainSize % 2 ** 32 : plainSize;
    return coded.complete && (coded.size === undefined || coded.size === size);
  };
  try {
    const content = cachedContent(path, info, true);
    if (content !== undefined) {
      return fits((start, length) => content.subarray(start, start + length));
    }
    using file = Deno.openSync(path);
    if (!isSameState(statOpenedSync(file, path), info)) return undefined;
    return fits((start, length) => {
      const bytes = new Uint8Array(length);
      file.seekSync(start, Deno.SeekMode.Start);
      return bytes.subarray(0, file.readSync(bytes) ?? 0);
    });
  } catch (error) {
    if (isOutOfReach(error)) return undefined;
    throw markFileError(error);
  }
}

/** The suffixes of the siblings that existed when the folder was last checked. */
function suffixesOf(path: string): Known["codings"] {
  const remembered = known.get(path);
  const now = Date.now();
  if (remembered !== undefined && now < remembered.until) {
    return remembered.codings;
  }
  const parent = path.slice(0, path.lastIndexOf("/") + 1) || ".";
  const folder = statSync(parent);
  const mtime = folder?.mtime?.getTime() ?? NaN;
  const ctime = folder?.ctime?.getTime() ?? mtime;
  if (remembered?.mtime === mtime && remembered.ctime === ctime) {
    remembered.until = now + CHECK_INTERVAL;
    return remembered.codings;
  }
  const codings = SUFFIXES.filter(([, suffix]) =>
    statSync(path + suffix) !== null
  );
  const settled = now - Math.max(mtime, ctime) > SETTLED;
  if (settled) {
    known.set(path, { until: now + CHECK_INTERVAL, mtime, ctime, codings });
  }
  return codings;
}
