// Dates of entries as ISO 8601. toISOString() takes a third of the time of a listing, so it
// is called once per day: neighbouring entries often have the same date.

import { twoDigits } from "../../../text/log_text.ts";

/** The range of a Date, in milliseconds before and after 1970 (ECMA-262 §21.4.1.1). */
const LIMIT = 8.64e15;
const DAY = 86_400_000;

/** The last day that was formatted, in days since 1970, and its text up to the "T". */
let lastDay = 0;
let lastText = "1970-01-01T";

/**
 * Formats a date in UTC, with milliseconds.
 *
 * @param mtimeMs Milliseconds since 1970; fractions are dropped.
 * @returns Such as `2026-01-02T03:04:05.678Z`; `undefined` if it is not a valid date.
 */
export function isoDate(mtimeMs: number | undefined): string | undefined {
  if (mtimeMs === undefined || !(Math.abs(mtimeMs) <= LIMIT)) return undefined;
  const whole = Math.floor(mtimeMs);
  const day = Math.floor(whole / DAY);
  if (day !== lastDay) {
    lastText = new Date(day * DAY).toISOString().slice(0, -13);
    lastDay = day;
  }
  const rest = whole - day * DAY;
  const hours = Math.floor(rest / 3_600_000);
  const minutes = Math.floor(rest / 60_000) % 60;
  const seconds = Math.floor(rest / 1000) % 60;
  const milliseconds = String(rest % 1000).padStart(3, "0");
  return `${lastText}${twoDigits(hours)}:${twoDigits(minutes)}:${
    twoDigits(seconds)
  }.${milliseconds}Z`;
}
