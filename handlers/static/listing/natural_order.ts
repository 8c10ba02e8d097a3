// Natural sort order: "Photo 2" before "photo 10", "éclair" under "e".

const BEYOND_ASCII = /[\u0080-\uffff]/;
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
  return withNumberKeys(key);
}

/**
 * Writes the count of its digits before each number, as one character: a number with fewer
 * digits is smaller. A loop, since it takes half the time of a regular expression.
 */
function withNumberKeys(key: string): string {
  const { length } = key;
  let [made, copied] = ["", 0];
  for (let at = 0; at < length; at++) {
    if (!isDigit(key.charCodeAt(at))) continue;
    let [start, end] = [at, at + 1];
    while (end < length && isDigit(key.charCodeAt(end))) end++;
    while (start < end - 1 && key.charCodeAt(start) === ZERO) start++;
    const count = String.fromCharCode(Math.min(end - start, 0xffff));
    made += key.slice(copied, at) + "0" + count + key.slice(start, end);
    copied = at = end;
  }
  return copied === 0 ? key : made + key.slice(copied);
}

/** The code of "0". */
const ZERO = 0x30;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}
