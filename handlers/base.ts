// `BaseHTTPRequestHandler`: the steps of one exchange. Hot path: one read and one write each.
// Parsing is in `parser/`, timeouts and buffers in `connection/`, sending in `responder.ts`.

import { isDisconnect, isTimeout } from "../connection/errors.ts";
import type { BodyReport, MaybePromise } from "../connection/files.ts";
import {
  Event,
  keepsAlive,
  type RequestSide,
  type ServerSide,
  State,
} from "../connection/lifecycle.ts";
import { ResponseWriter } from "../connection/writer.ts";
import { ParseError } from "../parser/errors.ts";
import { type BodyFraming, NO_BODY } from "../parser/framing.ts";
import { HTTPMessage } from "../parser/headers.ts";
import { MAX_LINE } from "../parser/line_reader.ts";
import { parseHeadFacts } from "../parser/request.ts";
import {
  checkRequestLine,
  parseRequestLine,
  type RequestLine,
} from "../parser/request_line.ts";
import { decodeLatin1, encodeLatin1 } from "../text/latin1.ts";
import { stripLineEnd } from "../text/line_end.ts";
import { repr } from "../text/repr.ts";
import {
  isExpected,
  logFailure,
  logIncomplete,
  sendFailure,
} from "./failure.ts";
import { keyOfHead, type ParsedHead } from "./parsed_head.ts";
import { HTTP09, PendingExchange, UNCHECKED_BODY } from "./pending_exchange.ts";
import { RequestSource } from "./request_source.ts";
import { HTTPResponder } from "./responder.ts";
import { hasBegun, settle } from "./settle.ts";

/** The most characters of a method shown on an error page. */
const SHOWN_IN_ERROR = 100;

/** Larger request heads, in bytes, are released after the response. */
const MAX_KEPT_HEAD = 8_192;

/**
 * Parses HTTP requests and dispatches them to `do_*` methods: `do_GET()` for GET.
 *
 * It implements no method itself; subclass it. A `do_*` method sends a head with
 * `send_response()`, `send_header()` and `end_headers()`, then writes the body to `wfile`.
 * It may be async. Writes that it does not await are still sent in order.
 *
 * The connection is kept open only if the client can see where the response ends: the response
 * has a Content-Length, uses `endHeadersChunked()`, or has no body.
 *
 * @example A handler
 * ```ts
 * import { BaseHTTPRequestHandler } from "@x/httpserver/handlers";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 * import { assertEquals } from "@std/assert";
 *
 * class Quiet extends BaseHTTPRequestHandler {
 *   override log_message() {}
 *   do_GET() {
 *     this.send_response(200);
 *     this.send_header("Content-Type", "text/plain");
 *     this.end_headers();
 *     this.wfile.write(`you asked for ${this.path}\n`);
 *   }
 * }
 *
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Quiet);
 * server.serve_forever();
 * const [host, port] = server.server_address;
 * const response = await fetch(`http://${host}:${port}/tea`);
 * assertEquals(await response.text(), "you asked for /tea\n");
 * ```
 */
export class BaseHTTPRequestHandler extends HTTPResponder {
  /**
   * Responds to requests with one method: `do_GET()` to GET requests. It gets no arguments, and
   * its promise is awaited. A direct subclass declares it without `override`.
   */
  [method: `do_${string}`]: unknown;

  /** The version of a request line without one. With "HTTP/0.9", the response has no head. */
  default_request_version: string = "HTTP/0.9";
  /** Whether an HTTP/1.1 request without `Host` gets 400 (RFC 9112 §3.2). CPython accepts it. */
  requiresHost: boolean = false;
  /** Whether a `Content-Length` of 2^53 or more gets 400. Otherwise the body never ends. */
  limitsContentLength: boolean = false;
  /** The class of `headers`. */
  MessageClass: typeof HTTPMessage = HTTPMessage;
  /** The request target, such as "/a?b". */
  path: string = "";
  /** The request's header fields. */
  headers: HTTPMessage = new HTTPMessage();
  #rawLine = "";
  #headLength = 0;
  /** The request as it was parsed, before a subclass changed its fields. */
  #parsed: ParsedHead | undefined;
  readonly #source = new RequestSource(this);
  /** The current exchange; `undefined` between requests. */
  #exchange: PendingExchange | undefined;

  /** The raw request line, including its line ending. */
  get raw_requestline(): Uint8Array {
    return encodeLatin1(this.#rawLine);
  }

  /** Sets the request line for `parse_request()`. */
  set raw_requestline(line: Uint8Array) {
    this.#rawLine = decodeLatin1(line);
  }

  /** Serves requests until `close_connection` is true. */
  override async handle(): Promise<void> {
    this.close_connection = true;
    do {
      this.#source.openStream();
      await this.handle_one_request();
      // An override of `handle_one_request()` does not finish its exchange.
      if (this.#exchange !== undefined) {
        await this.#finishExchange();
        this.#exchange = undefined;
      }
    } while (!this.close_connection);
  }

  /**
   * Reads one request, calls its `do_*` method and sends the response.
   *
   * An override can read a line from `rfile`, assign `raw_requestline` and call `parse_request()`.
   * If `handle()` is overridden too, the connection serves one request.
   *
   * @throws {Error} The `do_*` method's error. The client gets 500 if no response has begun.
   */
  handle_one_request(): Promise<void> {
    this.command = this.requestline = this.request_version = "";
    const line = this.#source.readRequestLine();
    // Not async: an idle connection would keep the function's frame in memory.
    return typeof line === "string"
      ? this.#serve(line)
      : line.then((text) => this.#serve(text), (error) => this.#fail(error));
  }

  async #serve(line: string): Promise<void> {
    try {
      if (!this.#begin(line)) return;
      const parsed = this.#parse(line);
      if (parsed === true || (parsed !== false && await parsed)) {
        const done = this.#dispatch();
        if (done !== undefined) await done;
      }
      await this.#finishExchange();
      this.#exchange = undefined;
    } catch (error) {
      await this.#fail(error);
    }
  }

  /**
   * Keeps the exchange open until a promise settles. `do_GET()`, `send_head()`, `copyfile()` and
   * `run_cgi()` use it, so that `super.do_GET();` without `await` still sends the whole response.
   *
   * @param work A result, or a promise of it.
   * @returns `work`.
   */
  remember<T>(work: T): T {
    if (work instanceof Promise) this.#exchange?.remember(work);
    return work;
  }

  /**
   * Parses `raw_requestline` and reads the headers. Sets `command`, `path`, `request_version`,
   * `headers` and `close_connection`.
   *
   * @returns Whether to call the `do_*` method; `false` after an error response.
   */
  parse_request(): MaybePromise<boolean> {
    if (this.#exchange === undefined) {
      this.#source.lineWasRead(this.#rawLine.length);
      this.#startExchange();
    }
    this.command = "";
    this.request_version = this.default_request_version;
    this.close_connection = true;
    this.requestline = stripLineEnd(this.#rawLine);
    let line: RequestLine | undefined;
    try {
      line = parseRequestLine(this.#rawLine, this.default_request_version);
    } catch (error) {
      return this.#refuse(error);
    }
    if (line === undefined) return false;
    this.command = line.command;
    this.path = line.path;
    if (line.version === "") {
      this.headers = new this.MessageClass();
      this.#accept(HTTP09, NO_BODY, "");
      return true;
    }
    this.request_version = line.version;
    const block = this.#source.heads.readHeaderBlock();
    return typeof block === "string"
      ? this.#parseHead(line, block)
      : block.then(
        (block) => this.#parseHead(line, block),
        (error) => this.#refuse(error),
      );
  }

  /**
   * Sends 100 for a request with `Expect: 100-continue`. To reject the body before the client
   * sends it, override this, send an error and return `false`.
   *
   * @returns Whether to call the `do_*` method.
   */
  handle_expect_100(): MaybePromise<boolean> {
    this.send_response_only(100);
    this.end_headers();
    // Flush even if `wbufsize` buffers: the client waits for this before it sends the body.
    void this.wfile.flush();
    return true;
  }

  /** Remembers that the final response must still follow. */
  protected override interimWasSent(): void {
    if (this.#exchange === undefined) return;
    this.#exchange.writtenBefore = this.wfile.written ?? 0;
  }

  /** Makes `rfile` and `wfile` raw streams. */
  protected override switchProtocols(): void {
    this.#source.reader?.detachBody();
  }

  /** Finishes an exchange that an override of `handle()` left open, then closes both files. */
  override async finish(): Promise<void> {
    try {
      if (this.#exchange !== undefined) {
        this.close_connection = true;
        await this.#finishExchange();
      }
    } catch (error) {
      // The client disconnected or timed out: nobody is left to respond to.
      if (!isDisconnect(error) && !isTimeout(error)) throw error;
    } finally {
      this.#exchange?.end();
      this.#exchange = undefined;
      await super.finish();
    }
  }

  /** Starts an exchange; returns `false` if the connection ended before a request line. */
  #begin(line: string): boolean {
    this.#rawLine = line;
    const cut = line.length <= MAX_LINE && !line.endsWith("\n");
    if (cut && (line === "" || !this.#source.endsAtEnd)) {
      this.close_connection = true;
      this.#source.life.on(Event.Last);
      return false;
    }
    this.#startExchange();
    return true;
  }

  #parse(line: string): MaybePromise<boolean> {
    try {
      checkRequestLine(line);
    } catch (error) {
      return this.#refuse(error);
    }
    return this.parse_request();
  }

  #parseHead(line: RequestLine, block: string): MaybePromise<boolean> {
    try {
      const head = parseHeadFacts(
        line,
        block,
        this.requiresHost,
        this.limitsContentLength,
      );
      this.headers = this.MessageClass.fromBlock(block);
      const { headers } = this;
      this.#parsed = {
        rawLine: this.#rawLine,
        line,
        headers,
        serial: head.serial,
      };
      this.#accept(head, head.framing, block);
      const side = this.#serverSide;
      const { request } = this.#exchange!;
      this.close_connection = !keepsAlive(request, undefined, side);
      // Don't ask for a body that nothing will read (RFC 9110 §10.1.1).
      return head.expectContinue && side.persistent &&
          this.#method !== undefined
        ? this.handle_expect_100()
        : true;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Binds `rfile` to the body of a request whose head was parsed. */
  #accept(request: RequestSide, framing: BodyFraming, block: string): void {
    this.#headLength = this.#rawLine.length + block.length;
    const certain = this.#source.bind(framing, this.#headLength);
    this.#exchange!.request = certain ? request : undefined;
  }

  /** As `keyOfHead()`. */
  protected headKey(): string | undefined {
    return keyOfHead(this.#parsed, this);
  }

  /** Sends the error response for a request that can't be parsed. Rethrows any other error. */
  #refuse(error: unknown): false {
    if (!(error instanceof ParseError)) throw error;
    // Only HTTP/0.9 gets no head. CPython also omits it here, which HTTP/1 clients can't parse.
    if (!error.simple) this.request_version = "";
    // `send_error()` omits the page for HEAD.
    if (error.command !== "") this.command = error.command;
    this.close_connection = true;
    this.send_error(error.status, error.message, error.explain);
    return false;
  }

  /** The `do_*` method for `command`. */
  get #method(): (() => MaybePromise<unknown>) | undefined {
    type Method = () => MaybePromise<unknown>;
    const method = this[`do_${this.command}`];
    return typeof method === "function" ? method as Method : undefined;
  }

  #dispatch(): MaybePromise<unknown> {
    return (this.#method ?? this.unsupportedMethod).call(this);
  }

  /** Responds to a method without a `do_*` method: with 501. */
  protected unsupportedMethod(): MaybePromise<unknown> {
    const shown = repr(this.command, SHOWN_IN_ERROR);
    return this.send_error(501, `Unsupported method (${shown})`);
  }

  get #serverSide(): ServerSide {
    return {
      persistent: this.protocol_version >= "HTTP/1.1",
      stopping: this.connection.stopping,
      bodyUnread: this.#source.life.state === State.Body,
      close_connection: this.close_connection,
    };
  }

  #startExchange(): void {
    this.#parsed = undefined;
    this.#exchange?.end();
    this.response.clear();
    this.limitBody(Infinity);
    this.#exchange = new PendingExchange(this.wfile.written ?? 0);
  }

  /** Waits for the exchange's unfinished work, then ends the response. */
  #finishExchange(): Promise<void> {
    const settling = settle(this.#exchange!, this, this.#source.reader);
    return settling === undefined
      ? this.#endResponse()
      : settling.then(() => this.#endResponse());
  }

  /** Flushes the response and discards the rest of the request body. */
  async #endResponse(): Promise<void> {
    const { wfile } = this;
    const keep = this.#mayKeepConnection(
      wfile instanceof ResponseWriter ? wfile.endBody() : UNCHECKED_BODY,
    );
    const drained = this.#closeExchange(keep);
    await wfile.flush();
    const kept = keep && await drained !== false;
    // Only after the flush: an idle connection may be closed at any time.
    const { reader, life } = this.#source;
    this.close_connection = !kept ||
      !(reader?.awaitNext() ?? life.on(Event.Keep) === State.Idle);
    if (kept) this.#forgetLargeHead();
  }

  /** Releases a head of up to 300 KiB while the connection is idle. CPython keeps every head, so small ones stay. */
  #forgetLargeHead(): void {
    if (this.#headLength <= MAX_KEPT_HEAD) return;
    this.headers = new this.MessageClass();
    this.#rawLine = this.requestline = this.path = "";
  }

  /** Closes the exchange: late reads get an empty body, and late writes are dropped. */
  #closeExchange(keep: boolean): Promise<boolean> | undefined {
    const { reader, life } = this.#source;
    this.response.idle = true;
    this.#exchange?.end();
    if (reader === undefined && !keep) life.on(Event.Last);
    return reader?.endBody(keep);
  }

  /** Decides whether another request may follow. Logs a missing or incomplete response. */
  #mayKeepConnection(report: BodyReport): boolean {
    const { response, command } = this;
    const begun = hasBegun(this.#exchange, this);
    if (!begun && command !== "") this.log_error("No response was sent");
    return keepsAlive(this.#exchange!.request, {
      ended: response.ended,
      delimited: response.delimited(command),
      whole: response.bodyless(command) || !logIncomplete(this, report),
      continued: response.continued,
    }, this.#serverSide);
  }

  /** Ends the exchange after an error. */
  async #fail(error: unknown): Promise<void> {
    this.close_connection = true;
    // Work that started before the error finishes first, as if it had been awaited.
    await this.#exchange?.settle();
    const { state } = this.#source.life;
    const pending = state === State.Head || state === State.Body;
    const canRespond = this.#exchange === undefined
      ? pending
      : !hasBegun(this.#exchange, this);
    try {
      if (!canRespond || !await this.#sendFailure(error, pending)) {
        if (this.#exchange !== undefined) logFailure(this, error);
      }
      if (!isExpected(error)) throw error;
    } finally {
      // Nothing may follow an incomplete response.
      this.limitBody(0);
      void this.#closeExchange(false);
      this.#exchange = undefined;
    }
  }

  async #sendFailure(error: unknown, pending: boolean): Promise<boolean> {
    if (this.#exchange === undefined && !isTimeout(error)) return false;
    this.#startExchange();
    if (!sendFailure(this, error, pending)) return false;
    await this.wfile.flush().catch((reason) => {
      // Report the original error instead.
      if (!isDisconnect(reason) && !isTimeout(reason)) throw reason;
    });
    return true;
  }
}
