// Removes unfinished files whose folder was renamed while they were received. Nobody else would:
// they are hidden, and the list of unfinished files has their old path.

import { isMissing } from "../../file_stat.ts";
import { isSystemError, removeIfThere } from "./state_files.ts";

/** The most folders that are looked at. */
const MAX_FOLDERS = 1_000;

/**
 * Removes an unfinished file, also if its folder has another name by now. Synchronously, so that
 * a server that ends does it in time.
 *
 * @param path The path that it had.
 * @param file The file, if it is open. If it can't be found, it is emptied.
 */
export function removeTemp(path: string, file?: Deno.FsFile): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (removeMoved(path, file)) return;
    // At least it takes no space.
    file?.truncateSync(0);
  }
}

function removeMoved(path: string, file: Deno.FsFile | undefined): boolean {
  try {
    const found = file && pathOfOpened(path, file) || besideFolder(path);
    if (found === undefined) return false;
    removeIfThere(found);
    return true;
  } catch (error) {
    // Such as a folder that Deno may not read.
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** Where an open file is now; `undefined` if the system doesn't say, or it is removed. */
function pathOfOpened(path: string, file: Deno.FsFile): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const end = path.slice(path.lastIndexOf("/"));
  const { dev, ino } = file.statSync();
  const descriptors = "/proc/self/fd";
  // Denied unless Deno may read everything.
  const permission = { name: "read", path: descriptors } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") {
    return undefined;
  }
  for (const { name } of Deno.readDirSync(descriptors)) {
    const target = unlessMissing(() =>
      Deno.readLinkSync(`${descriptors}/${name}`)
    );
    if (!target?.endsWith(end)) continue;
    const info = unlessMissing(() => Deno.lstatSync(target));
    if (info?.ino === ino && info.dev === dev) return target;
  }
  return undefined;
}

/**
 * Looks for a file in the folders beside the one that is gone, since most folders that are renamed
 * stay where they are. The file's own name is random, so no other file has this name.
 */
function besideFolder(path: string): string | undefined {
  let gone = path.slice(0, path.lastIndexOf("/"));
  // The file alone is gone: it was stored or removed.
  if (isThere(gone)) return undefined;
  for (;;) {
    const parent = gone.slice(0, gone.lastIndexOf("/"));
    if (parent === "") return undefined;
    if (!isThere(parent)) {
      gone = parent;
      continue;
    }
    const rest = path.slice(gone.length);
    let looked = 0;
    for (const { name, isDirectory } of Deno.readDirSync(parent)) {
      if (!isDirectory) continue;
      if (++looked > MAX_FOLDERS) return undefined;
      const candidate = `${parent}/${name}${rest}`;
      if (isThere(candidate)) return candidate;
    }
    return undefined;
  }
}

function isThere(path: string): boolean {
  return unlessMissing(() => Deno.lstatSync(path)) !== undefined;
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
