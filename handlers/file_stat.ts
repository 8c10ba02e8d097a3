// Looks at files, and tells apart why that failed: the file is missing, the server may
// not read it, or it can't be read just now. Only the last is no fact about the file.

import { isDisconnect, isTimeout } from "../connection/errors.ts";

/** The classes of Deno's errors for a name that leads to no file. */
const MISSING_CLASSES = [
  Deno.errors.NotFound,
  Deno.errors.NotADirectory,
  Deno.errors.IsADirectory,
  Deno.errors.FilesystemLoop,
  Deno.errors.InvalidData,
];

/** The same by code: ENAMETOOLONG has no class of its own. */
const MISSING_CODES: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
]);

/**
 * Codes of a system that is short of something, or whose disk fails, whatever was called. Any
 * other code may be of a network call of the handler's own.
 */
const EXHAUSTED_CODES: ReadonlySet<string> = new Set([
  "EDQUOT",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "ENOSPC",
]);

/** Errors that a file operation threw. Deno gives those with a rare cause, such as ESTALE, neither class nor code. */
const fromFiles = new WeakSet<object>();

/**
 * Looks up what a path leads to.
 *
 * @param path The path.
 * @returns What is there; `null` if it is missing or the server may not look at it.
 * @throws {Deno.errors.NotCapable} If Deno's permissions don't allow it.
 * @throws {Error} If it can't be looked at just now; see `isUnavailable()`.
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
 * Marks an error as thrown by a file operation, so that `isUnavailable()` knows it even
 * if Deno has neither class nor code for its cause.
 *
 * @param error What the operation threw.
 * @returns The same error.
 */
export function markFileError<E>(error: E): E {
  if (error instanceof Error) fromFiles.add(error);
  return error;
}

/**
 * Whether an error says that a name leads to no file: nothing has that name, one of its
 * folders is a file, its links go in circles, or it is too long or holds a NUL.
 *
 * @param error The error in question.
 * @returns `true` for 404.
 */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (MISSING_CLASSES.some((kind) => error instanceof kind)) return true;
  const code = codeOf(error);
  if (code === undefined) return false;
  // EINVAL: a NUL, or a character that this file system has in no name.
  return MISSING_CODES.has(code) ||
    (code === "EINVAL" && error instanceof TypeError);
}

/**
 * Whether an error says that the system doesn't let the server read a file (EACCES, EPERM).
 *
 * @param error The error in question.
 * @returns `false` for a missing permission of Deno's, which the user has to give.
 */
export function isDenied(error: unknown): boolean {
  if (error instanceof Deno.errors.PermissionDenied) return true;
  // node:fs has no classes.
  const code = error instanceof Error ? codeOf(error) : undefined;
  return code === "EACCES" || code === "EPERM";
}

/**
 * Whether an error says that there is no such file for a client: it is missing or denied.
 *
 * @param error The error in question.
 * @returns `true` for 404.
 */
export function isAbsent(error: unknown): boolean {
  return isMissing(error) || isDenied(error);
}

/**
 * Whether an error says that there is no such file for a client of a folder that Deno may
 * read: it is missing, denied, or excluded from Deno's permissions.
 *
 * @param error The error in question.
 * @returns `true` for 404.
 */
export function isOutOfReach(error: unknown): boolean {
  return isAbsent(error) || error instanceof Deno.errors.NotCapable;
}

/**
 * Whether an error says that a file can't be read just now: the system is out of
 * descriptors or memory, or the disk or network storage fails. Of errors that
 * `markFileError()` knows, this is every one that is neither missing nor denied; of others,
 * only those with a code of exhaustion.
 *
 * @param error The error in question.
 * @returns `true` for 503.
 */
export function isUnavailable(error: unknown): error is Error {
  if (
    !(error instanceof Error) || error instanceof Deno.errors.NotCapable ||
    isMissing(error) || isDenied(error) || isDisconnect(error) ||
    isTimeout(error)
  ) return false;
  if (fromFiles.has(error)) return true;
  const code = codeOf(error);
  return code !== undefined && EXHAUSTED_CODES.has(code);
}

/**
 * Whether an error is a fact about a file, and no reason to fail: it is missing, denied,
 * or no longer the one that was looked at.
 *
 * @param error The error in question.
 * @returns `false` for what can't be read just now, and for a missing permission of Deno's.
 */
export function isFileError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof Deno.errors.NotCapable) &&
    !isUnavailable(error);
}

/** The system's code, such as "EMFILE". */
function codeOf(error: Error): string | undefined {
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code)
    ? code
    : undefined;
}
