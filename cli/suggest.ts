// Suggests names for a mistyped one.

import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** The most changes between similar names. */
const MAX_CHANGES = 2;

/** The most changes for each letter; names that differ more are unrelated. */
const MAX_SHARE = 1 / 3;

/**
 * Finds the most similar name.
 *
 * @param typed The mistyped name.
 * @param names The valid names.
 * @returns The name that takes the fewest changes: at most two, and at most one for every
 * three letters. Otherwise `undefined`.
 *
 * @example An extra letter
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(suggest("corss", ["cors", "cache"]), "cors");
 * ```
 */
export function suggest(
  typed: string,
  names: readonly string[],
): string | undefined {
  const ranked = names
    .map((name) => ({ name, changes: levenshteinDistance(typed, name) }))
    .filter(({ name, changes }) =>
      changes <= MAX_CHANGES &&
      changes <= MAX_SHARE * Math.max(typed.length, name.length)
    )
    .sort((a, b) => a.changes - b.changes);
  return ranked[0]?.name;
}
