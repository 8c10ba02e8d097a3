// Dotfiles, such as keys, histories and repositories. If hidden, they seem not to exist.

import { beginsWithDot } from "../../../text/file_names.ts";

/** Whether dotfiles are served. */
export type HiddenPolicy =
  /** They are 404 and not listed, except `.well-known` in the root (RFC 8615). */
  | "deny"
  /** They are served like other files. */
  | "allow";

const WELL_KNOWN = ".well-known";

/** Files that are being uploaded are hidden in any case. */
const UNFINISHED = ".httpserver-";

/**
 * Whether a path is hidden or contains a hidden folder.
 *
 * @param segments The decoded names from the root, without "." and "..". They must be
 * those that the file is opened with, so that no other spelling bypasses the check.
 * @param policy Whether dotfiles are served.
 * @returns Whether to respond as if the path didn't exist.
 *
 * @example A repository, and a well-known URI
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isHidden([".git", "config"], "deny"));
 * assertFalse(isHidden([".well-known", "security.txt"], "deny"));
 * assertFalse(isHidden([".git", "config"], "allow"));
 * ```
 */
export function isHidden(
  segments: readonly string[],
  policy: HiddenPolicy,
): boolean {
  return segments.some((name, depth) =>
    policy === "deny"
      ? beginsWithDot(name) && !(depth === 0 && name === WELL_KNOWN)
      : name.startsWith(UNFINISHED)
  );
}
