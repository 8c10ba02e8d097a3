// HTTP dates (RFC 9110 §5.6.7). Formatting uses the preferred form. Parsing has a fast path
// for that form and a slower one for everything else that Python's email.utils accepts.

import { MONTHS } from "./log_text.ts";

const SHORT_MONTHS = MONTHS.map((name) => name.toLowerCase());
const LONG_MONTHS =
  "january february march april may june july august september october november december"
    .split(" ");
const DAYS: ReadonlySet<string> = new Set(
  "mon tue wed thu fri sat sun".split(" "),
);
const UTC_NAMES: ReadonlySet<string> = new Set(["UT", "UTC", "GMT", "Z"]);
const OTHER_ZONES: ReadonlySet<string> = new Set(
  "AST ADT EST EDT CST CDT MST MDT PST PDT".split(" "),
);

const PREFERRED =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z][a-z]) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;

/** The three forms that a recipient must accept (RFC 9110 §5.6.7). */
const FORMS = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z][a-z]-\d\d \d\d:\d\d:\d\d GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
];

// White space in Python includes the separators U+001C to U+001F and U+0085, but not
// U+FEFF.
// deno-lint-ignore no-control-regex
const SPACES = /[\t-\r\x1c-\x20\u0085\p{Z}]+/u;
const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const STARTS_WITH_DIGIT = /^[\d\u00b2\u00b3\u00b9]/;

// Python doesn't parse longer numbers.
const MAX_DIGITS = 4300;

/** The fields of a date as text. `zone` may be empty. */
interface DateFields {
  day: string;
  month: string;
  year: string;
  time: string;
  zone: string;
}

/** Parses an integer like Python's `int()`. */
function readInteger(text: string): number | undefined {
  if (!INTEGER.test(text)) return undefined;
  const digits = text.replaceAll("_", "");
  const count = digits.length - (/^[+-]/.test(digits) ? 1 : 0);
  return count > MAX_DIGITS ? undefined : Number(digits);
}

/** Returns the seconds since the epoch, or `undefined` if there is no such date or time. */
function toSeconds(
  year: number,
  month: number,
  day: number,
  [hour, minute, second]: readonly [number, number, number],
): number | undefined {
  if (!(year >= 1 && year <= 9999)) return undefined;
  if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59)) {
    return undefined;
  }
  if (!(second >= 0 && second <= 59)) return undefined;
  const date = new Date(0);
  // Date.UTC() would take a year below 100 as one of the 20th century.
  date.setUTCFullYear(year, month, day);
  // A day that doesn't exist has moved to another month.
  if (date.getUTCDate() !== day || date.getUTCMonth() !== month) {
    return undefined;
  }
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

/** Removes a comma from the end. */
function dropComma(text: string): string {
  return text.endsWith(",") ? text.slice(0, -1) : text;
}

/** Splits the text into words, without the name of the day. */
function splitWords(text: string): string[] {
  const words = text.split(SPACES).filter((word) => word !== "");
  const first = words[0];
  if (first === undefined) return words;
  if (first.endsWith(",") || DAYS.has(first.toLowerCase())) {
    return words.slice(1);
  }
  // The space after the comma may be missing: "Sun,06 Nov 1994 ...".
  return [first.slice(first.lastIndexOf(",") + 1), ...words.slice(1)];
}

/** Splits or joins the words to five: RFC 850 joins the first three, others the last two. */
function splitFields(text: string): string[] {
  let words = splitWords(text);
  if (words.length === 3) {
    const parts = words[0]!.split("-", 4);
    if (parts.length === 3) words = [...parts, ...words.slice(1)];
  }
  if (words.length !== 4) return words.slice(0, 5);
  const last = words[3]!;
  const plus = last.indexOf("+");
  const sign = plus >= 0 ? plus : last.indexOf("-");
  if (sign <= 0) return [...words, ""];
  return [...words.slice(0, 3), last.slice(0, sign), last.slice(sign)];
}

/** Returns the number of a month, from 0, by its English name or abbreviation. */
function monthNumber(name: string): number {
  const short = SHORT_MONTHS.indexOf(name.toLowerCase());
  return short >= 0 ? short : LONG_MONTHS.indexOf(name.toLowerCase());
}

/** Assigns the fields of a date, whose order differs between the formats. */
function arrange(words: readonly string[]): DateFields | undefined {
  let [day = "", month = "", year = "", time = "", zone = ""] = words;
  if (words.length < 5 || day === "" || month === "" || year === "") {
    return undefined;
  }
  if (monthNumber(month) < 0) [day, month] = [month, day];
  // asctime puts the time before the year.
  if (year.indexOf(":") > 0) [year, time] = [time, year];
  year = dropComma(year);
  if (year === "") return undefined;
  if (!STARTS_WITH_DIGIT.test(year)) [year, zone] = [zone, year];
  return { day: dropComma(day), month, year, time: dropComma(time), zone };
}

/** Parses "hh:mm" or "hh:mm:ss", also with dots. */
function readTime(text: string): readonly [number, number, number] | undefined {
  let parts = text.split(":", 4);
  if (parts.length === 1) parts = text.split(".", 4);
  if (parts.length !== 2 && parts.length !== 3) return undefined;
  if (parts.length === 2) parts.push("0");
  const [hour, minute, second] = parts.map(readInteger);
  if (hour === undefined || minute === undefined || second === undefined) {
    return undefined;
  }
  return [hour, minute, second];
}

/** Whether a zone is UTC, or unknown to Python and thus treated as UTC. */
function isUtc(zone: string): boolean {
  const name = zone.toUpperCase();
  if (UTC_NAMES.has(name)) return true;
  if (OTHER_ZONES.has(name)) return false;
  const offset = readInteger(name);
  return offset === undefined || offset === 0;
}

/** Parses a date in any form except the preferred one. */
function parseLoosely(text: string): number | undefined {
  const fields = arrange(splitFields(text));
  if (fields === undefined || !isUtc(fields.zone)) return undefined;
  const month = monthNumber(fields.month);
  const day = readInteger(fields.day);
  const year = readInteger(fields.year);
  const time = readTime(fields.time);
  if (month < 0 || day === undefined || year === undefined) return undefined;
  if (time === undefined) return undefined;
  // Two-digit years mean 1969 to 2068, as in POSIX.
  const century = year >= 100 ? 0 : year > 68 ? 1900 : 2000;
  return toSeconds(year + century, month, day, time);
}

/**
 * Formats a time as an HTTP date, such as "Sun, 06 Nov 1994 08:49:37 GMT".
 *
 * @param seconds Seconds since the epoch, rounded down.
 * @returns The date in the preferred format (RFC 9110 §5.6.7).
 * @throws {RangeError} If the number is out of range.
 */
export function formatHttpDate(seconds: number): string {
  const date = new Date(Math.floor(seconds) * 1000);
  if (Number.isNaN(date.getTime())) {
    throw new RangeError(`Cannot format as an HTTP date: ${seconds} seconds`);
  }
  return date.toUTCString();
}

/**
 * Parses an HTTP date in any form that Python's `parsedate_to_datetime` accepts: the
 * preferred one, RFC 850, asctime, and looser ones. The day's name is not checked. A
 * missing or unknown zone, and `-0000`, are treated as UTC.
 *
 * @param text The date.
 * @returns Seconds since the epoch, or `undefined` if the text is not a date in UTC.
 */
export function parseHttpDate(text: string): number | undefined {
  const found = PREFERRED.exec(text);
  if (found === null) return parseLoosely(text);
  const [, day, name, year, hour, minute, second] = found;
  const month = monthNumber(name!);
  if (month < 0 || Number(year) < 100) return parseLoosely(text);
  return toSeconds(Number(year), month, Number(day), [
    Number(hour),
    Number(minute),
    Number(second),
  ]);
}

/**
 * Parses an HTTP date in one of the three forms of RFC 9110 §5.6.7.
 *
 * @param text The date.
 * @returns Seconds since the epoch, or `undefined` for any other text.
 *
 * @example A date must have a zone
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseStrictHttpDate("Thu, 01 Jan 1970 00:00:01 GMT"), 1);
 * assertEquals(parseStrictHttpDate("Thu, 01 Jan 1970 00:00:01"), undefined);
 * ```
 */
export function parseStrictHttpDate(text: string): number | undefined {
  return FORMS.some((form) => form.test(text))
    ? parseHttpDate(text)
    : undefined;
}
