// What a log line is made of: text that cannot break out of its line or drive a
// terminal, and the local time in the form of the common log format.

// All but printable ASCII without the backslash, and the characters from 0xa0.
const UNSAFE = /[^ -[\]-~\u00a0-\uffff]/;
const EACH_UNSAFE = /[^ -[\]-~\u00a0-\uffff]/g;

/** The names of months in logs and dates, January first. */
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

/** Escapes one character that must not stand in a log as it is. */
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
 * Escapes what a client could use to forge log lines or to steer a terminal: a
 * control character (C0, DEL, C1) becomes `\xNN`, and a backslash is doubled so
 * that the result is unambiguous. Everything from U+00A0 stays.
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
 * @returns Day, month and year, and the time of day.
 */
export function formatLogDate(date: Date): string {
  const day = twoDigits(date.getDate());
  const month = MONTHS[date.getMonth()];
  const year = String(date.getFullYear()).padStart(4, "0");
  return `${day}/${month}/${year} ${twoDigits(date.getHours())}:` +
    `${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`;
}
