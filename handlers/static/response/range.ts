// The Range field (RFC 9110, 14.2): which slices of a file a request asks for. What
// is malformed, or so costly that it can only be an attack, is ignored, as 14.2 lets a
// server do: the answer is then the whole file, which is always a right one.

import { listMembers } from "../../../parser/syntax.ts";

/** A run of bytes of a file. */
export interface ByteSlice {
  /** The offset of the first byte. */
  readonly start: number;
  /** How many bytes; never 0. */
  readonly length: number;
}

/** What a Range field comes to for one file. */
export type RangeResult =
  /** There is none, or it is ignored: the whole file. */
  | { readonly kind: "none" }
  /** No byte that it names exists: 416. */
  | { readonly kind: "unsatisfiable" }
  /** What to send, merged, in the order of the request: 206. */
  | { readonly kind: "slices"; readonly slices: readonly ByteSlice[] };

/**
 * How many ranges a request may name. Readers of PDF and video ask for a handful;
 * each one costs a part head and a seek.
 */
export const MAX_RANGES = 100;

/** Room for that many ranges of two 16-digit numbers each, and for blanks between them. */
const MAX_LENGTH = 40 * MAX_RANGES;

const NONE: RangeResult = Object.freeze({ kind: "none" });
const UNSATISFIABLE: RangeResult = Object.freeze({ kind: "unsatisfiable" });

// The names of range units are case-insensitive (14.1).
const BYTES = /^bytes=/i;
const RANGE_SPEC = /^(\d*)-(\d*)$/;

/**
 * Reads a Range field for a file of a given size.
 *
 * Ranges that overlap or touch are merged (15.3.7.2); the merged one stands where the
 * first of them stood. A field is ignored if its unit is not `bytes`, if any of its
 * ranges is malformed, if it names more than 100, or if they add up to more than the
 * file: that asks for some bytes twice, and sending the file once costs less. So is any
 * field for an empty file, of which `Content-Range` could name no byte.
 *
 * @param value The field's value, `null` where it is absent.
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
 * Reads one range (14.1.2).
 *
 * @returns The slice, of length 0 if the file has none of its bytes; `undefined` if it
 * is no range.
 */
function parseSpec(spec: string, size: number): ByteSlice | undefined {
  const found = RANGE_SPEC.exec(spec);
  if (found === null) return undefined;
  const [, first = "", last = ""] = found;
  if (first === "") {
    if (last === "") return undefined;
    // A suffix: as many bytes as there are, counted from the end.
    const length = Math.min(toPosition(last), size);
    return { start: size - length, length };
  }
  const start = toPosition(first);
  const end = last === "" ? Infinity : toPosition(last);
  if (end < start) return undefined;
  if (start >= size) return { start: size, length: 0 };
  return { start, length: Math.min(end, size - 1) - start + 1 };
}

/** Reads digits; what no file can reach becomes one number that none reaches. */
function toPosition(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}

/** Merges slices that overlap or touch; each stays at its first one's place. */
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
