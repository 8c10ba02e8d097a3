// Field lines in a header block that stays one string. `findValue()` looks up one name
// without splitting the rest, which is all most requests need. Both functions follow the
// same rules, also on an unchecked block: a line is a name, its first colon and a value;
// lines without a colon are ignored.

import { trimOws } from "./syntax.ts";

const CR = 0x0d;
const COLON = 0x3a;

/** The bit in which upper and lower case differ. */
const CASE_BIT = 0x20;

/**
 * Returns the start of the value of the first field with a name. Names are compared only on
 * lines whose first letter and colon match.
 *
 * @param block The block.
 * @param key The name in lower case.
 * @param lineStart The index of the line to start at.
 * @returns The index after the colon, -1 if there is no such field.
 */
export function findValue(
  block: string,
  key: string,
  lineStart: number,
): number {
  const first = key.charCodeAt(0) | CASE_BIT;
  for (
    let start = lineStart;
    start < block.length;
    start = nextLine(block, start)
  ) {
    const colon = start + key.length;
    if (
      (block.charCodeAt(start) | CASE_BIT) === first &&
      block.charCodeAt(colon) === COLON &&
      block.slice(start, colon).toLowerCase() === key
    ) {
      // A name can't contain a colon or a line end.
      return /[:\n]/.test(key) ? -1 : colon + 1;
    }
  }
  return -1;
}

/**
 * Returns the start of the next line.
 *
 * @param block The block.
 * @param index Any index in a line.
 * @returns The start of the next line, or the length of the block.
 */
export function nextLine(block: string, index: number): number {
  const lineFeed = block.indexOf("\n", index);
  return lineFeed < 0 ? block.length : lineFeed + 1;
}

/**
 * Returns the value from an index to the end of its line, without the surrounding optional
 * white space, which is not part of it (RFC 9112 §5.1).
 *
 * @param block The block.
 * @param start The index after the colon.
 * @param lineFeed The index of the LF, or of the end of the block, if known.
 * @returns The value.
 */
export function valueAt(
  block: string,
  start: number,
  lineFeed: number = block.indexOf("\n", start),
): string {
  const end = lineFeed < 0 ? block.length : lineFeed;
  return trimOws(
    block,
    start,
    block.charCodeAt(end - 1) === CR ? end - 1 : end,
  );
}

/**
 * Splits a block into its fields.
 *
 * @param block The block.
 * @returns Names and values, in order.
 */
export function parseFields(
  block: string,
): (readonly [name: string, value: string])[] {
  const fields: (readonly [name: string, value: string])[] = [];
  let colon = -1;
  for (let start = 0, next = 0; start < block.length; start = next) {
    next = nextLine(block, start);
    // Search only if the last colon is before this line, so lines without one cost nothing.
    if (colon < start) colon = block.indexOf(":", start);
    if (colon < 0) break;
    if (colon < next) {
      fields.push([block.slice(start, colon), valueAt(block, colon + 1)]);
    }
  }
  return fields;
}
