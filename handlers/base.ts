// `BaseHTTPRequestHandler`: how a handler is driven. Parsing is `parser/`'s, waiting the
// connection's, and what is sent `responder.ts`'s; here is the order in which they are
// asked. A request costs one read and one write, and nothing here allocates without need.

import type { Address, Connection } from "../connection/connection.ts";
import { isDisconnect, isTimeout } from "../connection/errors.ts";
import type { BodyReport, MaybePromise } from "../connection/files.ts";
import { ParseError } from "../parser/errors.ts";
import { isAtLeastHttp11 } from "../parser/framing.ts";
import { HTTPMessage } from "../parser/headers.ts";
import { MAX_LINE } from "../parser/line_reader.ts";
import { parseRequestHead } from "../parser/request.ts";
import { parseRequestLine, type RequestLine } from "../parser/request_line.ts";
import { decodeLatin1, encodeLatin1 } from "../text/latin1.ts";
import { repr } from "../text/repr.ts";
import { isUnavailable } from "./file_stat.ts";
import { HTTPResponder } from "./responder.ts";
import type { ServerContext } from "./types.ts";
import { logUnavailable, sendUnavailable } from "./unavailable.ts";

/** How much of what a client sent is shown in an error page, in characters. */
const SHOWN_IN_ERROR = 100;

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
  /** The class of `headers`. */
  MessageClass: typeof HTTPMessage = HTTPMessage;
  /** The request's target, such as "/a?b". */
  path: string = "";
  /** The request's header fields. */
  headers: HTTPMessage = new HTTPMessage();
  #rawLine = "";
  #served = false;
  #writtenBefore = 0;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's host and port.
   * @param server The server that accepted the connection.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
  ) {
    super(request, client_address, server);
  }

  /** The request's first line as it came, with its line end. */
  get raw_requestline(): Uint8Array {
    return encodeLatin1(this.#rawLine);
  }

  /** Sets what `parse_request()` parses. */
  set raw_requestline(line: Uint8Array) {
    this.#rawLine = decodeLatin1(line);
  }

  /** Answers requests until the connection is to be closed. */
  override async handle(): Promise<void> {
    this.close_connection = true;
    await this.handle_one_request();
    while (!this.close_connection) await this.handle_one_request();
  }

  /**
   * Reads one request, calls its method and sends the answer. There is normally no
   * need to override it.
   *
   * @throws {Error} What the method threw; the client got a 500 if no answer had begun.
   */
  async handle_one_request(): Promise<void> {
    try {
      if (!await this.#readRequestLine()) return;
      const parsed = this.parse_request();
      if (parsed === true || (parsed !== false && await parsed)) {
        const done = this.#dispatch();
        if (done !== undefined) await done;
      }
      const ended = this.#end();
      if (ended !== undefined) await ended;
    } catch (error) {
      await this.#fail(error);
    }
  }

  /**
   * Parses `raw_requestline` and reads the headers: sets `command`, `path`,
   * `request_version`, `headers` and `close_connection`.
   *
   * @returns Whether the request is to be answered; `false` where an error was sent already.
   */
  parse_request(): MaybePromise<boolean> {
    this.command = "";
    this.request_version = this.default_request_version;
    this.close_connection = true;
    this.requestline = withoutLineEnd(this.#rawLine);
    let line: RequestLine | undefined;
    try {
      line = parseRequestLine(this.#rawLine);
    } catch (error) {
      return this.#refuse(error);
    }
    if (line === undefined) return false;
    this.command = line.command;
    this.path = line.path;
    if (line.simple) {
      this.headers = new this.MessageClass();
      this.rfile.beginBody({ kind: "none" });
      return true;
    }
    this.request_version = line.version;
    const block = this.rfile.readHeaderBlock();
    return typeof block === "string"
      ? this.#parseHead(line, block)
      : this.#awaitHead(line, block);
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
    // An interim response is not yet of the answer.
    if (this.response.interim) this.#writtenBefore = this.wfile.written;
  }

  /** Reads the request line; `false` where there is none to answer. */
  async #readRequestLine(): Promise<boolean> {
    this.command = "";
    this.requestline = "";
    this.request_version = "";
    let line = this.rfile.readLatin1Line(MAX_LINE + 1);
    if (typeof line !== "string") line = await line;
    if (this.#served && (line === "\r\n" || line === "\n")) {
      // RFC 9112 2.2: at least one empty line before a request line is to be ignored.
      line = await this.rfile.readLatin1Line(MAX_LINE + 1);
    }
    this.#served = true;
    this.#rawLine = line;
    // A line that the client's end cut off is no request.
    if (line.length <= MAX_LINE && !line.endsWith("\n")) {
      this.close_connection = true;
      return false;
    }
    this.#begin();
    if (line.length > MAX_LINE) {
      // What is left of the line is never read as a request.
      this.close_connection = true;
      this.send_error(414);
      await this.wfile.flush();
      return false;
    }
    return true;
  }

  async #awaitHead(
    line: RequestLine,
    pending: Promise<string>,
  ): Promise<boolean> {
    let block: string;
    try {
      block = await pending;
    } catch (error) {
      return this.#refuse(error);
    }
    return await this.#parseHead(line, block);
  }

  #parseHead(line: RequestLine, block: string): MaybePromise<boolean> {
    const persistent = this.protocol_version >= "HTTP/1.1";
    try {
      const head = parseRequestHead(line, block);
      const { MessageClass } = this;
      this.headers = MessageClass === HTTPMessage
        ? head.headers
        : MessageClass.fromBlock(block);
      this.rfile.beginBody(head.framing);
      // RFC 9112 9.3: the version gives the default, and the Connection options win.
      const keep = head.keepAlive ?? isAtLeastHttp11(line);
      this.close_connection = !(persistent && keep);
      return head.expectContinue && persistent
        ? this.handle_expect_100()
        : true;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Answers what could not be parsed; every other error goes on its way. */
  #refuse(error: unknown): false {
    if (!(error instanceof ParseError)) throw error;
    // The answer to a line that names a version, or to no request at all, has a head;
    // CPython sends it without, which HTTP/1 clients can't read.
    if (!error.simple) this.request_version = "";
    this.close_connection = true;
    this.send_error(error.status, error.message, error.explain);
    return false;
  }

  #dispatch(): MaybePromise<unknown> {
    const method = this[`do_${this.command}`];
    if (typeof method === "function") return method.call(this);
    this.send_error(
      501,
      `Unsupported method (${repr(this.command, SHOWN_IN_ERROR)})`,
    );
  }

  /** Whether anything of the final answer has left, by a head or by bare writes. */
  get #begun(): boolean {
    return this.response.sent ||
      ((this.response.code === 0 || this.response.interim) &&
        this.wfile.written > this.#writtenBefore);
  }

  /** Opens the way for an answer. */
  #begin(): void {
    this.response.clear();
    this.#writtenBefore = this.wfile.written;
    this.wfile.beginBody(Infinity);
  }

  /** Ends the exchange: sends what waits, and makes sure that the next request starts where it should. */
  #end(): MaybePromise<void> {
    this.#judge(this.wfile.endBody());
    this.response.idle = true;
    if (this.close_connection) return this.wfile.flush();
    const ready = this.rfile.endBody();
    return ready === true ? this.wfile.flush() : this.#endUnread(ready);
  }

  async #endUnread(ready: MaybePromise<boolean>): Promise<void> {
    await this.wfile.flush();
    if (!await ready) this.close_connection = true;
  }

  /**
   * Closes the connection after a response that never came or whose end the client can't
   * know, or that broke its promise: else the next answer would be taken for this one's.
   */
  #judge({ sent, missing, excess }: BodyReport): void {
    if (
      !this.response.ended || !this.response.delimited(this.command) ||
      this.request_version === "HTTP/0.9"
    ) this.close_connection = true;
    if (!this.#begun && this.command !== "") {
      this.log_error("The request was not answered");
    }
    if (
      this.response.bodyless(this.command) || (missing === 0 && excess === 0)
    ) return;
    this.close_connection = true;
    const promised = sent + missing;
    this.log_error(
      "Response body of %d bytes where Content-Length is %d",
      sent + excess,
      promised,
    );
  }

  /** What an error in the middle of a request leads to. */
  async #fail(error: unknown): Promise<void> {
    this.close_connection = true;
    // Without a request line, what was sent is the answer to the request before.
    const begun = this.requestline !== "" && this.#begun;
    if (isDisconnect(error)) throw error;
    if (isTimeout(error)) {
      if (!begun && this.rfile.unread) await this.#giveUp(408);
      else if (this.requestline !== "") {
        this.log_error("Request timed out: %r", error.message);
      }
    } else if (error instanceof ParseError) {
      // The body that the client sends is malformed: its fault, not the handler's.
      if (begun) {
        this.log_refusal(error.status, error.message);
      } else await this.#giveUp(error.status, error.message, error.explain);
    } else if (isUnavailable(error) && this.requestline !== "") {
      // Out of descriptors, say: no fault of the handler's, and no traceback per request.
      if (begun) logUnavailable(this, error);
      else await this.#giveUp(503, undefined, undefined, error);
    } else {
      if (!begun && this.requestline !== "") await this.#giveUp(500);
      throw error;
    }
  }

  /** Sends an error in place of the answer that will not come. */
  async #giveUp(
    status: number,
    message?: string,
    explain?: string,
    unavailable?: Error,
  ): Promise<void> {
    this.#begin();
    if (unavailable === undefined) this.send_error(status, message, explain);
    else sendUnavailable(this, unavailable);
    await this.wfile.flush().catch((error) => {
      // The error that led here is the one to tell of.
      if (!isDisconnect(error) && !isTimeout(error)) throw error;
    });
  }
}

function withoutLineEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === "\n" || line[end - 1] === "\r")) end--;
  return line.slice(0, end);
}
