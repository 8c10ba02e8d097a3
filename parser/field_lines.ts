// Field lines inside a header block that stays one string. One name can be looked
// up without splitting the rest, which is what most requests need; both ways go
// by the same rules, also on a block that nobody checked: a line is a name, its
// first colon and a value, and a line without colon is nothing.

import { trimOws } from "./syntax.ts";

const CR = 0x0d;
const COLON = 0x3a;

/** The bit in which the cases of a letter differ. */
const CASE_BIT = 0x20;

/**
 * Where the value of the first field of a name begins. Names are compared only on
 * lines where the first letter and the colon fit.
 *
 * @param block The block.
 * @param key The name in lower case.
 * @param lineStart The start of the line to begin with.
 * @returns The index behind the colon, -1 if there is no such field.
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
      // A name that is asked for with a colon or a line end in it is no name.
      return /[:\n]/.test(key) ? -1 : colon + 1;
    }
  }
  return -1;
}

/**
 * The start of the line behind an index.
 *
 * @param block The block.
 * @param index Any index in a line.
 * @returns Where the next line begins, the length of the block if there is none.
 */
export function nextLine(block: string, index: number): number {
  const lineFeed = block.indexOf("\n", index);
  return lineFeed < 0 ? block.length : lineFeed + 1;
}

/**
 * The value that begins at an index and goes to the end of its line, without the
 * optional white space around it, which is no part of it (RFC 9112 5.1).
 *
 * @param block The block.
 * @param start The index behind the colon.
 * @param lineFeed The index of the LF, or of the end of the block, if it is known.
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
 * All fields of a block.
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
    // Searched for only when it lies behind, so that lines without one cost nothing.
    if (colon < start) colon = block.indexOf(":", start);
    if (colon < 0) break;
    if (colon < next) {
      fields.push([block.slice(start, colon), valueAt(block, colon + 1)]);
    }
  }
  return fields;
}
