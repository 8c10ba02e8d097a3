// Which files are ignored when they change: those that no page shows, but that tools and editors
// write all the time. Pure.

/** Folders whose files are not watched. */
const FOLDERS: ReadonlySet<string> = new Set(["node_modules"]);

/** Backups, swap files and probes of vim, Emacs and JetBrains' editors. */
const BY_EDITORS = /~$|\.sw[m-px]$|^4913$|^#.*#$|___jb_(?:tmp|old)___$/;

/**
 * Whether the files in a folder are ignored.
 *
 * @param name The folder's name.
 * @returns `true` for `node_modules` and all dotfiles, such as `.git`.
 */
export function isIgnoredFolder(name: string): boolean {
  return FOLDERS.has(name) || name.startsWith(".");
}

/**
 * Whether a file is ignored.
 *
 * @param names The names of its path, below the folder that is watched.
 * @returns `true` if it is, or is in a folder that is.
 */
export function isIgnored(names: readonly string[]): boolean {
  return names.some(isIgnoredFolder) || BY_EDITORS.test(names.at(-1) ?? "");
}
