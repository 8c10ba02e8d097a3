// Which folders to watch. On Linux, watching a folder with all below it takes a watch for each, even
// through symlinks. So folders with many files that are ignored, such as `node_modules`, are left
// out, and so are symlinks.

import { isOutOfReach } from "../../file_stat.ts";
import { isIgnoredFolder } from "./names.ts";

/** The most folders that are watched: 5,000 take half a second. */
const MAX_FOLDERS = 5_000;

/** The folders to watch. */
export interface WatchPlan {
  /** Those to watch alone, without the folders in them. */
  readonly alone: readonly string[];
  /** Those to watch with everything below. */
  readonly whole: readonly string[];
}

/**
 * Plans which folders to watch.
 *
 * @param root The root.
 * @param os The operating system.
 * @returns The folders.
 * @throws {RangeError} There are too many.
 */
export function planWatches(root: string, os: string): WatchPlan {
  if (os !== "linux") return { alone: [], whole: [root] };
  const alone: string[] = [];
  let count = 0;
  /** Returns the folders to watch whole, in a folder. */
  const visit = (folder: string): string[] => {
    if (++count > MAX_FOLDERS) {
      throw new RangeError(`it has more than ${MAX_FOLDERS} folders`);
    }
    const whole: string[] = [];
    let isWhole = true;
    for (const { path, isWatched } of foldersIn(folder)) {
      const below = isWatched ? visit(path) : [];
      if (below[0] !== path) isWhole = false;
      whole.push(...below);
    }
    if (isWhole) return [folder];
    alone.push(folder);
    return whole;
  };
  return { whole: visit(root), alone };
}

interface Subfolder {
  readonly path: string;
  /** `false` for one that is ignored, or a symlink. */
  readonly isWatched: boolean;
}

function foldersIn(folder: string): Subfolder[] {
  const found: Subfolder[] = [];
  try {
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
      if (!isDirectory && !isSymlink) continue;
      const path = `${folder === "/" ? "" : folder}/${name}`;
      found.push({ path, isWatched: isDirectory && !isIgnoredFolder(name) });
    }
  } catch (error) {
    // It is gone, or may not be read, so it can't be served either.
    if (!isOutOfReach(error)) throw error;
  }
  return found;
}
