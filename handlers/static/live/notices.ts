// Under which path the system reports changes of a file: that of the target, if the file or a folder
// of it is a symlink.

import { isIgnored } from "./names.ts";
import type { WatchedFolder } from "./watcher.ts";

/** How many of a path's last names may be missing; clients choose how many there are. */
const MAX_MISSING = 4;

/**
 * Finds the path under which changes of a file are reported.
 *
 * @param path The file's path below a watched folder.
 * @param folders The watched folders.
 * @returns The path, as `Watcher` reports it; `null` if nothing watches the file.
 */
export function noticedPath(
  path: string,
  folders: readonly WatchedFolder[],
): string | null {
  const real = realPath(path);
  let noticed: string | null = null;
  for (const folder of folders) {
    const root = realPath(folder.path);
    const below = real === root ? "" : withoutRoot(real, root);
    if (below === undefined) continue;
    const found = folder.path + below;
    if (found === path) return path;
    const names = below.split("/").slice(1);
    if (isIgnored(names) || (folder.flat && names.length > 1)) continue;
    noticed ??= found;
  }
  return noticed;
}

/** The path without symlinks, also of a file that doesn't exist yet. */
function realPath(path: string, missing = MAX_MISSING): string {
  try {
    return withSlashes(Deno.realPathSync(path));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // It is missing, or can't be read.
    const at = path.lastIndexOf("/");
    return at > 0 && missing > 0
      ? realPath(path.slice(0, at), missing - 1) + path.slice(at)
      : path;
  }
}

/** Paths below a served folder have slashes on Windows too. */
function withSlashes(path: string): string {
  return Deno.build.os === "windows" ? path.replaceAll("\\", "/") : path;
}

function withoutRoot(path: string, root: string): string | undefined {
  const start = root.endsWith("/") ? root : root + "/";
  return path.startsWith(start) ? path.slice(start.length - 1) : undefined;
}
