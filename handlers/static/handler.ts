// `StaticFileHandler`: look up, decide, send.

import type { Address, Connection } from "../../connection/connection.ts";
import type { MaybePromise, WritableFile } from "../../connection/files.ts";
import { writeLog } from "../../connection/log.ts";
import type { HTTPStatus } from "../../status.ts";
import { isUnavailable } from "../file_stat.ts";
import type { ErrorPage } from "../responder.ts";
import { EXTENSIONS, SimpleHTTPRequestHandler } from "../simple.ts";
import type { SourceFile } from "../source.ts";
import type { ServerContext } from "../types.ts";
import { logUnavailable } from "../unavailable.ts";
import { after } from "./after.ts";
import {
  checkAccess,
  checkClient,
  checkHost,
  type Refusal,
} from "./check_access.ts";
import { ERROR_PAGE, ownErrorPage, withTail } from "./error_pages.ts";
import { Exchange } from "./exchange.ts";
import {
  clientOf,
  type Forwarded,
  forwardedOf,
  requestIdOf,
} from "./forwarded_request.ts";
import type { Found } from "./found.ts";
import { account, logsOtherwise } from "./log_line.ts";
import { lookUp, lookUpListing, lookUpUpstream } from "./look_up.ts";
import { decideAndOpen } from "./open_body.ts";
import { monitorPage, sendMonitorPage } from "./monitoring/monitor.ts";
import { DEFAULTS, type StaticFileOptions } from "./options.ts";
import { SentBody } from "./access/sent_body.ts";
import { addLastFields, endShort, sendAnswer } from "./send_answer.ts";
import { sendPrepared } from "./repeat.ts";
import { overridesMethod } from "../steps.ts";
import { forwardOr, receiveUpload } from "./receive_upload.ts";
import { typeIn } from "./representation/content_type.ts";
import { compileSite, type Site } from "./site.ts";

/** Errors that leave the connection usable. */
const KEEPS_OPEN: ReadonlySet<number> = new Set([401, 404, 412, 416, 421]);

/**
 * Serves directories with ranges, conditional requests, compression, listings, single-page
 * applications, access control and more; see `StaticFileOptions`. It has all hooks of
 * `SimpleHTTPRequestHandler`, and speaks HTTP/1.1.
 *
 * @example A site with clean URLs that other origins may read
 * ```ts
 * import { partial, StaticFileHandler } from "@x/httpserver/static";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 *
 * const Handler = partial(StaticFileHandler, {
 *   directory: ".",
 *   cleanUrls: true,
 *   cors: true,
 * });
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
 * server.serve_forever();
 * ```
 */
export class StaticFileHandler extends SimpleHTTPRequestHandler {
  /** The software's name and version. */
  override server_version: string = "StaticHTTP/0.1";
  /** The version in the status line; HTTP/1.1 keeps connections open. */
  override protocol_version: string = "HTTP/1.1";
  /** Whether an HTTP/1.1 request without `Host` gets 400 (RFC 9112 §3.2). */
  override requiresHost: boolean = true;
  /** The %-template of error pages, without `404.html` or `50x.html`. */
  override error_message_format: string = ERROR_PAGE;
  /** Whether a `Content-Length` of 2^53 or more gets 400. */
  override limitsContentLength: boolean = true;
  readonly #options: StaticFileOptions;
  /** The site, and the fields that it was compiled with, which a subclass may set. */
  #site: Site;
  #directory: string;
  #defaultType: string;
  /** The current request. */
  #exchange: Exchange;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's address.
   * @param server The server that accepted the connection.
   * @param options What to serve and how.
   * @throws {TypeError} An option is invalid.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
    options: StaticFileOptions = DEFAULTS,
  ) {
    super(request, client_address, server, options);
    this.#options = options;
    this.idleTimeout = options.idleTimeout;
    this.#directory = this.directory;
    this.#defaultType = this.default_content_type;
    this.#site = compileSite(options, this.#directory, this.#defaultType);
    this.#exchange = this.#begin();
  }

  /**
   * Sends the head of the response to GET and HEAD.
   *
   * @returns The body, which the caller closes; `null` if the response is complete.
   */
  override send_head(): MaybePromise<SourceFile | null> {
    try {
      const sent = after(
        this.admit(),
        (admitted) => admitted ? this.#find() : null,
      );
      // A subclass may drop the returned promise. Only a promise can hold an open file.
      return sent instanceof Promise
        ? this.remember(sent.catch((error) => this.#recover(error)))
        : sent;
    } catch (error) {
      return this.#recover(error);
    }
  }

  /**
   * Checks the host, the secret path and the password, and sends 421, 404 or 401 if they are
   * wrong. Call it from the `do_*` methods of a subclass.
   *
   * @returns Whether the request may continue.
   */
  admit(): MaybePromise<boolean> {
    const checked = checkAccess(this.#current());
    return this.remember(after(checked, (refused) => this.#pass(refused)));
  }

  /**
   * Sends the head of a folder's listing, as a page or as JSON.
   *
   * @param path The folder.
   * @returns The listing; `null` if an error was sent.
   */
  override list_directory(path: string): MaybePromise<SourceFile | null> {
    return this.remember(
      lookUpListing(this.#current(), path)
        .then((found) => this.#respond(found))
        .catch((error) => this.#recover(error)),
    );
  }

  /**
   * Sends a file, a listing or an error.
   *
   * @returns A promise if the work is asynchronous.
   */
  override do_GET(): MaybePromise<void> {
    return this.#sendPrepared(() => super.do_GET());
  }

  /**
   * Sends the head of the response that GET would get.
   *
   * @returns A promise if the work is asynchronous.
   */
  override do_HEAD(): MaybePromise<void> {
    return this.#sendPrepared(() => super.do_HEAD());
  }

  /** Responds to a preflight, or lists the supported methods. */
  do_OPTIONS(): MaybePromise<void> {
    return forwardOr(this, this.#current(), () => {
      this.#respond(checkHost(this.#exchange) ?? { kind: "options" });
    });
  }

  /** Receives the files of a form; without `upload`, responds with 405. */
  do_POST(): MaybePromise<void> {
    return this.#receive();
  }

  /** Receives a file; without `upload`, responds with 405. */
  do_PUT(): MaybePromise<void> {
    return this.#receive();
  }

  /** Continues an upload; without `upload`, responds with 405. */
  do_PATCH(): MaybePromise<void> {
    return this.#receive();
  }

  /** Cancels an upload; without `upload`, responds with 405. */
  do_DELETE(): MaybePromise<void> {
    return this.#receive();
  }

  /**
   * Sends 100 only if the request's body will be read, and not if the head alone decides
   * on the response (RFC 9110 §10.1.1), for example because the method is not supported.
   *
   * @returns Whether to respond to the request.
   */
  override handle_expect_100(): MaybePromise<boolean> {
    const isAllowed = checkClient(this.#exchange, this) === null;
    if (isAllowed && overridesMethod(this, StaticFileHandler.prototype)) {
      return super.handle_expect_100();
    }
    const forwarded = isAllowed ? lookUpUpstream(this.#exchange) : undefined;
    return after(forwarded, (forwarded) => {
      if (forwarded !== undefined) return true;
      // Without a 100 the body may or may not follow, so the next request can't be found.
      this.#exchange.expects = { keepAlive: !this.close_connection };
      this.close_connection = true;
      return true;
    });
  }

  /** Forwards a request with any method, if `proxy` has an upstream for it. */
  protected override unsupportedMethod(): MaybePromise<unknown> {
    const exchange = this.#current();
    return forwardOr(this, exchange, () => super.unsupportedMethod());
  }

  #sendPrepared(respond: () => MaybePromise<void>): MaybePromise<void> {
    const { monitor, proxy } = this.#site;
    const page = monitor && monitorPage(monitor, this.path);
    if (page !== undefined) {
      this.#exchange.unlogged = page === "health";
      return this.remember(sendMonitorPage(this, page));
    }
    if (proxy?.takes(this)) return proxy.respond(this, this.#current());
    const ours = StaticFileHandler.prototype;
    return sendPrepared(this, this.#current(), ours, this.headKey(), respond);
  }

  #find(): MaybePromise<SourceFile | null> {
    return after(lookUp(this.#exchange), (found) => this.#respond(found));
  }

  #pass(refused: Refusal | null): boolean {
    if (refused !== null) this.#respond(refused);
    return refused === null;
  }

  /** Sends 503 if a file can't be read just now, and nothing was sent yet. */
  #recover(error: unknown): MaybePromise<SourceFile | null> {
    if (!isUnavailable(error) || this.response.sent) throw error;
    return this.#respond({ kind: "unavailable", cause: error });
  }

  #receive(): MaybePromise<void> {
    const respond = (found: Found) => this.#respond(found);
    return receiveUpload(this, this.#current(), respond);
  }

  /** Decides, opens and sends. If the file has changed meanwhile, decides again. */
  #respond(found: Found): MaybePromise<SourceFile | null> {
    if (found.kind === "directory") return this.list_directory(found.path);
    if (found.kind === "upstream") {
      return this.#site.proxy!.respondToRest(this, this.#exchange, found.url);
    }
    if (found.kind === "unavailable") {
      this.#exchange.logged = true;
      logUnavailable(this, found.cause);
    }
    return after(
      decideAndOpen(this.#exchange, found),
      (opened) =>
        "kind" in opened
          ? this.#respond(opened)
          : sendAnswer(this, this.#exchange, opened),
    );
  }

  /** The current exchange. If a subclass has set fields of the site, it gets a new one. */
  #current(): Exchange {
    const { directory, default_content_type: type } = this;
    if (directory === this.#directory && type === this.#defaultType) {
      return this.#exchange;
    }
    this.#site = compileSite(this.#options, directory, type);
    this.#directory = directory;
    this.#defaultType = type;
    return this.#exchange = this.#begin().resume(this.#exchange);
  }

  #begin(): Exchange {
    const ours = StaticFileHandler.prototype.translate_path;
    return new Exchange(this, this.#site, this.translate_path !== ours);
  }

  /**
   * Turns a request's target into the path of a file in one of the folders.
   *
   * @param path The target.
   * @returns The path, with "/" at its end if the target has one.
   */
  override translate_path(path: string): string {
    return this.#current().locate(path).local;
  }

  /**
   * Guesses a file's media type from its name, and adds a charset to text types. An
   * overridden `extensions_map` takes precedence.
   *
   * @param path The file's path.
   * @returns The value of Content-Type.
   */
  override guess_type(path: string): string {
    const { extensions_map: own } = this;
    const type = own === EXTENSIONS ? undefined : typeIn(own, path);
    return type ?? this.#site.typeOf(path);
  }

  /**
   * Returns the site's own page for an error, or the built-in one.
   *
   * @param status The status code.
   * @param reason The reason phrase.
   * @param text A longer explanation.
   * @returns The page and its media type.
   */
  override error_page(status: number, reason: string, text: string): ErrorPage {
    const page = ownErrorPage(this.#exchange, status) ??
      super.error_page(status, reason, text);
    return withTail(page, this.#exchange.tail);
  }

  /**
   * Whether an error closes the connection. Unlike in CPython, 401, 404, 412, 416 and 421 don't.
   *
   * @param status The error's status code.
   * @returns `true` to send `Connection: close`.
   */
  override closesAfterError(status: number): boolean {
    return !KEEPS_OPEN.has(status);
  }

  /** Adds the fields that every response of the site has, and ends the head. */
  override end_headers(): void {
    const isFinal = addLastFields(this, this.#exchange);
    super.end_headers();
    if (isFinal) this.#exchange.body?.begin();
  }

  /**
   * Copies the body. If the file was truncated or can't be read to its end, logs that and
   * closes the connection before the response is complete.
   *
   * @param source The body.
   * @param outputfile The stream to write to.
   * @returns A promise if it has to wait.
   */
  override copyfile(
    source: SourceFile,
    outputfile: WritableFile,
  ): MaybePromise<void> {
    const copied = super.copyfile(source, outputfile);
    return copied instanceof Promise
      ? copied.catch((error) => endShort(this, error))
      : copied;
  }

  /** Serves one request, and logs it at its end if the log format requires that. */
  override handle_one_request(): Promise<void> {
    // A request that is rejected before its fields are parsed must not show the last one's.
    this.headers = new this.MessageClass();
    this.#exchange = this.#begin();
    if (!this.#site.timed) return super.handle_one_request();
    this.#exchange.body = new SentBody(this.wfile);
    return super.handle_one_request()
      .finally(() => account(this, this.#exchange));
  }

  /** Parses a request, records when it came, and sends 403 if the client's address is not allowed. */
  override parse_request(): MaybePromise<boolean> {
    if (this.#site.timed) this.#exchange.began = performance.now();
    const parsed = super.parse_request();
    if (this.#site.allows === undefined) return parsed;
    return after(
      parsed,
      (parsed) => parsed && this.#pass(checkClient(this.#exchange, this)),
    );
  }

  /**
   * Logs a request in CPython's format when its response begins. The other formats wait for its end.
   *
   * @param code The status code.
   * @param size The size of the response.
   */
  override log_request(
    code?: number | string | HTTPStatus,
    size?: number | string,
  ): void {
    // A request line that is too long is rejected without being parsed.
    if (this.#site.timed) this.#exchange.began ||= performance.now();
    const isLogged = logsOtherwise(this, this.#exchange, code, size);
    if (!isLogged) super.log_request(code, size);
  }

  /**
   * Logs the status of an error, unless it is logged elsewhere.
   *
   * @param status The status code.
   * @param reason The reason phrase.
   */
  override log_refusal(status: number, reason: string): void {
    const { logged, site } = this.#exchange;
    this.#exchange.refusal = reason;
    if (!logged && site.log === "python") super.log_refusal(status, reason);
  }

  /** Logs an error, unless `log` is `"none"`. */
  override log_error(template: string, ...args: unknown[]): void {
    const { log, secret } = this.#site;
    if (log === "none") return;
    super.log_error(template, ...secret?.maskAll(args) ?? args);
  }

  /**
   * Returns the client's address for the log; behind trusted proxies, the address that they report.
   *
   * @returns The address.
   */
  override address_string(): string {
    return clientOf(this.#site, this);
  }

  /** What the client sent the request to; behind trusted proxies, as they report it. */
  get forwarded(): Forwarded {
    return forwardedOf(this.#site, this);
  }

  /** The ID of the request: `X-Request-Id` or the trace ID of `traceparent` if a trusted proxy sent it, else a new one. */
  get requestId(): string {
    return this.#exchange.id ??= requestIdOf(this.#site, this);
  }

  /**
   * Writes a line of the access log to standard error. Override it to log elsewhere.
   *
   * @param line The line, without a line break.
   */
  log_access(line: string): void {
    writeLog(line + "\n");
  }
}
