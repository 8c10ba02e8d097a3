// Orders strings by code point, like Python. JavaScript's "<" compares UTF-16 code units,
// which sorts U+E000..U+FFFF after the characters above U+FFFF.

/**
 * Compares two strings by code points, for `Array.sort()`.
 *
 * @param a The first string.
 * @param b The second string.
 * @returns A negative number if `a` comes first, a positive one if `b` does, 0 if they are
 * equal.
 */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let index = 0;
  while (index < shorter && a.charCodeAt(index) === b.charCodeAt(index)) {
    index++;
  }
  if (index === shorter) return a.length - b.length;
  // The code units may differ in the second half of a surrogate pair, so first compare the
  // characters that may begin one unit earlier.
  const before = Math.max(index - 1, 0);
  const difference = a.codePointAt(before)! - b.codePointAt(before)!;
  return difference || a.codePointAt(index)! - b.codePointAt(index)!;
}
