// The name that somebody may have meant.

/** From so many differences on, two names have nothing to do with each other. */
const TOO_FAR = 3;

/**
 * Finds the name that is most like another one.
 *
 * @param typed What was typed.
 * @param names The names there are.
 * @returns The one that takes the fewest changes, up to two; `undefined` for none.
 *
 * @example A letter too many
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

/** How many letters are to be added, removed or replaced (Levenshtein). */
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
