// Natural sort order: "Photo 2" before "photo 10", "éclair" under "e".

const BEYOND_ASCII = /[\u0080-\uffff]/;
const DIGIT = /[0-9]/;
const DIGITS = /[0-9]+/g;
// Only accents of Latin, Greek and Cyrillic letters: in other scripts, vowels are marks too.
const ACCENTS = /[\u0300-\u036f]+/g;

/**
 * Turns a name into a sort key for natural order: ignoring case and accents, and comparing
 * digits by their value, however many there are.
 *
 * Names that differ only in case or accents have the same key.
 *
 * @param name The name.
 * @returns The key, to be compared with `<`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(naturalKey("Photo 2") < naturalKey("photo 10"));
 * ```
 */
export function naturalKey(name: string): string {
  let key = name.toLowerCase();
  if (BEYOND_ASCII.test(key)) key = key.normalize("NFKD").replace(ACCENTS, "");
  return DIGIT.test(key) ? key.replace(DIGITS, numberKey) : key;
}

/** A number with fewer digits is smaller, so the count of digits goes first, as one character. */
function numberKey(digits: string): string {
  const value = digits.replace(/^0+(?=.)/, "");
  return "0" + String.fromCharCode(Math.min(value.length, 0xffff)) + value;
}
