// Caches the content of small files, so that serving one again costs a `stat` instead of an
// open, a read and a close. Every request still stats the file: cached content is used only
// while size, mtime, ctime, inode and device are the same as when it was read.

import { ByteLru } from "../cache/byte_lru.ts";
import { cacheBudget } from "../cache/shared_budget.ts";
import { isSettled, markFileError, statOpenedSync } from "./file_stat.ts";

/** The fields of a `stat` that change when a file does. */
export interface FileState {
  /** Size in bytes. */
  readonly size: number;
  /** When the content last changed. */
  readonly mtime: Date | null;
  /** When content or metadata last changed; Deno reports whole seconds. */
  readonly ctime: Date | null;
  /** The inode number. */
  readonly ino: number | null;
  /** The device ID. */
  readonly dev: number;
}

/** The largest cached file, in bytes. Larger files are streamed from disk. */
const MAX_FILE = 256 * 1024;

interface Entry {
  readonly content: Uint8Array;
  readonly mtime: number;
  readonly ctime: number;
  readonly ino: number | null;
  readonly dev: number;
}

const entries = new ByteLru<Entry>(cacheBudget);

/**
 * Returns the content of a small regular file, from memory if it has not changed.
 *
 * @param path The file's path.
 * @param state The result of a `stat` that was made just now.
 * @param exact Whether to throw if the file has changed since that `stat`.
 * @returns The content. It is shorter than `state.size` if the file ends early, as files in
 * `/sys` do. `undefined` if the file is too large, or if its size is 0: use `openSource()`, since
 * files in `/proc` report 0 but have content.
 * @throws {Deno.errors.NotFound} If the file has changed and `exact` is set, or it is no longer a
 * regular file.
 * @throws {Error} If the file can't be read.
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
  // A later change in the same clock tick would leave all fields the same: don't cache yet.
  if (isSettled(state) && same && content.length === state.size) {
    const { ino, dev } = state;
    entries.set(path, { content, mtime, ctime, ino, dev }, content.length);
  }
  return content;
}

/**
 * Reads a file, at most up to its size after opening: a kernel file may never end. Also returns
 * whether it is the file that was stat'ed.
 */
function readSmall(
  path: string,
  state: FileState,
  exact: boolean,
): { content: Uint8Array; same: boolean } | undefined {
  try {
    using file = Deno.openSync(path);
    return readOpened(file, statOpenedSync(file, path), state, exact);
  } catch (error) {
    throw markFileError(error);
  }
}

function readOpened(
  file: Deno.FsFile,
  info: Deno.FileInfo,
  state: FileState,
  exact: boolean,
): { content: Uint8Array; same: boolean } | undefined {
  const same = info.ino === state.ino && info.dev === state.dev;
  const changed = info.size !== state.size ||
    info.mtime?.getTime() !== state.mtime?.getTime();
  if (exact && (!same || changed)) {
    throw new Deno.errors.NotFound(
      "Cannot serve the file: it was changed or replaced",
    );
  }
  if (!info.isFile) {
    throw new Deno.errors.NotFound(
      "Cannot serve the file: it is no longer a regular file",
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
