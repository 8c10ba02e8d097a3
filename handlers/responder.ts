// What a handler says: response heads, error pages and log lines, as CPython's hooks,
// each small and overridable alone. How a handler is driven stands in `base.ts`.

import { writeLog } from "../connection/log.ts";
import { connectionOptions } from "../parser/framing.ts";
import { type HTTPStatus, RESPONSES, statusCode } from "../status.ts";
import { escapeHtml } from "../text/escape_html.ts";
import { format } from "../text/format.ts";
import { formatHttpDate } from "../text/http_date.ts";
import { encodeLatin1, isAscii } from "../text/latin1.ts";
import { escapeControls, MONTHS } from "../text/log_text.ts";
import { httpDateNow, logDateNow } from "./clock.ts";
import {
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
} from "./error_page.ts";
import { ResponseHead } from "./response_head.ts";
import { StreamRequestHandler } from "./stream.ts";
import { isRetryable, RETRY_AFTER } from "./unavailable.ts";

/** How much of a request line is shown in the log, in characters: all of any real one. */
const SHOWN_IN_LOG = 4_096;

const WEEKDAYS: readonly string[] = Object.freeze([
  "Mon",
  "Tue",
  "Wed",
  "Thu",
  "Fri",
  "Sat",
  "Sun",
]);
const MONTHS_FROM_ONE: readonly (string | null)[] = Object.freeze([
  null,
  ...MONTHS,
]);

/** The part of `BaseHTTPRequestHandler` that sends and logs; there is no need to derive from it directly. */
export class HTTPResponder extends StreamRequestHandler {
  /** The software's name and version, as `name/version`; the first part of the `Server` field. */
  server_version: string = "BaseHTTP/0.6";
  /** The runtime's name and version; the second part of the `Server` field. */
  sys_version: string = `Deno/${Deno.version.deno}`;
  /** The page of `send_error()`: a %-template with `code`, `message` and `explain`. */
  error_message_format: string = DEFAULT_ERROR_MESSAGE;
  /** The media type of the page of `send_error()`. */
  error_content_type: string = DEFAULT_ERROR_CONTENT_TYPE;
  /**
   * The version of the status line. With "HTTP/1.1", connections are kept for further
   * requests, and every response with a body must then say where it ends.
   *
   * @default {"HTTP/1.0"}
   */
  protocol_version: string = "HTTP/1.0";
  /** The reason phrase and the explanation for each status code. */
  responses: Readonly<
    Record<number, readonly [phrase: string, description: string]>
  > = RESPONSES;
  /** Names of weekdays, Monday first. Setting it changes no date. */
  weekdayname: readonly string[] = WEEKDAYS;
  /** Names of months, of which the first, at index 0, is `null`. Setting it changes no date. */
  monthname: readonly (string | null)[] = MONTHS_FROM_ONE;

  /** The request's first line, without its line end. */
  requestline: string = "";
  /** The request's method, such as "GET". */
  command: string = "";
  /** The version that the request names, such as "HTTP/1.1". */
  request_version: string = "";
  /** Whether the connection is closed after this request. */
  close_connection: boolean = true;

  /** The response to the present request, as far as it is built and sent. */
  readonly response: ResponseHead = new ResponseHead();

  /**
   * Whether an error closes the connection: every one does, as in CPython.
   *
   * @param _status The error's status code.
   * @returns `true` to send `Connection: close` with it.
   */
  closesAfterError(_status: number): boolean {
    return true;
  }

  /**
   * Sends and logs a complete error answer, after which the connection is closed, unless
   * `closesAfterError()` says otherwise.
   *
   * @param code The status code.
   * @param message The reason phrase; by default the usual one.
   * @param explain A longer explanation for the page; by default the usual one.
   * @throws {TypeError} Where the message can't stand in a status line.
   */
  send_error(
    code: number | HTTPStatus,
    message?: string | null,
    explain?: string | null,
  ): void {
    const status = statusCode(code);
    const [phrase, description] = this.responses[status] ?? ["???", "???"];
    const reason = message ?? phrase;
    this.log_refusal(status, reason);
    this.send_response(status, reason);
    if (this.closesAfterError(status)) this.send_header("Connection", "close");
    if (isRetryable(this)) this.send_header("Retry-After", RETRY_AFTER);
    // RFC 9110 15.3.5, 15.3.6 and 15.4.5 leave these without content.
    if (status < 200 || status === 204 || status === 205 || status === 304) {
      this.end_headers();
      return;
    }
    const { type, body } = this.error_page(
      status,
      reason,
      explain ?? description,
    );
    this.send_header("Content-Type", type);
    this.send_header("Content-Length", String(body.length));
    this.end_headers();
    if (this.command !== "HEAD") this.wfile.write(body);
  }

  /**
   * Makes the page of `send_error()`. Override it to send another one.
   *
   * @param status The status code.
   * @param reason The reason phrase.
   * @param explain A longer explanation.
   * @returns The page.
   */
  error_page(
    status: number,
    reason: string,
    explain: string,
  ): { type: string; body: Uint8Array } {
    const page = format(this.error_message_format, {
      code: status,
      message: escapeHtml(reason, false),
      explain: escapeHtml(explain, false),
    });
    const body = new TextEncoder().encode(page.replace(/\p{Surrogate}/gu, "?"));
    return { type: this.error_content_type, body };
  }

  /**
   * Logs an error that is sent; `send_error()` calls it.
   *
   * @param status The status code.
   * @param reason The reason phrase.
   */
  log_refusal(status: number, reason: string): void {
    this.log_error("code %d, message %s", status, reason);
  }

  /**
   * Begins an answer: logs the request, and adds the status line and the `Server` and
   * `Date` fields.
   *
   * @param code The status code.
   * @param message The reason phrase; by default the usual one.
   * @throws {TypeError} Where the message can't stand in a status line.
   */
  send_response(code: number | HTTPStatus, message?: string | null): void {
    const status = statusCode(code);
    // After the exchange nothing is sent any more.
    if (!this.response.idle) this.log_request(status);
    this.send_response_only(status, message);
    this.send_header("Server", this.version_string());
    this.send_header("Date", this.date_time_string());
  }

  /**
   * Adds the status line only.
   *
   * @param code The status code.
   * @param message The reason phrase; by default the usual one.
   * @throws {TypeError} Where the message can't stand in a status line.
   */
  send_response_only(code: number | HTTPStatus, message?: string | null): void {
    const status = statusCode(code);
    const version = this.request_version === "HTTP/0.9"
      ? undefined
      : this.protocol_version;
    this.response.begin(
      version,
      status,
      message ?? this.responses[status]?.[0] ?? "",
    );
  }

  /**
   * Adds a header field. `Connection: close` and `Connection: keep-alive` also decide
   * what becomes of the connection.
   *
   * @param keyword The field's name.
   * @param value The field's value.
   * @throws {TypeError} Where either can't stand in a header, such as a value with a line end.
   */
  send_header(keyword: string, value: string | number): void {
    const text = typeof value === "string" ? value : String(value);
    this.response.add(keyword, text, this.request_version !== "HTTP/0.9");
    if (keyword.length !== 10 || keyword.toLowerCase() !== "connection") return;
    const options = connectionOptions([text]);
    if (options.has("close")) this.close_connection = true;
    else if (options.has("keep-alive")) this.close_connection = false;
  }

  /**
   * Ends the head with a blank line and sends it. What is written next is the body.
   *
   * @throws {TypeError} Where it was called for this answer already.
   */
  end_headers(): void {
    const response = this.response;
    if (response.idle) {
      response.text = "";
      return;
    }
    if (response.ended) {
      throw new TypeError("Cannot end the headers: they were ended already");
    }
    if (this.request_version !== "HTTP/0.9") {
      this.#announceKeepAlive();
      response.text += "\r\n";
      this.flush_headers();
    }
    response.end();
    if (response.code === 101) this.rfile.detachBody();
    this.wfile.beginBody(
      response.ended ? response.bodyLimit(this.command) : Infinity,
    );
  }

  /**
   * Ends the head, for a body whose length is not known: what is then written is sent
   * with chunked transfer coding (RFC 9112 7.1), or to a client older than HTTP/1.1
   * as it is, with the connection's end as the body's.
   *
   * @example
   * ```ts
   * import { BaseHTTPRequestHandler } from "@x/httpserver/handlers";
   *
   * export class Countdown extends BaseHTTPRequestHandler {
   *   override protocol_version = "HTTP/1.1";
   *   async do_GET() {
   *     this.send_response(200);
   *     this.endHeadersChunked();
   *     for (let n = 3; n > 0; n--) await this.wfile.write(`${n}\n`);
   *   }
   * }
   * ```
   */
  endHeadersChunked(): void {
    const able = this.protocol_version >= "HTTP/1.1" &&
      this.request_version >= "HTTP/1.1";
    const chunked = able && !this.response.bodyless(this.command);
    if (!able) this.close_connection = true;
    // RFC 9112 6.1 forbids the field with 204, even though it says nothing there.
    else if (this.response.code !== 204) {
      this.send_header("Transfer-Encoding", "chunked");
    }
    this.end_headers();
    if (chunked) this.wfile.beginBody("chunked");
  }

  /** Sends the head lines that are there so far. */
  flush_headers(): void {
    const response = this.response;
    const text = response.text;
    if (text === "" || response.idle) return;
    response.text = "";
    response.sent = !response.interim;
    this.wfile.write(isAscii(text) ? text : encodeLatin1(text));
  }

  /** A client of HTTP/1.0 must be told that the connection stays, or it waits for the end (RFC 9112 C.2.2). */
  #announceKeepAlive(): void {
    const response = this.response;
    if (
      this.request_version === "HTTP/1.0" && !this.close_connection &&
      !response.interim && !response.hasConnection &&
      response.delimited(this.command)
    ) this.send_header("Connection", "keep-alive");
  }

  /**
   * Logs an answered request; `send_response()` calls it.
   *
   * @param code The status code.
   * @param size The size of the answer.
   */
  log_request(
    code: number | string | HTTPStatus = "-",
    size: number | string = "-",
  ): void {
    this.log_message(
      '"%s" %s %s',
      shorten(this.requestline),
      String(code),
      String(size),
    );
  }

  /**
   * Logs an error; by default as `log_message()` does.
   *
   * @param template A %-template.
   * @param args What it shows.
   */
  log_error(template: string, ...args: unknown[]): void {
    this.log_message(template, ...args);
  }

  /**
   * Logs a message to standard error with the client's address and the time before
   * it. Control characters are escaped. Override it to log elsewhere, or nowhere.
   *
   * @param template A %-template.
   * @param args What it shows.
   */
  log_message(template: string, ...args: unknown[]): void {
    const message = escapeControls(format(template, args));
    writeLog(
      `${this.address_string()} - - [${this.log_date_time_string()}] ${message}\n`,
    );
  }

  /**
   * The text of the `Server` field.
   *
   * @returns `server_version` and `sys_version`.
   */
  version_string(): string {
    return this.server_version + " " + this.sys_version;
  }

  /**
   * A moment as header fields have it.
   *
   * @param timestamp The moment in seconds since the epoch; by default now.
   * @returns The date, such as "Sun, 06 Nov 1994 08:49:37 GMT".
   */
  date_time_string(timestamp?: number): string {
    return timestamp === undefined ? httpDateNow() : formatHttpDate(timestamp);
  }

  /**
   * Now as log lines have it.
   *
   * @returns The local time, such as "06/Nov/1994 08:49:37".
   */
  log_date_time_string(): string {
    return logDateNow();
  }

  /**
   * The client's address for the log.
   *
   * @returns The host part of `client_address`.
   */
  address_string(): string {
    return this.client_address[0];
  }
}

/** What a client sent, cut to what a reader of a log can use. */
function shorten(text: string): string {
  return text.length <= SHOWN_IN_LOG
    ? text
    : text.slice(0, SHOWN_IN_LOG) + "...";
}
