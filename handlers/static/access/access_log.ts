// Lines of an access log in the formats that other programs read: the common log format,
// the combined one, and JSON. What a client has sent is escaped, so that it can neither
// end its line or its field nor reach a terminal.

import { MONTHS, twoDigits } from "../../../text/log_text.ts";

/** The names of the formats. */
export type LogFormat = "common" | "combined" | "json";

/** One request and its answer. */
export interface AccessRecord {
  /** The client's address. */
  readonly address: string;
  /** The user who has logged in, `null` if none has. */
  readonly user: string | null;
  /** When the request came, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** How far local time is ahead of UTC, in minutes; for the two formats with local time. */
  readonly offsetMinutes: number;
  /** The request line as it came. */
  readonly requestLine: string;
  /** The status of the answer. */
  readonly status: number;
  /** How many bytes of body were sent: fewer than were promised, where the client has left. */
  readonly bytes: number;
  /** The Referer field, `null` where it is absent. */
  readonly referer: string | null;
  /** The User-Agent field, `null` where it is absent. */
  readonly agent: string | null;
  /** How long the answer took, in milliseconds. */
  readonly durationMs: number;
}

/** How much of one text from the client a line holds, in characters: lines stay readable. */
const MAX_TEXT = 2_000;

/**
 * Formats one line of an access log, without its line end.
 *
 * The combined format ends with the duration in seconds, to the millisecond, as nginx's
 * `$request_time` has it; programs that read the format pass over it. JSON has it in
 * milliseconds. Whatever is not printable ASCII is written as `\xNN`, one for each byte
 * as it came, as nginx and Apache do; in JSON it is `\u00NN`.
 *
 * @param record The request and its answer.
 * @param format The format.
 * @returns The line, in ASCII.
 *
 * @example The common log format
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const record = {
 *   address: "192.0.2.7",
 *   user: null,
 *   timeMs: Date.UTC(2026, 10, 22, 12, 30, 5),
 *   offsetMinutes: 60,
 *   requestLine: "GET / HTTP/1.1",
 *   status: 200,
 *   bytes: 5,
 *   referer: null,
 *   agent: "curl/8.14",
 *   durationMs: 1.5,
 * };
 * assertEquals(
 *   formatAccess(record, "common"),
 *   '192.0.2.7 - - [22/Nov/2026:13:30:05 +0100] "GET / HTTP/1.1" 200 5',
 * );
 * ```
 */
export function formatAccess(record: AccessRecord, format: LogFormat): string {
  if (format === "json") return formatJson(record);
  const { address, user, status, bytes } = record;
  const time = formatClfTime(record.timeMs, record.offsetMinutes);
  const line = `${word(address)} - ${word(user)} [${time}] ` +
    `${quoted(record.requestLine)} ${status} ${bytes > 0 ? bytes : "-"}`;
  if (format === "common") return line;
  const seconds = (record.durationMs / 1000).toFixed(3);
  return `${line} ${quoted(record.referer)} ${quoted(record.agent)} ${seconds}`;
}

function formatJson(record: AccessRecord): string {
  const text = JSON.stringify({
    time: new Date(record.timeMs).toISOString(),
    address: record.address,
    user: record.user,
    request: shorten(record.requestLine),
    status: record.status,
    bytes: record.bytes,
    referer: record.referer && shorten(record.referer),
    agent: record.agent && shorten(record.agent),
    duration: Math.round(record.durationMs * 1000) / 1000,
  });
  // JSON.stringify() leaves DEL, C1 and all else beyond ASCII as it is.
  return text.replace(
    /[\x7f-\uffff]/g,
    (character) =>
      "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

/** A text that is a field between spaces; "-" where there is none. */
function word(text: string | null): string {
  if (text === null || text === "") return "-";
  return escape(shorten(text)).replaceAll(" ", "\\x20");
}

/** A text between quotation marks; "-" where there is none. */
function quoted(text: string | null): string {
  return `"${text === null ? "-" : escape(shorten(text))}"`;
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) + "..." : text;
}

const PLAIN = /^[ !#-[\]-~]*$/;
const EACH_OTHER = /[^ !#-[\]-~]/gu;

function escape(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(EACH_OTHER, (character) => {
    const code = character.codePointAt(0)!;
    // A user's name has been decoded; all else has one character for a byte.
    const bytes = code <= 0xff ? [code] : new TextEncoder().encode(character);
    return Array.from(
      bytes,
      (byte) => "\\x" + byte.toString(16).toUpperCase().padStart(2, "0"),
    ).join("");
  });
}

/** Such as "22/Nov/2026:13:30:05 +0100". */
function formatClfTime(timeMs: number, offsetMinutes: number): string {
  // The UTC parts of the time moved by the offset are the local parts.
  const local = new Date(timeMs + offsetMinutes * 60_000);
  const date =
    `${twoDigits(local.getUTCDate())}/${MONTHS[local.getUTCMonth()]}/` +
    String(local.getUTCFullYear()).padStart(4, "0");
  const time =
    `${twoDigits(local.getUTCHours())}:${twoDigits(local.getUTCMinutes())}:` +
    twoDigits(local.getUTCSeconds());
  const offset = Math.abs(offsetMinutes);
  const zone = (offsetMinutes < 0 ? "-" : "+") +
    twoDigits(Math.trunc(offset / 60)) +
    twoDigits(offset % 60);
  return `${date}:${time} ${zone}`;
}
