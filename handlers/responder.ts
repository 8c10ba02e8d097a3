// Sends response heads and error pages and writes log lines, through CPython's overridable hooks.
// `base.ts` calls them.

import type { BodyLimit } from "../connection/files.ts";
import { writeLog } from "../connection/log.ts";
import { runtimeName } from "../connection/runtime.ts";
import { ResponseWriter } from "../connection/writer.ts";
import { connectionOptions } from "../parser/framing.ts";
import { type HTTPStatus, RESPONSES, statusCode } from "../status.ts";
import { escapeHtml } from "../text/escape_html.ts";
import { format } from "../text/format.ts";
import { formatHttpDate } from "../text/http_date.ts";
import { encodeLatin1, isAscii } from "../text/latin1.ts";
import { escapeControls, MONTHS_FROM_ONE, WEEKDAYS } from "../text/log_text.ts";
import { httpDateNow, logDateNow } from "./clock.ts";
import {
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
} from "./error_page.ts";
import { type InterimFields, interimFields, interimStatus } from "./interim.ts";
import { announceKeepAlive } from "./keep_alive.ts";
import { ResponseHead } from "./response_head.ts";
import { StreamRequestHandler } from "./stream.ts";
import { isRetryable, RETRY_AFTER } from "./unavailable.ts";

/** The most characters of a request line that are logged. */
const SHOWN_IN_LOG = 4_096;

/** Characters not allowed in a status line: control characters, and all outside latin-1. */
// deno-lint-ignore no-control-regex
const NOT_IN_REASON = /[\0-\x1f\x7f]|[^\0-\xff]/gu;

const SYS_VERSION = runtimeName();

/** The page that `send_error()` sends. */
export interface ErrorPage {
  /** The value of `Content-Type`. */
  readonly type: string;
  /** The page. */
  readonly body: Uint8Array;
}

/** The part of `BaseHTTPRequestHandler` that sends and logs. Subclass `BaseHTTPRequestHandler` instead. */
export class HTTPResponder extends StreamRequestHandler {
  /** The first part of the `Server` field: the software as `name/version`. */
  server_version: string = "BaseHTTP/0.6";
  /** The second part of the `Server` field: the runtime as `name/version`. */
  sys_version: string = SYS_VERSION;
  /** The %-template for the page of `send_error()`, with `code`, `message` and `explain`. */
  error_message_format: string = DEFAULT_ERROR_MESSAGE;
  /** The `Content-Type` of the page of `send_error()`. */
  error_content_type: string = DEFAULT_ERROR_CONTENT_TYPE;
  /**
   * The HTTP version of responses. With "HTTP/1.1", connections are kept open for more requests.
   * Every response with a body then needs a Content-Length or `endHeadersChunked()`.
   *
   * @default {"HTTP/1.0"}
   */
  protocol_version: string = "HTTP/1.0";
  /** The reason phrase and explanation for each status code. */
  responses: Readonly<
    Record<number, readonly [phrase: string, description: string]>
  > = RESPONSES;
  /** Weekday names, Monday first. Changing it does not affect dates. */
  weekdayname: readonly string[] = WEEKDAYS;
  /** Month names, January at index 1. Changing it does not affect dates. */
  monthname: readonly (string | null)[] = MONTHS_FROM_ONE;

  /** The request line, without its line ending. */
  requestline: string = "";
  /** The request method, such as "GET". */
  command: string = "";
  /** The request's HTTP version, such as "HTTP/1.1". */
  request_version: string = "";
  /** Whether the connection is closed after this request. */
  close_connection: boolean = true;

  /** The state of the current response. */
  readonly response: ResponseHead = new ResponseHead();

  /**
   * Whether an error response closes the connection. By default all do, as in CPython.
   *
   * @param _status The status code.
   * @returns `true` to send `Connection: close`.
   */
  closesAfterError(_status: number): boolean {
    return true;
  }

  /**
   * Logs and sends a complete error response, then closes the connection unless
   * `closesAfterError()` returns `false`.
   *
   * @param code The status code.
   * @param message The reason phrase; by default from `responses`. Characters not allowed in a status line become spaces there.
   * @param explain A longer explanation for the page; by default from `responses`.
   * @throws {TypeError} If a response was already sent.
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
    this.send_response(status, reason.replace(NOT_IN_REASON, " "));
    if (this.closesAfterError(status)) this.send_header("Connection", "close");
    if (isRetryable(this)) this.send_header("Retry-After", RETRY_AFTER);
    // RFC 9110 §15.3.5, §15.3.6 and §15.4.5: these have no content.
    if (status < 200 || status === 204 || status === 205 || status === 304) {
      this.end_headers();
      return;
    }
    const page = this.error_page(status, reason, explain ?? description);
    this.send_header("Content-Type", page.type);
    this.send_header("Content-Length", String(page.body.length));
    this.end_headers();
    if (this.command !== "HEAD") this.wfile.write(page.body);
  }

  /**
   * Renders the page of `send_error()`. Override it to send a custom page.
   *
   * @param status The status code.
   * @param reason The reason phrase.
   * @param explain A longer explanation.
   * @returns The page.
   */
  error_page(status: number, reason: string, explain: string): ErrorPage {
    const page = format(this.error_message_format, {
      code: status,
      message: escapeHtml(reason, false),
      explain: escapeHtml(explain, false),
    });
    const body = new TextEncoder().encode(page.replace(/\p{Surrogate}/gu, "?"));
    return { type: this.error_content_type, body };
  }

  /**
   * Logs an error response. Called by `send_error()`.
   *
   * @param status The status code.
   * @param reason The reason phrase.
   */
  log_refusal(status: number, reason: string): void {
    this.log_error("code %d, message %s", status, reason);
  }

  /**
   * Logs the request, then adds the status line and the `Server` and `Date` fields.
   *
   * @param code The status code.
   * @param message The reason phrase; by default from `responses`.
   * @throws {TypeError} If the status line is invalid, or a response was already sent.
   */
  send_response(code: number | HTTPStatus, message?: string | null): void {
    const status = statusCode(code);
    // Don't log a response that comes after the exchange: it is not sent.
    if (!this.response.idle) this.log_request(status);
    this.send_response_only(status, message);
    this.send_header("Server", this.version_string());
    this.send_header("Date", this.date_time_string());
  }

  /**
   * Adds only the status line.
   *
   * @param code The status code.
   * @param message The reason phrase; by default from `responses`.
   * @throws {TypeError} If the status line is invalid, or a response was already sent.
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
      this.command,
    );
  }

  /**
   * Adds a header field. `Connection: close` and `Connection: keep-alive` also set
   * `close_connection`. After `end_headers()`, adds a line to the body.
   *
   * @param keyword The field name.
   * @param value The field value.
   * @throws {TypeError} If the name or value is invalid, such as a value with a line break.
   */
  send_header(keyword: string, value: string | number): void {
    const text = typeof value === "string" ? value : String(value);
    const { response } = this;
    response.add(keyword, text, this.request_version !== "HTTP/0.9");
    if (response.ended) return;
    if (keyword.length !== 10 || keyword.toLowerCase() !== "connection") return;
    const options = connectionOptions([text]);
    if (options.has("close")) this.close_connection = true;
    else if (options.has("keep-alive")) this.close_connection = false;
  }

  /**
   * Ends the head with a blank line and sends it. Later writes are the body. If the head was
   * already sent, sends the lines added since then as part of the body.
   */
  end_headers(): void {
    const response = this.response;
    if (response.idle) response.text = "";
    else if (response.ended) this.#sendLinesOfBody();
    else this.#endHead();
  }

  #endHead(): void {
    const response = this.response;
    if (this.request_version !== "HTTP/0.9") {
      announceKeepAlive(this);
      response.text += "\r\n";
      this.flush_headers();
    }
    response.end();
    if (response.switches) this.switchProtocols();
    this.limitBody(
      response.ended ? response.bodyLimit(this.command) : Infinity,
    );
    if (response.interim) this.interimWasSent();
  }

  /**
   * Sends an interim response at once; the final one must follow (RFC 9110 §15.2). It is not
   * logged, and has no other fields: overrides of `send_header()` and `end_headers()` are not
   * called. Does nothing for clients older than HTTP/1.1, which don't expect it, or if
   * `protocol_version` is "HTTP/1.0".
   *
   * @param code The status code, such as 103; not 101.
   * @param fields The fields.
   * @throws {TypeError} If the code or a field is invalid, or the final response has begun.
   *
   * @example Let the browser load a stylesheet while the page is made
   * ```ts
   * import { BaseHTTPRequestHandler } from "@x/httpserver/handlers";
   *
   * export class Page extends BaseHTTPRequestHandler {
   *   override protocol_version = "HTTP/1.1";
   *   do_GET() {
   *     this.send_interim(103, { Link: "</a.css>; rel=preload; as=style" });
   *     this.send_response(200);
   *     this.send_header("Content-Type", "text/html");
   *     this.endHeadersChunked();
   *     this.wfile.write('<link rel="stylesheet" href="/a.css">');
   *   }
   * }
   * ```
   */
  send_interim(code: number | HTTPStatus, fields: InterimFields = []): void {
    const status = interimStatus(code);
    const listed = interimFields(fields);
    const { response } = this;
    if (response.idle) return;
    if (response.code !== 0 && !response.interim) {
      throw new TypeError(
        `Cannot send interim status ${status}: the response with status ${response.code} has begun`,
      );
    }
    if (!this.#speaksHTTP11) return;
    const reason = this.responses[status]?.[0] ?? "";
    response.begin(this.protocol_version, status, reason);
    for (const [name, value] of listed) response.add(name, value, true);
    this.#endHead();
    // Even if `wbufsize` buffers: the client can use it only before the final response.
    void this.wfile.flush();
  }

  /** Called after an interim response. */
  protected interimWasSent(): void {}

  get #speaksHTTP11(): boolean {
    return this.protocol_version >= "HTTP/1.1" &&
      this.request_version >= "HTTP/1.1";
  }

  /**
   * Ends the head, for a body of unknown length. Later writes are sent with chunked transfer
   * coding (RFC 9112 §7.1). A client older than HTTP/1.1 gets them unframed, and the connection
   * closes after the body.
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
    const able = this.#speaksHTTP11;
    const chunked = able && !this.response.switches &&
      !this.response.bodyless(this.command);
    if (!able) this.close_connection = true;
    // Not allowed with 204 (RFC 9112 §6.1).
    else if (this.response.code !== 204) {
      this.send_header("Transfer-Encoding", "chunked");
    }
    this.end_headers();
    if (chunked) this.limitBody("chunked");
  }

  /**
   * Sets how much body may be written. Has no effect on a custom `wfile`.
   *
   * @param limit The size limit or framing of the body.
   */
  protected limitBody(limit: BodyLimit): void {
    if (this.wfile instanceof ResponseWriter) this.wfile.beginBody(limit);
  }

  /** Called after a head that turns the connection into raw bytes: 101, or 2xx to CONNECT. */
  protected switchProtocols(): void {}

  /** Sends the head lines added so far. */
  flush_headers(): void {
    const response = this.response;
    const text = response.text;
    if (text === "" || response.idle) return;
    response.text = "";
    response.sent = !response.interim;
    this.wfile.write(isAscii(text) ? text : encodeLatin1(text));
  }

  /** As in CPython, lines added after the head become part of the body. */
  #sendLinesOfBody(): void {
    const { response } = this;
    const text = response.text + "\r\n";
    response.text = "";
    // Old scripts call `end_headers()` after `send_error()`. Content-Length leaves no room for it.
    const room = this.wfile.room ?? Infinity;
    if (this.request_version === "HTTP/0.9" || room < text.length) return;
    this.wfile.write(encodeLatin1(text));
  }

  /**
   * Logs a request. Called by `send_response()`.
   *
   * @param code The status code.
   * @param size The size of the response.
   */
  log_request(
    code: number | string | HTTPStatus = "-",
    size: number | string = "-",
  ): void {
    const request = shorten(this.requestline);
    // The usual line without the cost of formatting.
    if (this.log_message === HTTPResponder.prototype.log_message) {
      return this.#writeLine(`"${request}" ${code} ${size}`);
    }
    this.log_message('"%s" %s %s', request, String(code), String(size));
  }

  /**
   * Logs an error, by default with `log_message()`.
   *
   * @param template A %-template.
   * @param args The values for the template.
   */
  log_error(template: string, ...args: unknown[]): void {
    this.log_message(template, ...args);
  }

  /**
   * Logs a message to standard error, after the client's address and the time. Control characters
   * are escaped. Override it to log elsewhere, or nowhere.
   *
   * @param template A %-template.
   * @param args The values for the template.
   */
  log_message(template: string, ...args: unknown[]): void {
    this.#writeLine(format(template, args));
  }

  #writeLine(message: string): void {
    const time = this.log_date_time_string();
    writeLog(
      `${this.address_string()} - - [${time}] ${escapeControls(message)}\n`,
    );
  }

  /**
   * Returns the value of the `Server` field.
   *
   * @returns `server_version` and `sys_version`.
   */
  version_string(): string {
    return this.server_version + " " + this.sys_version;
  }

  /**
   * Formats a date for a header field.
   *
   * @param timestamp Seconds since the epoch; by default now.
   * @returns The date, such as "Sun, 06 Nov 1994 08:49:37 GMT".
   */
  date_time_string(timestamp?: number): string {
    return timestamp === undefined ? httpDateNow() : formatHttpDate(timestamp);
  }

  /**
   * Formats the current time for a log line.
   *
   * @returns The local time, such as "06/Nov/1994 08:49:37".
   */
  log_date_time_string(): string {
    return logDateNow();
  }

  /**
   * Returns the client's address for the log.
   *
   * @returns The host part of `client_address`.
   */
  address_string(): string {
    return this.client_address[0];
  }
}

/**
 * Shortens a request line for the log.
 *
 * @param text The line.
 * @returns Its beginning.
 */
export function shorten(text: string): string {
  return text.length <= SHOWN_IN_LOG
    ? text
    : text.slice(0, SHOWN_IN_LOG) + "...";
}
