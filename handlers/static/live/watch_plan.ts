// Which folders to watch. On Linux, watching a folder with all below it takes a watch for each, so
// folders with many files that are ignored, such as `node_modules`, are left out.

import { isIgnoredFolder } from "./names.ts";

/** How deep ignored folders are searched for: a monorepo has them at `packages/NAME`. */
const MAX_DEPTH = 4;

/** How many folders are read to find them. */
const MAX_FOLDERS = 2_000;

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
 */
export function planWatches(root: string, os: string): WatchPlan {
  if (os !== "linux") return { alone: [], whole: [root] };
  const alone: string[] = [];
  let left = MAX_FOLDERS;
  /** The folders to watch whole, in a folder. */
  const visit = (folder: string, depth: number): string[] => {
    if (depth === MAX_DEPTH || left-- <= 0) return [folder];
    const whole: string[] = [];
    let isWhole = true;
    for (const name of foldersIn(folder)) {
      const path = `${folder === "/" ? "" : folder}/${name}`;
      if (isIgnoredFolder(name)) {
        isWhole = false;
        continue;
      }
      const below = visit(path, depth + 1);
      if (below[0] !== path) isWhole = false;
      whole.push(...below);
    }
    if (isWhole) return [folder];
    alone.push(folder);
    return whole;
  };
  return { whole: visit(root, 0), alone };
}

function foldersIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  } catch {
    // It is gone, or may not be read, so it can't be served either.
    return [];
  }
}
