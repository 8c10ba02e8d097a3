// What a path leads to, and what an error about a file means: it is missing, the process
// may not read it, or it can't be read just now.

const { errors } = Deno;

/** Codes of the operating system that say nothing about the file itself. */
const UNAVAILABLE: ReadonlySet<unknown> = new Set([
  "EAGAIN",
  "EBUSY",
  "EHOSTDOWN",
  "EINTR",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOLINK",
  "ENOMEM",
  "ENOTCONN",
  "EREMOTEIO",
  "ESTALE",
  "ETIMEDOUT",
]);

/**
 * Looks up what a path leads to.
 *
 * @param path The path.
 * @returns What is there; `null` if nothing is, or the process may not look.
 * @throws {Error} It can't be found out just now, or a permission of Deno's is missing.
 */
export function statSync(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (isMissing(error) || isDenied(error)) return null;
    throw error;
  }
}

/**
 * Whether an error says that there is no such file: its name may be impossible, too.
 *
 * @param error The error in question.
 * @returns `false` for anything that may be otherwise later.
 */
export function isMissing(error: unknown): boolean {
  return isFileError(error) && !isDenied(error);
}

/**
 * Whether an error says that the operating system doesn't let the process read a file.
 *
 * @param error The error in question.
 * @returns `false` for a missing permission of Deno's, which the user must hear of.
 */
export function isDenied(error: unknown): boolean {
  return error instanceof errors.PermissionDenied;
}

/**
 * Whether an error says that a file can't be read just now, such as for lack of file
 * descriptors or memory.
 *
 * @param error The error in question.
 * @returns `true` if a later attempt may succeed.
 */
export function isUnavailable(error: unknown): boolean {
  return error instanceof Error &&
    (("code" in error && UNAVAILABLE.has(error.code)) ||
      error instanceof errors.TimedOut || error instanceof errors.Busy);
}

/**
 * Whether an error says that there is no such file for this client.
 *
 * @param error The error in question.
 * @returns `false` for a missing permission of Deno's, which the user must hear of.
 */
export function isFileError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof errors.NotCapable) &&
    !isUnavailable(error);
}
