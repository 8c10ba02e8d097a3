// The parts of a log line: text that can't break out of its line or control a terminal, and
// the local time in common log format.

// Everything except printable ASCII without the backslash, and U+00A0 and above.
const UNSAFE = /[^ -[\]-~\u00a0-\uffff]/;
const EACH_UNSAFE = /[^ -[\]-~\u00a0-\uffff]/g;

/** The names of months, January first. */
export const MONTHS: readonly string[] = Object.freeze([
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
]);

/** The same, January at index 1. */
export const MONTHS_FROM_ONE: readonly (string | null)[] = Object.freeze([
  null,
  ...MONTHS,
]);

/** Weekday names, Monday first. */
export const WEEKDAYS: readonly string[] = Object.freeze([
  "Mon",
  "Tue",
  "Wed",
  "Thu",
  "Fri",
  "Sat",
  "Sun",
]);

/** Escapes one unsafe character. */
function escapeOne(character: string): string {
  if (character === "\\") return "\\\\";
  return "\\x" + character.charCodeAt(0).toString(16).padStart(2, "0");
}

/**
 * Formats a number below 100 with two digits.
 *
 * @param value The number.
 * @returns The digits, such as "07".
 */
export function twoDigits(value: number): string {
  return value < 10 ? "0" + value : String(value);
}

/**
 * Escapes characters that could forge log lines or control a terminal: control characters
 * (C0, DEL, C1) become `\xNN`, and backslashes are doubled so that the result is
 * unambiguous. U+00A0 and above stay.
 *
 * @param text The text to escape.
 * @returns The text on one line, without control characters.
 */
export function escapeControls(text: string): string {
  return UNSAFE.test(text) ? text.replace(EACH_UNSAFE, escapeOne) : text;
}

/**
 * Formats a date for the log in local time, such as "22/Nov/2026 16:23:31".
 *
 * @param date The date.
 * @returns The day, month and year, and the time of day.
 */
export function formatLogDate(date: Date): string {
  const day = twoDigits(date.getDate());
  const month = MONTHS[date.getMonth()];
  const year = String(date.getFullYear()).padStart(4, "0");
  return `${day}/${month}/${year} ${twoDigits(date.getHours())}:` +
    `${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`;
}
