// The values of Content-Range (RFC 9110 §14.4).

import type { ByteSlice } from "./range.ts";

/**
 * Formats the Content-Range of a 206.
 *
 * @param slice The slice; its length is not 0.
 * @param size The size of the whole file in bytes.
 * @returns The field's value.
 *
 * @example The first five of ten bytes
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(contentRange({ start: 0, length: 5 }, 10), "bytes 0-4/10");
 * ```
 */
export function contentRange(slice: ByteSlice, size: number): string {
  return `bytes ${slice.start}-${slice.start + slice.length - 1}/${size}`;
}

/**
 * Formats the Content-Range of a 416, which has only the size.
 *
 * @param size The size of the whole file in bytes.
 * @returns The field's value.
 *
 * @example A file of ten bytes
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(unsatisfiedRange(10), "bytes *\/10");
 * ```
 */
export function unsatisfiedRange(size: number): string {
  return `bytes */${size}`;
}
