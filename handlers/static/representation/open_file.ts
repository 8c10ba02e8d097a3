// Opens files to send them. When a file is opened, its path may already resolve to another
// one, so the opened file is always checked.

import { isOutOfReach, markFileError, statOpened } from "../../file_stat.ts";
import { MAX_TRIES, type ServedFolder } from "../lookup/served_folder.ts";

/** An open file and its stat result. Close it. */
export interface OpenedFile {
  readonly file: Deno.FsFile;
  readonly info: Deno.FileInfo;
}

/**
 * Opens a file if it has not changed: no symlink was switched, and nothing was written.
 *
 * @param path The file's path.
 * @param seen The stat result from before.
 * @returns The open file; `undefined` if it has changed or is gone.
 * @throws {Error} It can't be opened just now.
 */
export async function openSame(
  path: string,
  seen: Deno.FileInfo,
): Promise<Deno.FsFile | undefined> {
  const opened = await openFile(path);
  if (opened === undefined) return undefined;
  if (isUntouched(opened.info, seen)) return opened.file;
  opened.file.close();
  return undefined;
}

/**
 * Opens a file, and checks it afterwards, so that nothing can change in between. A log that
 * is constantly written to would fail `openSame()` again and again.
 *
 * @param folder The served folder.
 * @param path The file's path.
 * @returns The open file; `undefined` if it is missing or may not be served.
 * @throws {Error} It can't be opened just now.
 */
export async function openFirst(
  folder: ServedFolder,
  path: string,
): Promise<OpenedFile | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    // Not for pipes: opening one would wait for its writer.
    if (!folder.find(path)?.isFile) return undefined;
    const opened = await openFile(path);
    if (opened === undefined) return undefined;
    if (isAllowed(folder, path, opened)) return opened;
    opened.file.close();
  }
  return undefined;
}

/**
 * Whether a file is still in the same state.
 *
 * @param info The current stat result.
 * @param seen The stat result from before.
 * @returns `false` if it is another file, or its size or time has changed.
 */
export function isSameState(
  info: Deno.FileInfo,
  seen: Deno.FileInfo,
): boolean {
  return info.isFile && info.ino === seen.ino && info.dev === seen.dev &&
    info.size === seen.size && info.mtime?.getTime() === seen.mtime?.getTime();
}

/**
 * Whether a file is the same, and not even its metadata has changed: an inode may be reused.
 *
 * @param info The current stat result.
 * @param seen The stat result from before.
 * @returns `false` also if its mode or its number of links has changed.
 */
export function isUntouched(
  info: Deno.FileInfo,
  seen: Deno.FileInfo,
): boolean {
  return isSameState(info, seen) &&
    info.ctime?.getTime() === seen.ctime?.getTime();
}

/**
 * Makes a key for one state of a file, independent of the path if there are inodes.
 *
 * @param path The file's path; used only if the file system has no inodes.
 * @param info The file's stat result.
 * @returns The key.
 */
export function stateKey(path: string, info: Deno.FileInfo): string {
  const { dev, ino, size, mtime, ctime } = info;
  const file = ino === null || ino === 0 ? path : `${dev} ${ino}`;
  return `${size} ${mtime?.getTime()} ${ctime?.getTime()} ${file}`;
}

/**
 * Reads from a file's current position.
 *
 * @param file The open file.
 * @param size How many bytes to read.
 * @returns The bytes; fewer if the file ends earlier.
 */
export async function readUpTo(
  file: Deno.FsFile,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(size);
  let length = 0;
  try {
    while (length < size) {
      const count = await file.read(content.subarray(length));
      if (count === null) break;
      length += count;
    }
  } catch (error) {
    throw markFileError(error);
  }
  return length === size ? content : content.slice(0, length);
}

async function openFile(path: string): Promise<OpenedFile | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    file = await Deno.open(path);
    return { file, info: await statOpened(file, path) };
  } catch (error) {
    file?.close();
    if (isOutOfReach(error)) return undefined;
    throw markFileError(error);
  }
}

function isAllowed(
  folder: ServedFolder,
  path: string,
  { file, info }: OpenedFile,
): boolean {
  try {
    return info.isFile && folder.allows(path, info);
  } catch (error) {
    file.close();
    throw error;
  }
}
