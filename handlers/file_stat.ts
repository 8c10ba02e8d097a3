// What a path leads to, with all that can go wrong told apart from what must be heard of.

/**
 * Looks up what a path leads to.
 *
 * @param path The path.
 * @returns What is there; `null` where nothing can be found out.
 * @throws {Deno.errors.NotCapable} Where the program may not look.
 */
export function statSync(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (isFileError(error)) return null;
    throw error;
  }
}

/**
 * Whether an error says that there is no such file for this client: all of Python's
 * `OSError`. A NUL in the name is a `TypeError`, and some codes have no class of their own.
 *
 * @param error The error in question.
 * @returns `false` for a missing permission of Deno's, which the user must hear of.
 */
export function isFileError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof Deno.errors.NotCapable);
}
