// Files and folders whose names begin with a dot: keys, histories, repositories. They are
// hidden as if they were not there.

import { beginsWithDot } from "../../../text/file_names.ts";

/** What is done about names that begin with a dot. */
export type HiddenPolicy =
  /** They are 404, and in no listing; `.well-known` at the root is excepted (RFC 8615). */
  | "deny"
  /** They are files as all others. */
  | "allow";

const WELL_KNOWN = ".well-known";

/**
 * Tells whether a path leads to or through something hidden.
 *
 * @param segments The names from the root down, decoded and without "." and "..": the
 * same that the file is opened by, so that no other spelling gets past.
 * @param policy What is done about names that begin with a dot.
 * @returns Whether to answer as if it were not there.
 *
 * @example A repository, and what the RFC wants to be found
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
  return policy === "deny" &&
    segments.some((name, depth) =>
      beginsWithDot(name) && !(depth === 0 && name === WELL_KNOWN)
    );
}
