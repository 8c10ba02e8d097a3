// Content of small files, so that serving one again costs a `stat` instead of an
// open, a read and a close. Every request still stats the file: content is given
// only while size, times and inode are those it was read with.

import { ByteLru } from "../cache/byte_lru.ts";
import { SETTLED } from "../cache/settled.ts";
import { markFileError } from "./file_stat.ts";

/** What tells one state of a file from another. */
export interface FileState {
  /** Size in bytes. */
  readonly size: number;
  /** When the content was changed. */
  readonly mtime: Date | null;
  /** When anything about the file was changed; Deno gives it in whole seconds. */
  readonly ctime: Date | null;
  /** The inode. */
  readonly ino: number | null;
  /** The device. */
  readonly dev: number;
}

/** Larger files are streamed from disk. */
const MAX_FILE = 256 * 1024;

/** The most that the cache holds, in bytes: a site's small files, at little of a machine's memory. */
const MAX_TOTAL = 32 * 1024 * 1024;

interface Entry {
  readonly content: Uint8Array;
  readonly mtime: number;
  readonly ctime: number;
  readonly ino: number | null;
  readonly dev: number;
}

const entries = new ByteLru<Entry>(MAX_TOTAL);

/**
 * The content of a small regular file, from memory if it is still true.
 *
 * @param path The file's path.
 * @param state The file's state just now.
 * @param exact Whether it is an error if the file is in another state by now.
 * @returns The content, shorter than `state.size` if the file ends before that, as those
 * of `/sys` do; `undefined` if the file is too large, or its size is 0: then only
 * `openSource()` finds out how much there is to read.
 * @throws {Error} What reading the file threw; `Deno.errors.NotFound` if it is another file by now.
 */
export function cachedContent(
  path: string,
  state: FileState,
  exact: boolean = false,
): Uint8Array | undefined {
  if (state.size > MAX_FILE || state.size === 0) return undefined;
  const mtime = state.mtime?.getTime() ?? NaN;
  const ctime = state.ctime?.getTime() ?? mtime;
  const entry = entries.get(path);
  if (entry !== undefined) {
    const same = entry.content.length === state.size && entry.mtime === mtime &&
      entry.ctime === ctime && entry.ino === state.ino &&
      entry.dev === state.dev;
    if (same) return entry.content;
    entries.delete(path);
  }
  const read = readSmall(path, state, exact);
  if (read === undefined) return undefined;
  const { content, same } = read;
  // Changed between the two calls, or just before them: true now, but not to be kept.
  const settled = Date.now() - Math.max(mtime, ctime) > SETTLED;
  if (settled && same && content.length === state.size) {
    const { ino, dev } = state;
    entries.set(path, { content, mtime, ctime, ino, dev }, content.length);
  }
  return content;
}

/**
 * Reads a file up to the size it has once it is open: what looks small may be endless,
 * such as the files that a kernel makes up. Also tells whether it is the same file.
 */
function readSmall(
  path: string,
  state: FileState,
  exact: boolean,
): { content: Uint8Array; same: boolean } | undefined {
  try {
    using file = Deno.openSync(path);
    return readOpened(file, state, exact);
  } catch (error) {
    throw markFileError(error);
  }
}

function readOpened(
  file: Deno.FsFile,
  state: FileState,
  exact: boolean,
): { content: Uint8Array; same: boolean } | undefined {
  const info = file.statSync();
  const same = info.ino === state.ino && info.dev === state.dev;
  const changed = info.size !== state.size ||
    info.mtime?.getTime() !== state.mtime?.getTime();
  if (exact && (!same || changed)) {
    throw new Deno.errors.NotFound(
      "Cannot serve a file: it was changed or replaced",
    );
  }
  if (!info.isFile) {
    throw new Deno.errors.NotFound(
      "Cannot serve a file: it is no longer a regular one",
    );
  }
  if (info.size > MAX_FILE) return undefined;
  const content = new Uint8Array(info.size);
  let length = 0;
  while (length < content.length) {
    const count = file.readSync(content.subarray(length));
    if (count === null) break;
    length += count;
  }
  return { content: content.subarray(0, length), same };
}
