// Ordering of text by code point, as Python has it. JavaScript's "<" compares
// UTF-16 units, which puts U+E000..U+FFFF behind the characters above U+FFFF.

/**
 * Compares two texts by Unicode code points, for use with `Array.sort`.
 *
 * @param a One text.
 * @param b The other text.
 * @returns A negative number if `a` comes first, a positive one if `b` does,
 * and 0 if they are equal.
 */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let index = 0;
  while (index < shorter && a.charCodeAt(index) === b.charCodeAt(index)) {
    index++;
  }
  if (index === shorter) return a.length - b.length;
  // The difference may be in the second half of a surrogate pair, so the
  // character that the unit before begins decides first.
  const before = Math.max(index - 1, 0);
  const difference = a.codePointAt(before)! - b.codePointAt(before)!;
  return difference || a.codePointAt(index)! - b.codePointAt(index)!;
}
