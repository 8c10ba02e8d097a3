// `BaseHTTPRequestHandler`: the order of one exchange. Parsing is in `parser/`, waiting in
// `connection/`, and what is sent in `responder.ts`. A request costs one read and one write, and
// nothing here allocates without need.

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
import { parseRequestHead } from "../parser/request.ts";
import {
  checkRequestLine,
  parseRequestLine,
  type RequestLine,
} from "../parser/request_line.ts";
import { decodeLatin1, encodeLatin1 } from "../text/latin1.ts";
import { stripLineEnd } from "../text/line_end.ts";
import { repr } from "../text/repr.ts";
import { Exchange, HTTP09, UNBOUNDED } from "./exchange.ts";
import {
  isExpected,
  logFailure,
  logIncomplete,
  sendFailure,
} from "./failure.ts";
import { RequestSource } from "./request_source.ts";
import { HTTPResponder } from "./responder.ts";
import { hasBegun, settle } from "./settle.ts";

/** How much of what a client sent is shown in an error page, in characters. */
const SHOWN_IN_ERROR = 100;

/** A longer head is forgotten with its request, in bytes. */
const MAX_KEPT_HEAD = 8_192;

/**
 * Parses HTTP requests and calls a method by the request's: `do_GET()` for GET.
 *
 * It implements no method itself; derive from it. A `do_*` method sends a head with
 * `send_response()`, `send_header()` and `end_headers()`, then the body to `wfile`.
 * It may be async, and what it writes without awaiting still leaves in order.
 *
 * The connection is kept after a response only where the client can tell the
 * response's end: with Content-Length, with `endHeadersChunked()`, or without a body.
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
   * A `do_*` method answers the requests of one method: `do_GET` those with GET. It is
   * called without arguments, and a promise that it gives is awaited. A subclass of this
   * class writes plain `do_GET()`, without `override`.
   */
  [method: `do_${string}`]: unknown;

  /** The version of requests that name none; with "HTTP/0.9", the answer has no head. */
  default_request_version: string = "HTTP/0.9";
  /** Whether a request of HTTP/1.1 without `Host` is refused with 400 (RFC 9112 §3.2). CPython accepts it. */
  requiresHost: boolean = false;
  /** Whether a `Content-Length` of 2^53 or more is refused with 400. Otherwise the body never ends. */
  limitsContentLength: boolean = false;
  /** The class of `headers`. */
  MessageClass: typeof HTTPMessage = HTTPMessage;
  /** The request's target, such as "/a?b". */
  path: string = "";
  /** The request's header fields. */
  headers: HTTPMessage = new HTTPMessage();
  #rawLine = "";
  #headLength = 0;
  readonly #source = new RequestSource(this);
  /** The exchange that is going on; `undefined` between two. */
  #exchange: Exchange | undefined;

  /** The request's first line as it came, with its line end. */
  get raw_requestline(): Uint8Array {
    return encodeLatin1(this.#rawLine);
  }

  /** Sets what `parse_request()` parses. */
  set raw_requestline(line: Uint8Array) {
    this.#rawLine = decodeLatin1(line);
  }

  /** Serves requests until the connection is to be closed. */
  override async handle(): Promise<void> {
    this.close_connection = true;
    do {
      this.#source.openStream();
      await this.handle_one_request();
      // An override leaves the end of the exchange to us.
      if (this.#exchange !== undefined) {
        await this.#finishExchange();
        this.#exchange = undefined;
      }
    } while (!this.close_connection);
  }

  /**
   * Reads one request, calls its method and sends the response.
   *
   * An override may read a head from `rfile`, assign `raw_requestline` and call
   * `parse_request()`. If `handle()` is overridden as well, the connection serves one request.
   *
   * @throws {Error} What the method threw. The client got a 500 if no response had begun.
   */
  handle_one_request(): Promise<void> {
    this.command = this.requestline = this.request_version = "";
    const line = this.#source.readRequestLine();
    // No async function waits for the line: an idle connection would hold its frame.
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
   * Makes the exchange last until some work is done, even if the caller doesn't await it.
   * `do_GET()`, `send_head()`, `copyfile()` and `run_cgi()` pass their work through it, so that
   * `super.do_GET();` without `await` still sends the whole response.
   *
   * @param work A result, or a promise of it.
   * @returns The same.
   */
  remember<T>(work: T): T {
    if (work instanceof Promise) this.#exchange?.remember(work);
    return work;
  }

  /**
   * Parses `raw_requestline` and reads the headers: sets `command`, `path`,
   * `request_version`, `headers` and `close_connection`.
   *
   * @returns Whether the request is to be responded to; `false` if an error was sent already.
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
   * Called for a request with `Expect: 100-continue`. Override it to refuse the body
   * before it is sent: send an error and return `false`.
   *
   * @returns Whether the request is to be answered.
   */
  handle_expect_100(): MaybePromise<boolean> {
    this.send_response_only(100);
    this.end_headers();
    // Whatever `wbufsize` holds back: the client waits for this before it sends the body.
    void this.wfile.flush();
    return true;
  }

  /** Ends the head with a blank line and sends it. What is written next is the body. */
  override end_headers(): void {
    super.end_headers();
    // An interim response is not yet the response.
    if (this.response.interim && this.#exchange !== undefined) {
      this.#exchange.writtenBefore = this.wfile.written ?? 0;
    }
  }

  /** Makes `rfile` and `wfile` raw streams. */
  protected override switchProtocols(): void {
    this.#source.reader?.detachBody();
  }

  /** Ends an exchange that an override of `handle()` left open, then both files. */
  override async finish(): Promise<void> {
    try {
      if (this.#exchange !== undefined) {
        this.close_connection = true;
        await this.#finishExchange();
      }
    } catch (error) {
      // The response could not be sent to a client that left or went silent.
      if (!isDisconnect(error) && !isTimeout(error)) throw error;
    } finally {
      this.#exchange?.end();
      this.#exchange = undefined;
      await super.finish();
    }
  }

  /** Starts an exchange for a request line; `false` if there is no request. */
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
      const head = parseRequestHead(
        line,
        block,
        this.requiresHost,
        this.limitsContentLength,
      );
      const { MessageClass } = this;
      this.headers = MessageClass === HTTPMessage
        ? head.headers
        : MessageClass.fromBlock(block);
      this.#accept(head, head.framing, block);
      const side = this.#serverSide;
      this.close_connection = !keepsAlive(
        this.#exchange!.request,
        undefined,
        side,
      );
      // RFC 9110 §10.1.1: a request that is refused by its head alone gets the final status.
      return head.expectContinue && side.persistent &&
          this.#method !== undefined
        ? this.handle_expect_100()
        : true;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Takes a request whose head was parsed. */
  #accept(request: RequestSide, framing: BodyFraming, block: string): void {
    this.#headLength = this.#rawLine.length + block.length;
    const certain = this.#source.bind(framing, this.#headLength);
    this.#exchange!.request = certain ? request : undefined;
  }

  /** Responds to a request that could not be parsed; any other error is thrown on. */
  #refuse(error: unknown): false {
    if (!(error instanceof ParseError)) throw error;
    // The answer to a line that names a version, or to no request at all, has a head;
    // CPython sends it without, which HTTP/1 clients can't read.
    if (!error.simple) this.request_version = "";
    // An error to HEAD has no body.
    if (error.command !== "") this.command = error.command;
    this.close_connection = true;
    this.send_error(error.status, error.message, error.explain);
    return false;
  }

  /** The method of the request's method. */
  get #method(): (() => MaybePromise<unknown>) | undefined {
    const method = this[`do_${this.command}`];
    return typeof method === "function"
      ? method as () => MaybePromise<unknown>
      : undefined;
  }

  #dispatch(): MaybePromise<unknown> {
    const method = this.#method;
    if (method !== undefined) return method.call(this);
    this.send_error(
      501,
      `Unsupported method (${repr(this.command, SHOWN_IN_ERROR)})`,
    );
  }

  get #begun(): boolean {
    return hasBegun(this.#exchange, this);
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
    this.#exchange?.end();
    this.response.clear();
    this.limitBody(Infinity);
    this.#exchange = new Exchange(this.wfile.written ?? 0);
  }

  /** Ends the exchange once everything that belongs to it has ended. */
  #finishExchange(): Promise<void> {
    const settling = settle(this.#exchange!, this, this.#source.reader);
    return settling === undefined
      ? this.#endResponse()
      : settling.then(() => this.#endResponse());
  }

  /** Sends what waits, and drops the rest of the request's body. */
  async #endResponse(): Promise<void> {
    const keep = this.#judge(
      this.wfile instanceof ResponseWriter ? this.wfile.endBody() : UNBOUNDED,
    );
    this.close_connection = true;
    const drained = this.#closeExchange(keep);
    await this.wfile.flush();
    if (!keep || await drained === false) return;
    // Not before the response was sent: an idle connection may be closed at any time.
    const { reader, life } = this.#source;
    this.close_connection = !(reader?.awaitNext() ??
      life.on(Event.Keep) === State.Idle);
    this.#forgetLargeHead();
  }

  /** An idle connection must not hold a head of up to 300 KiB; a usual one stays, as in CPython. */
  #forgetLargeHead(): void {
    if (this.#headLength <= MAX_KEPT_HEAD) return;
    this.headers = new this.MessageClass();
    this.#rawLine = this.requestline = this.path = "";
  }

  /** Closes the exchange to the handler: what it still reads is empty, and what it still writes goes nowhere. */
  #closeExchange(keep: boolean): Promise<boolean> | undefined {
    const { reader, life } = this.#source;
    this.response.idle = true;
    this.#exchange?.end();
    if (reader !== undefined) return reader.endBody(keep);
    if (!keep) life.on(Event.Last);
    return undefined;
  }

  /** Decides whether another request may follow, and logs a response that is missing or cut. */
  #judge(report: BodyReport): boolean {
    const { response, command } = this;
    if (!this.#begun && command !== "") {
      this.log_error("The request was not answered");
    }
    return keepsAlive(this.#exchange!.request, {
      ended: response.ended,
      delimited: response.delimited(command),
      whole: response.bodyless(command) || !logIncomplete(this, report),
      continued: response.continued,
    }, this.#serverSide);
  }

  /** Ends an exchange that an error interrupted. */
  async #fail(error: unknown): Promise<void> {
    this.close_connection = true;
    // What was started before the error is sent first, as if it had been awaited.
    await this.#exchange?.settle();
    const { state } = this.#source.life;
    const owing = state === State.Head || state === State.Body;
    const begun = this.#exchange !== undefined && this.#begun;
    const refusable = this.#exchange !== undefined ? !begun : owing;
    try {
      if (!refusable || !await this.#sendFailure(error, owing)) {
        if (this.#exchange !== undefined) logFailure(this, error);
      }
      if (!isExpected(error)) throw error;
    } finally {
      // Nothing may follow a response that was cut.
      this.limitBody(0);
      void this.#closeExchange(false);
      this.#exchange = undefined;
    }
  }

  async #sendFailure(error: unknown, owing: boolean): Promise<boolean> {
    if (this.#exchange === undefined && !isTimeout(error)) return false;
    this.#startExchange();
    if (!sendFailure(this, error, owing)) return false;
    await this.wfile.flush().catch((reason) => {
      // The error that led here is the one to report.
      if (!isDisconnect(reason) && !isTimeout(reason)) throw reason;
    });
    return true;
  }
}
