// Compressed files beside a file: `app.js.br` for `app.js`.

import { statSync } from "../file_stat.ts";
import { SETTLED } from "./policy/entity_tag.ts";
import type { ServedFolder } from "./served_folder.ts";

/** A file that holds another one in a content coding. */
export interface CompressedSibling {
  /** The content coding. */
  readonly coding: string;
  /** The file's path. */
  readonly path: string;
  /** The file. */
  readonly info: Deno.FileInfo;
}

/** What each coding's files end with; the smallest first, as they cost nothing more to send. */
const SUFFIXES: readonly (readonly [coding: string, suffix: string])[] = [
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
];

/** How many files' siblings are remembered: a large site's, in a few megabytes. */
const MAX_KNOWN = 16_384;

/** Longer paths are looked at each time: through links that lead in circles, one file can have thousands of them. */
const MAX_REMEMBERED = 512;

/** For how long nobody looks at a folder again, in milliseconds: a sibling that comes may go unused for a moment. */
const LOOKED_FOR = 1_000;

interface Known {
  /** Until when it is taken for granted, in milliseconds since the epoch. */
  until: number;
  /** When the folder was changed, and when anything about it was. */
  readonly mtime: number;
  readonly ctime: number;
  readonly codings: readonly (readonly [coding: string, suffix: string])[];
}

/** Which siblings are there: an absent file costs an exception to look for, the folder's time does not. */
const known = new Map<string, Known>();

/**
 * The compressed files for a file: those that are not older, and may be shown as it may.
 *
 * @param folder The served folder.
 * @param path The file's path.
 * @param info The file.
 * @returns The siblings, the preferred one first.
 */
export function findSiblings(
  folder: ServedFolder,
  path: string,
  info: Deno.FileInfo,
): CompressedSibling[] {
  const siblings: CompressedSibling[] = [];
  for (const [coding, suffix] of suffixesOf(path)) {
    const sibling = folder.find(path + suffix);
    // An empty one is what is left of a compressor that was stopped: no coding has it.
    const fresh = sibling !== null && sibling.isFile && sibling.size > 0 &&
      (sibling.mtime?.getTime() ?? 0) >= (info.mtime?.getTime() ?? 0);
    if (fresh) siblings.push({ coding, path: path + suffix, info: sibling });
  }
  return siblings;
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
  if (settled && path.length <= MAX_REMEMBERED) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(path, { until: now + LOOKED_FOR, mtime, ctime, codings });
  }
  return codings;
}
