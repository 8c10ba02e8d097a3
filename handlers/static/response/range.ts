// The Range field (RFC 9110 §14.2). Malformed and abusive values are ignored, as §14.2
// permits: the whole file is always a correct response.

import { listMembers } from "../../../parser/syntax.ts";

/** A slice of a file. */
export interface ByteSlice {
  /** The offset of the first byte. */
  readonly start: number;
  /** How many bytes; never 0. */
  readonly length: number;
}

/** The result of parsing a Range field for a file. */
export type RangeResult =
  /** The field is absent or ignored: send the whole file. */
  | { readonly kind: "none" }
  /** The file has none of the bytes: 416. */
  | { readonly kind: "unsatisfiable" }
  /** The slices to send, merged, in the order of the request: 206. */
  | { readonly kind: "slices"; readonly slices: readonly ByteSlice[] };

/**
 * The most ranges in a request. PDF and video readers request a handful; each costs a part
 * head and a seek.
 */
export const MAX_RANGES = 100;

/** Enough for that many ranges of two 16-digit numbers each, with white space. */
const MAX_LENGTH = 40 * MAX_RANGES;

const NONE: RangeResult = Object.freeze({ kind: "none" });
const UNSATISFIABLE: RangeResult = Object.freeze({ kind: "unsatisfiable" });

// Range units are case-insensitive (RFC 9110 §14.1).
const BYTES = /^bytes=/i;
const RANGE_SPEC = /^(\d*)-(\d*)$/;

/**
 * Parses a Range field for a file.
 *
 * Ranges that overlap or touch are merged (RFC 9110 §15.3.7.2), at the position of the
 * first. The field is ignored if its unit is not `bytes`, if a range is malformed, if there
 * are more than 100, or if they add up to more than the file: some bytes would be sent
 * twice, and sending the whole file costs less. It is also ignored for an empty file, since
 * `Content-Range` can't express that.
 *
 * @param value The field's value, `null` if it is absent.
 * @param size The file's size in bytes.
 * @returns What to send.
 *
 * @example The first five bytes and the last two
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseRange("bytes=0-4, -2", 10), {
 *   kind: "slices",
 *   slices: [{ start: 0, length: 5 }, { start: 8, length: 2 }],
 * });
 * assertEquals(parseRange("bytes=10-", 10), { kind: "unsatisfiable" });
 * assertEquals(parseRange("lines=1-2", 10), { kind: "none" });
 * ```
 */
export function parseRange(value: string | null, size: number): RangeResult {
  if (value === null || size === 0) return NONE;
  if (value.length > MAX_LENGTH || !BYTES.test(value)) return NONE;
  const specs = listMembers([value.slice("bytes=".length)]);
  if (specs.length === 0 || specs.length > MAX_RANGES) return NONE;

  const slices: ByteSlice[] = [];
  let total = 0;
  for (const spec of specs) {
    const slice = parseSpec(spec, size);
    if (slice === undefined) return NONE;
    if (slice.length === 0) continue;
    slices.push(slice);
    total += slice.length;
  }
  if (slices.length === 0) return UNSATISFIABLE;
  if (slices.length > 1 && total > size) return NONE;
  return { kind: "slices", slices: mergeSlices(slices) };
}

/**
 * Parses one range (RFC 9110 §14.1.2).
 *
 * @returns The slice, of length 0 if the file has none of its bytes; `undefined` if it is
 * malformed.
 */
function parseSpec(spec: string, size: number): ByteSlice | undefined {
  const found = RANGE_SPEC.exec(spec);
  if (found === null) return undefined;
  const [, first = "", last = ""] = found;
  if (first === "") {
    if (last === "") return undefined;
    // A suffix range: the last bytes of the file.
    const length = Math.min(toPosition(last), size);
    return { start: size - length, length };
  }
  const start = toPosition(first);
  if (last !== "" && isLess(last, first)) return undefined;
  const end = last === "" ? Infinity : toPosition(last);
  if (start >= size) return { start: size, length: 0 };
  return { start, length: Math.min(end, size - 1) - start + 1 };
}

/** Parses a number, limited to one that no file size reaches. */
function toPosition(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}

/** Compares two whole numbers by their digits: as numbers, large ones are rounded. */
function isLess(a: string, b: string): boolean {
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+/, ""));
  return left!.length === right!.length
    ? left! < right!
    : left!.length < right!.length;
}

/** Merges slices that overlap or touch, each at the position of its first. */
function mergeSlices(slices: readonly ByteSlice[]): readonly ByteSlice[] {
  if (slices.length === 1) return slices;
  const sorted = slices.map(({ start, length }, place) => ({
    start,
    end: start + length,
    place,
  })).sort((a, b) => a.start - b.start);
  const merged: typeof sorted = [];
  for (const next of sorted) {
    const before = merged.at(-1);
    if (before === undefined || next.start > before.end) {
      merged.push(next);
      continue;
    }
    before.end = Math.max(before.end, next.end);
    before.place = Math.min(before.place, next.place);
  }
  merged.sort((a, b) => a.place - b.place);
  return merged.map(({ start, end }) => ({ start, length: end - start }));
}
