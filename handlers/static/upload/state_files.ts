// Removes files, and tells errors of the system from bugs.

import { isMissing } from "../../file_stat.ts";

/**
 * Removes a file.
 *
 * @param path The file.
 */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/**
 * Whether the system refused something, or Deno did.
 *
 * @param error What was thrown.
 * @returns `false` for a bug.
 */
export function isSystemError(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable ||
    (error instanceof Error && ("code" in error || isMissing(error) ||
      error instanceof Deno.errors.PermissionDenied));
}
