// Compressed files beside a file: `app.js.br` for `app.js`. One stands in for the file
// only if it passes the same checks, is not older, and is complete.

import { BoundedMap } from "../../../cache/bounded_map.ts";
import { SETTLED } from "../../../cache/settled.ts";
import { cachedContent } from "../../file_cache.ts";
import {
  isOutOfReach,
  isUnavailable,
  markFileError,
  statSync,
} from "../../file_stat.ts";
import { isSameState, stateKey } from "./open_file.ts";
import { type ByteReader, readCodedFile } from "./coded_file.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";

/** A file that holds another one in a content coding. */
export interface CompressedSibling {
  /** The content coding. */
  readonly coding: string;
  /** The file's path. */
  readonly path: string;
  /** The file. */
  readonly info: Deno.FileInfo;
}

/** The suffix of each coding's files; the smallest first, since they cost nothing more to send. */
const SUFFIXES: readonly (readonly [coding: string, suffix: string])[] = [
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
];

/** How many files' siblings are remembered: a large site's, in a few megabytes. */
const MAX_KNOWN = 16_384;

/** How long a folder is not looked at again, in milliseconds: a new sibling may go unused for a moment. */
const LOOKED_FOR = 1_000;

interface Known {
  /** Until when it is taken for granted, in milliseconds since the epoch. */
  until: number;
  /** When the folder was changed, and when anything about it was. */
  readonly mtime: number;
  readonly ctime: number;
  readonly codings: readonly (readonly [coding: string, suffix: string])[];
}

/** Which siblings there are: stat'ing a missing file throws; checking the folder's mtime is cheaper. */
const known = new BoundedMap<Known>(MAX_KNOWN);

/** Which large siblings are complete, by their state and the size of the plain file. */
const judged = new BoundedMap<boolean>(MAX_KNOWN);

/**
 * Finds the compressed files for a file that may be sent in its place.
 *
 * @param folder The served folder.
 * @param path The file's path.
 * @param info The file.
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
    // The plain file is there, and all that a client needs. Nothing was remembered.
    if (!isUnavailable(error) && !isOutOfReach(error)) throw error;
  }
  return siblings;
}

/**
 * Whether a file may be of the present state of another one. One that was written to
 * just now is perhaps still being written.
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

/** Whether the coded bytes are all there: a compressor may be slow, or was stopped. */
function isComplete(
  sibling: CompressedSibling,
  plainSize: number,
  now: number,
): boolean {
  const { coding, path, info } = sibling;
  if (coding === "br") return true;
  const key = `${coding} ${plainSize} ${stateKey(path, info)}`;
  const known = judged.get(key);
  if (known !== undefined) return known;
  const complete = judge(sibling, plainSize);
  // Another state of a new file could have the same key.
  const settled = now - (info.ctime?.getTime() ?? 0) >= SETTLED;
  if (settled && complete !== undefined) judged.set(key, complete);
  return complete ?? false;
}

/** Looks at the coded bytes; `undefined` if the file was changed or removed since it was found. */
function judge(
  { coding, path, info }: CompressedSibling,
  plainSize: number,
): boolean | undefined {
  const fits = (read: ByteReader) => {
    const coded = readCodedFile(coding, info.size, read);
    // A gzip file has its size modulo 2^32.
    const size = coding === "gzip" ? plainSize % 2 ** 32 : plainSize;
    return coded.complete && (coded.size === undefined || coded.size === size);
  };
  try {
    const content = cachedContent(path, info, true);
    if (content !== undefined) {
      return fits((start, length) => content.subarray(start, start + length));
    }
    using file = Deno.openSync(path);
    if (!isSameState(file.statSync(), info)) return undefined;
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

/** The suffixes with which there were files when the folder was looked at last. */
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
    remembered.until = now + LOOKED_FOR;
    return remembered.codings;
  }
  const codings = SUFFIXES.filter(([, suffix]) =>
    statSync(path + suffix) !== null
  );
  const settled = now - Math.max(mtime, ctime) > SETTLED;
  if (settled) {
    known.set(path, { until: now + LOOKED_FOR, mtime, ctime, codings });
  }
  return codings;
}
