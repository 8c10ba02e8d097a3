// Access log lines in three formats: common, combined and JSON. Text from clients is
// escaped, so it can't end a line or a field, or reach a terminal.

import { MONTHS, twoDigits } from "../../../text/log_text.ts";

/** An access log format. */
export type LogFormat = "common" | "combined" | "json";

/** One request and its response. */
export interface AccessRecord {
  /** The client's address. */
  readonly address: string;
  /** The user who logged in, `null` for none. */
  readonly user: string | null;
  /** When the request came, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** How far local time is ahead of UTC, in minutes; not used for JSON. */
  readonly offsetMinutes: number;
  /** The request line as received. */
  readonly requestLine: string;
  /** The status code of the response. */
  readonly status: number;
  /** How many bytes of the body were sent; fewer than announced if the client disconnected. */
  readonly bytes: number;
  /** The Referer field, `null` if it is absent. */
  readonly referer: string | null;
  /** The User-Agent field, `null` if it is absent. */
  readonly agent: string | null;
  /** How long the response took, in milliseconds. */
  readonly durationMs: number;
  /** What JSON has in addition: the request's ID, and the scheme and host that the client used. */
  readonly seen?: {
    readonly id: string;
    readonly scheme: "http" | "https";
    readonly host: string | null;
  } | undefined;
}

/** A method and a target; HTTP/0.9 has no version. */
const REQUEST_LINE = /^(\S+) (\S+)(?: HTTP\/\S+)?$/;

/** The longest text from the client in a line, in characters; keeps lines readable. */
const MAX_TEXT = 2_000;

/**
 * Formats one line of an access log, without a line break.
 *
 * The combined format ends with the duration in seconds, like nginx's `$request_time`;
 * log readers ignore it. The JSON format gives it in milliseconds. Each byte that is not
 * printable ASCII becomes `\xNN`, as in nginx and Apache, or `\u00NN` in JSON.
 *
 * @param record The request and its response.
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
  const [, method, path] = REQUEST_LINE.exec(record.requestLine) ?? [];
  const text = JSON.stringify({
    time: new Date(record.timeMs).toISOString(),
    id: record.seen?.id,
    address: record.address,
    user: record.user,
    scheme: record.seen?.scheme,
    host: record.seen?.host && shorten(record.seen.host),
    request: shorten(record.requestLine),
    method: method === undefined ? null : shorten(method),
    path: path === undefined ? null : shorten(path),
    status: record.status,
    bytes: record.bytes,
    referer: record.referer && shorten(record.referer),
    agent: record.agent && shorten(record.agent),
    duration: Math.round(record.durationMs * 1000) / 1000,
  });
  // JSON.stringify() doesn't escape DEL, C1 and other characters beyond ASCII.
  return text.replace(
    /[\x7f-\uffff]/g,
    (character) =>
      "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

/** A field between spaces; "-" for none. */
function word(text: string | null): string {
  if (text === null || text === "") return "-";
  return escape(shorten(text)).replaceAll(" ", "\\x20");
}

/** A text in quotation marks; "-" for none. */
function quoted(text: string | null): string {
  return `"${text === null ? "-" : escape(shorten(text))}"`;
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) + "..." : text;
}

const PLAIN = /^[ !#-[\]-~]*$/;
const EACH_UNSAFE = /[^ !#-[\]-~]/gu;

function escape(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(EACH_UNSAFE, (character) => {
    const code = character.codePointAt(0)!;
    // The user's name is decoded text; everything else has one character per byte.
    const bytes = code <= 0xff ? [code] : new TextEncoder().encode(character);
    return Array.from(
      bytes,
      (byte) => "\\x" + byte.toString(16).toUpperCase().padStart(2, "0"),
    ).join("");
  });
}

/** Formats a time such as "22/Nov/2026:13:30:05 +0100". */
function formatClfTime(timeMs: number, offsetMinutes: number): string {
  // The UTC parts of the shifted time are the local parts.
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
