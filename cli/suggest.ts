// Suggests names for a mistyped one.

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
    .map((name) => ({ name, changes: changesBetween(typed, name) }))
    .filter(({ changes }) => changes < TOO_FAR)
    .sort((a, b) => a.changes - b.changes);
  return ranked[0]?.name;
}

/** Counts the letters to add, remove or replace (Levenshtein distance). */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
