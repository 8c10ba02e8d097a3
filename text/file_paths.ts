// File paths by the rules of either system. `@std/path` chooses the rules itself, but reads
// `globalThis.process` for that, which loads Node's globals at start. Its functions for one
// system don't.

import { fromFileUrl as fromPosixUrl } from "@std/path/posix/from-file-url";
import { join as joinPosix } from "@std/path/posix/join";
import { normalize as normalizePosix } from "@std/path/posix/normalize";
import { resolve as resolvePosix } from "@std/path/posix/resolve";
import { fromFileUrl as fromWindowsUrl } from "@std/path/windows/from-file-url";
import { join as joinWindows } from "@std/path/windows/join";
import { normalize as normalizeWindows } from "@std/path/windows/normalize";
import { resolve as resolveWindows } from "@std/path/windows/resolve";

/** A path that doesn't depend on the working directory or the current drive. */
const ABSOLUTE_ON_WINDOWS = /^(?:[A-Za-z]:[\\/]|[\\/]{2})/;

/**
 * Converts a `file:` URL to a path.
 *
 * @param url The URL.
 * @param os The system, as in `Deno.build.os`.
 * @returns The path.
 * @throws {TypeError} If it is not a `file:` URL.
 */
export function fromFileUrl(url: URL, os: string): string {
  return os === "windows" ? fromWindowsUrl(url) : fromPosixUrl(url);
}

/**
 * Joins a folder and the name of an entry, and normalizes the result.
 *
 * @param folder The folder.
 * @param name The name.
 * @param os The system, as in `Deno.build.os`.
 * @returns The path.
 */
export function joinPath(folder: string, name: string, os: string): string {
  return os === "windows" ? joinWindows(folder, name) : joinPosix(folder, name);
}

/**
 * Removes "." and "..", and repeated separators.
 *
 * @param path The path.
 * @param os The system, as in `Deno.build.os`.
 * @returns The path.
 */
export function normalizePath(path: string, os: string): string {
  return os === "windows" ? normalizeWindows(path) : normalizePosix(path);
}

/**
 * Makes a path absolute and normalizes it.
 *
 * @param path The path.
 * @param os The system, as in `Deno.build.os`.
 * @param cwd Returns the working directory; called only if the path depends on it.
 * @returns The path, without a trailing separator.
 */
export function absolutePath(
  path: string,
  os: string,
  cwd: () => string,
): string {
  if (os === "windows") {
    return ABSOLUTE_ON_WINDOWS.test(path)
      ? resolveWindows(path)
      : resolveWindows(cwd(), path);
  }
  return path.startsWith("/") ? resolvePosix(path) : resolvePosix(cwd(), path);
}
