// Human-readable sizes.

const UNITS = ["kB", "MB", "GB", "TB", "PB"] as const;
const BEFORE_THOUSANDS = /\B(?=(?:\d{3})+$)/g;

/**
 * Formats a size by powers of 1000, with two significant digits or more.
 *
 * @param bytes The size in bytes, not negative.
 * @returns A text such as `999 B`, `1.2 kB` or `34 MB`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(humanSize(1234), "1.2 kB");
 * ```
 */
export function humanSize(bytes: number): string {
  if (bytes < 1000) return bytes + " B";
  let unit = 0;
  let value = bytes / 1000;
  // 999.5 would be rounded to 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  // 9.95 would be rounded to 10.0.
  const digits = value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value);
  const text = value < 9.95 && Number.isInteger(digits)
    ? digits + ".0"
    : digits;
  return `${text} ${UNITS[unit]}`;
}

/**
 * Formats an integer with thousands separators.
 *
 * @param value The number, not negative.
 * @returns A text such as `1,234,567`.
 */
export function grouped(value: number): string {
  const digits = String(value);
  return digits.length < 4 ? digits : digits.replace(BEFORE_THOUSANDS, ",");
}
