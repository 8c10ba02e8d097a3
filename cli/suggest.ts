// Suggests names for a mistyped one.

import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** From this many differences on, two names are unrelated. */
const TOO_FAR = 3;

/**
 * Finds the most similar name.
 *
 * @param typed The mistyped name.
 * @param names The valid names.
 * @returns The name that takes the fewest changes, at most two; `undefined` if there is
 * none.
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
    .filter(({ changes }) => changes < TOO_FAR)
    .sort((a, b) => a.changes - b.changes);
  return ranked[0]?.name;
}
