// Stats files and classifies file errors: the file is missing (404), access is denied (404), or
// the system can't read it at the moment (503).

import { isDisconnect, isTimeout } from "../connection/errors.ts";
import { SETTLED } from "../cache/settled.ts";
import { currentTurn } from "../connection/turn.ts";
import { isDenoError } from "../connection/runtime.ts";
import { EXHAUSTED_CODES } from "../connection/exhausted.ts";

/** Deno's error classes for a path that is not a file. */
const MISSING_CLASSES = [
  "NotFound",
  "NotADirectory",
  "IsADirectory",
  "FilesystemLoop",
  "InvalidData",
] as const;

/** The same as error codes; ENAMETOOLONG has no class. */
const MISSING_CODES: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
]);

/**
 * Codes for a system that is out of resources, or for a failing disk. Any other code may be from
 * a network call that a handler made.
 */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set([
  ...EXHAUSTED_CODES,
  "EDQUOT",
  "EIO",
  "ENOSPC",
]);

/** Errors thrown by file operations. For rare causes, such as ESTALE, Deno sets neither class nor code. */
const fileErrors = new WeakSet<object>();

/**
 * Stats a path, following symlinks.
 *
 * @param path The path.
 * @returns The file's info; `null` if the file is missing or access to it is denied.
 * @throws {Deno.errors.NotCapable} If Deno's permissions don't allow it.
 * @throws {Error} If the system can't stat it at the moment; see `isUnavailable()`.
 */
export function statSync(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw markFileError(error);
  }
}

/**
 * Stats an open file. Deno can't do that for files inside an executable (`deno compile`). Those
 * never change, so it stats their path.
 *
 * @param file The open file.
 * @param path Its path.
 * @returns The file's info.
 * @throws {Error} If the system can't stat it.
 */
export function statOpenedSync(file: Deno.FsFile, path: string): Deno.FileInfo {
  try {
    return file.statSync();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
    return Deno.statSync(path);
  }
}

/**
 * Stats an open file, as `statOpenedSync()`.
 *
 * @param file The open file.
 * @param path Its path.
 * @returns The file's info.
 * @throws {Error} If the system can't stat it.
 */
export async function statOpened(
  file: Deno.FsFile,
  path: string,
): Promise<Deno.FileInfo> {
  try {
    return await file.stat();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
    return await Deno.stat(path);
  }
}

/**
 * Returns when a file was modified.
 *
 * @param info The file's info.
 * @returns Milliseconds since the epoch; `null` if the file system doesn't say. Those inside an
 * executable and in some container images have no times, or 0 for all.
 */
export function modifiedAt(
  { mtime }: Pick<Deno.FileInfo, "mtime">,
): number | null {
  return mtime?.getTime() || null;
}

/**
 * Whether a file or folder last changed so long ago that a further change would show in its times.
 *
 * @param info Its info.
 * @returns `false` if it has no times.
 */
export function isSettled(
  { mtime, ctime }: Pick<Deno.FileInfo, "mtime" | "ctime">,
): boolean {
  const modified = mtime?.getTime() ?? NaN;
  const changed = Math.max(modified, ctime?.getTime() ?? modified);
  return Date.now() - changed > SETTLED;
}

/** What `statInTurn()` has found in the turn `foundIn`. */
const found = new Map<string, Deno.FileInfo | null>();
let foundIn = 0;

/**
 * Stats a path once for all requests of a turn.
 *
 * @param path The path.
 * @returns As `statSync()`. Don't modify it.
 * @throws {Error} As `statSync()`.
 */
export function statInTurn(path: string): Deno.FileInfo | null {
  const turn = currentTurn();
  if (turn !== foundIn) {
    found.clear();
    foundIn = turn;
  }
  let info = found.get(path);
  if (info === undefined) found.set(path, info = statSync(path));
  return info;
}

/**
 * Marks an error as thrown by a file operation, so that `isUnavailable()` recognizes it even
 * without a class or code.
 *
 * @param error The error.
 * @returns The same error.
 */
export function markFileError<E>(error: E): E {
  if (error instanceof Error) fileErrors.add(error);
  return error;
}

/**
 * Whether an error means that a path is not a file: it doesn't exist, a parent is not a directory,
 * its symlinks form a loop, or the path is too long or contains NUL.
 *
 * @param error The error.
 * @returns `true` for 404.
 */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isDenoError(error, ...MISSING_CLASSES)) return true;
  const code = codeOf(error);
  if (code === undefined) return false;
  // EINVAL: a NUL, or a character that the file system does not allow in names.
  return MISSING_CODES.has(code) ||
    (code === "EINVAL" && error instanceof TypeError);
}

/**
 * Whether an error means that the operating system denies access to a file (EACCES, EPERM).
 *
 * @param error The error.
 * @returns `false` for a missing Deno permission, which the user has to grant.
 */
export function isDenied(error: unknown): boolean {
  if (isDenoError(error, "PermissionDenied")) return true;
  // Errors of node:fs have no classes.
  const code = error instanceof Error ? codeOf(error) : undefined;
  return code === "EACCES" || code === "EPERM";
}

/**
 * Whether an error means that a file is missing or access to it is denied.
 *
 * @param error The error.
 * @returns `true` for 404.
 */
export function isAbsent(error: unknown): boolean {
  return isMissing(error) || isDenied(error);
}

/**
 * Whether an error means that a file is missing, denied, or excluded by Deno's permissions. Use it
 * for files below a directory that Deno may read.
 *
 * @param error The error.
 * @returns `true` for 404.
 */
export function isOutOfReach(error: unknown): boolean {
  return isAbsent(error) || isDenoError(error, "NotCapable");
}

/**
 * Whether an error means that a file can't be read at the moment: the system is out of file
 * descriptors or memory, or the disk or network storage fails. True for every error passed to
 * `markFileError()` that means neither missing nor denied, and for any error with one of
 * `UNAVAILABLE_CODES`.
 *
 * @param error The error.
 * @returns `true` for 503.
 */
export function isUnavailable(error: unknown): error is Error {
  if (
    !(error instanceof Error) || isDenoError(error, "NotCapable") ||
    isMissing(error) || isDenied(error) || isDisconnect(error) ||
    isTimeout(error)
  ) return false;
  if (fileErrors.has(error)) return true;
  const code = codeOf(error);
  return code !== undefined && UNAVAILABLE_CODES.has(code);
}

/** Returns the system error code, such as "EMFILE". */
function codeOf(error: Error): string | undefined {
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code)
    ? code
    : undefined;
}
