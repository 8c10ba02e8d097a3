// What every answer of a site has in common, whatever it sends: who may ask, the fields
// that all carry, the pages of errors, and the log. What is sent is `handler.ts`'s.

import type { Address, Connection } from "../../connection/connection.ts";
import {
  isDisconnect,
  isTimeout,
  markDisconnect,
} from "../../connection/errors.ts";
import type { MaybePromise, WritableFile } from "../../connection/files.ts";
import { writeLog } from "../../connection/log.ts";
import { type HTTPStatus, statusCode } from "../../status.ts";
import { cachedContent } from "../file_cache.ts";
import { isFileError } from "../file_stat.ts";
import { SimpleHTTPRequestHandler } from "../simple.ts";
import type { SourceFile } from "../source.ts";
import type { ServerContext } from "../types.ts";
import { formatAccess } from "./policy/access_log.ts";
import { DEFAULTS, type StaticFileOptions } from "./options.ts";
import { type ExtraFields, sortExtraFields } from "./policy/extra_fields.ts";
import type { Field } from "./policy/fields.ts";
import { SentBody } from "./sent_body.ts";
import { compileSite, type Site } from "./site.ts";
import { toLocation } from "./policy/location.ts";
import { authorityOf } from "./policy/target.ts";
import { mergeVary } from "./policy/vary.ts";

const METHODS = "GET, HEAD, OPTIONS";

/** The errors that tell of the site rather than of the connection: one missing picture need not cost it. */
const LASTING: ReadonlySet<number> = new Set([401, 404, 412, 416, 421]);

/** The user's fields, sorted once for each list of them. */
const sorted = new WeakMap<readonly Field[], ExtraFields>();

/** Until when error pages that are not there are not looked for again, by their paths. */
const absent = new Map<string, number>();

/** For how long that is, in milliseconds: to look for what is not there costs more than the answer. */
const ABSENT_FOR = 1_000;

/** When to come back if too many passwords wait to be checked, in seconds: some places are free by then. */
const RETRY_AFTER = "2";

const NO_FIELDS: readonly Field[] = Object.freeze([]);

/** A handler for a site, without what it sends. */
export class SiteHandler extends SimpleHTTPRequestHandler {
  /** The software's name and version. */
  override server_version: string = "StaticHTTP/0.1";
  /** Refuses HTTP/1.1 without Host with 400 (RFC 9112 §3.2). */
  override requiresHost: boolean = true;
  /** Refuses a Content-Length of 2^53 or more with 400. */
  override limitsContentLength: boolean = true;
  readonly #site: Site;
  #user: string | null = null;
  #vary = "";
  #errorFields: readonly Field[] = NO_FIELDS;
  /** The user's fields that the answer carries. */
  #extra: ExtraFields | undefined;
  #began = 0;
  #body: SentBody | undefined;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's address.
   * @param server The server that accepted the connection.
   * @param options What to serve, and how.
   * @throws {TypeError} Where an option is malformed.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
    options: StaticFileOptions = DEFAULTS,
  ) {
    super(request, client_address, server, options);
    this.#site = compileSite(options);
  }

  /** Answers a preflight of another origin's page, or tells the methods there are. */
  do_OPTIONS(): void {
    if (this.#isForeign()) return;
    this.send_response(204);
    this.send_header("Allow", METHODS);
    this.end_headers();
  }

  /** Refuses: files are only read here. */
  do_POST(): void {
    this.#refuseMethod();
  }

  /** Refuses: files are only read here. */
  do_PUT(): void {
    this.#refuseMethod();
  }

  /** Refuses: files are only read here. */
  do_PATCH(): void {
    this.#refuseMethod();
  }

  /** Refuses: files are only read here. */
  do_DELETE(): void {
    this.#refuseMethod();
  }

  /**
   * Whether the request may be answered; where not, it has been refused.
   *
   * @returns `true` for everybody where no users are given.
   */
  admit(): MaybePromise<boolean> {
    if (this.#isForeign()) return false;
    return this.#site.access === undefined || this.#admitUser();
  }

  /**
   * Notes that the answer depends on fields of the request.
   *
   * @param names The names of the fields, separated by commas.
   */
  varyBy(names: string): void {
    this.#vary = this.#vary === "" ? names : mergeVary(this.#vary, [names]);
  }

  /**
   * Sends the head of a file or a listing: its own fields, and the user's in place of
   * those of the same names. `end_headers()` is the caller's.
   *
   * @param status The status code.
   * @param fields The names and values of its own fields.
   */
  sendHeadWith(
    status: number,
    fields: readonly (readonly [name: string, value: string])[],
  ): void {
    this.send_response(status);
    const { extra_response_headers: given } = this;
    if (given.length === 0) {
      for (const [name, value] of fields) this.send_header(name, value);
      return;
    }
    let extra = sorted.get(given);
    if (extra === undefined) {
      extra = sortExtraFields(given);
      sorted.set(given, extra);
    }
    this.#extra = extra;
    this.#sendOwn(fields);
    const added = status === 304 ? extra.notModified : extra.fields;
    for (const [name, value] of added) this.send_header(name, value);
    if (extra.vary !== "") this.varyBy(extra.vary);
  }

  /**
   * Sends an error with fields of its own.
   *
   * @param code The status code.
   * @param fields Their names and values.
   */
  sendErrorWith(
    code: number,
    fields: readonly (readonly [name: string, value: string])[],
  ): void {
    this.#errorFields = fields;
    this.send_error(code);
  }

  /**
   * Whether an error closes the connection. Unlike in CPython, one about what was asked
   * for does not.
   *
   * @param status The error's status code.
   * @returns `true` to send `Connection: close` with it.
   */
  override closesAfterError(status: number): boolean {
    return !LASTING.has(status);
  }

  /**
   * Sends and logs a complete error answer: the site's own page for it where there is one.
   *
   * @param code The status code.
   * @param message The reason phrase; by default the usual one.
   * @param explain A longer explanation for the usual page.
   */
  override send_error(
    code: number | HTTPStatus,
    message?: string | null,
    explain?: string | null,
  ): void {
    const status = statusCode(code);
    const page = this.#errorPage(status);
    if (page === undefined) return super.send_error(code, message, explain);
    const reason = message ?? this.responses[status]?.[0] ?? "???";
    this.log_error("code %d, message %s", status, reason);
    this.send_response(status, reason);
    if (this.closesAfterError(status)) this.send_header("Connection", "close");
    this.send_header("Content-Type", "text/html; charset=utf-8");
    this.send_header("Content-Length", String(page.length));
    this.end_headers();
    if (this.command !== "HEAD") this.wfile.write(page);
  }

  /** Adds the fields that every answer of the site carries, and ends the head. */
  override end_headers(): void {
    const { response } = this;
    const final = !response.idle && !response.interim && response.code !== 0;
    if (final && !response.ended) this.#addCommonFields();
    super.end_headers();
    if (final) this.#body?.begin();
  }

  /**
   * Parses a request; notes when it came.
   *
   * @returns Whether the request is to be answered.
   */
  override parse_request(): MaybePromise<boolean> {
    if (this.#site.log !== "python") this.#began = performance.now();
    return super.parse_request();
  }

  /**
   * Answers one request, and logs it when that is done, where the format tells of the end.
   *
   * @returns A promise for the end of the request.
   */
  override handle_one_request(): Promise<void> {
    // What is refused before its fields are read must not be taken for the request before.
    this.headers = new this.MessageClass();
    this.#user = null;
    this.#vary = "";
    this.#errorFields = NO_FIELDS;
    this.#extra = undefined;
    this.#body = new SentBody(this.wfile);
    const answered = super.handle_one_request();
    const { log } = this.#site;
    return log === "python" || log === "none"
      ? answered
      : answered.finally(() => this.#logAccess(log));
  }

  /**
   * Logs a request when its answer begins, in CPython's format; the others wait for its end.
   *
   * @param code The status code.
   * @param size The size of the answer.
   */
  override log_request(
    code?: number | string | HTTPStatus,
    size?: number | string,
  ): void {
    if (this.#site.log === "python") return super.log_request(code, size);
    // A line that is too long, or never ends, is refused without being parsed.
    if (this.#began === 0) this.#began = performance.now();
  }

  /**
   * Logs an error; in the other formats than CPython's, not what the status says already.
   *
   * @param template A %-template.
   * @param args What it shows.
   */
  override log_error(template: string, ...args: unknown[]): void {
    const { log } = this.#site;
    const told = log !== "python" && template.startsWith("code %d");
    if (!told && log !== "none") super.log_error(template, ...args);
  }

  /**
   * The client's address for the log: behind proxies that are trusted, the one they tell.
   *
   * @returns The address.
   */
  override address_string(): string {
    const peer = super.address_string();
    const { clientOf } = this.#site;
    if (clientOf === undefined) return peer;
    const forwarded = this.headers.get_all("X-Forwarded-For", []);
    return clientOf(peer, forwarded.length === 0 ? null : forwarded.join(","));
  }

  /**
   * Writes a line of the access log, to standard error. Override it to log elsewhere.
   *
   * @param line The line, without its end.
   */
  log_access(line: string): void {
    writeLog(line + "\n");
  }

  /**
   * Leads the client to another path of this server.
   *
   * @param status The status code.
   * @param names The names of the path.
   * @param trailingSlash Whether a slash ends it.
   * @returns Nothing to send.
   */
  redirectTo(
    status: number,
    names: readonly string[],
    trailingSlash: boolean,
  ): null {
    this.send_response(status);
    this.send_header("Location", toLocation(names, trailingSlash, this.path));
    this.send_header("Content-Length", "0");
    this.end_headers();
    return null;
  }

  /**
   * Copies what is sent. Where a file turns out to be cut, the log says so, and the
   * connection ends without the end of the answer.
   *
   * @param source What is sent.
   * @param outputfile Where it goes.
   * @returns A promise where there is something to wait for.
   */
  override copyfile(
    source: SourceFile,
    outputfile: WritableFile,
  ): MaybePromise<void> {
    const copied = super.copyfile(source, outputfile);
    return copied instanceof Promise
      ? copied.catch((error) => this.#endShort(error))
      : copied;
  }

  #endShort(error: unknown): never {
    if (!(error instanceof Deno.errors.UnexpectedEof)) throw error;
    this.log_error("%s", error.message);
    throw markDisconnect(error);
  }

  /** Whether the request is for a host that this server does not answer for; then it has been refused. */
  #isForeign(): boolean {
    const { answersFor } = this.#site;
    if (answersFor === undefined) return false;
    const host = authorityOf(this.path) ?? this.headers.get("Host");
    if (answersFor(host)) return false;
    // RFC 9110 15.5.20: the request came to a server that does not answer for its host.
    this.send_error(421);
    return true;
  }

  async #admitUser(): Promise<boolean> {
    const { challenge, check } = this.#site.access!;
    const checked = await check(this.headers.get("Authorization"), {
      address: this.address_string(),
      signal: this.connection.signal,
    });
    if (checked === "busy") {
      this.sendErrorWith(503, [["Retry-After", RETRY_AFTER]]);
      return false;
    }
    const { user } = checked;
    this.#user = user ?? null;
    if (user !== undefined) return true;
    this.sendErrorWith(401, [["WWW-Authenticate", challenge]]);
    return false;
  }

  #refuseMethod(): void {
    this.sendErrorWith(405, [["Allow", METHODS]]);
  }

  /** The site's own page for a status. */
  #errorPage(status: number): Uint8Array | undefined {
    const { errorPages, main } = this.#site;
    const name = status === 404 ? "404.html" : "50x.html";
    const reads = this.command === "GET" || this.command === "HEAD";
    if (!errorPages || !reads || (status !== 404 && status < 500)) {
      return undefined;
    }
    const path = `${main.path}/${name}`;
    const now = Date.now();
    if (now < (absent.get(path) ?? 0)) return undefined;
    const info = main.find(path);
    if (info === null || !info.isFile) {
      // One for each site and kind of error.
      absent.set(path, now + ABSENT_FOR);
      return undefined;
    }
    try {
      return cachedContent(path, info, true);
    } catch (error) {
      // Then the usual page will do.
      if (isFileError(error)) return undefined;
      throw error;
    }
  }

  #addCommonFields(): void {
    const { fields, cors } = this.#site;
    this.#sendOwn(fields);
    this.#sendOwn(this.#errorFields);
    if (cors !== undefined) {
      const { headers } = this;
      const decision = cors({ method: this.command, headers });
      this.#sendOwn(decision.headers);
      for (const name of decision.vary) this.varyBy(name);
    }
    if (this.#vary !== "") this.send_header("Vary", this.#vary);
    // RFC 9112 9.6. A client of HTTP/1.0 takes every answer for the last one.
    if (
      (this.close_connection || this.connection.stopping) &&
      this.request_version >= "HTTP/1.1" &&
      this.protocol_version >= "HTTP/1.1" && !this.response.hasConnection
    ) this.send_header("Connection", "close");
  }

  /** Sends fields that the user has not replaced. */
  #sendOwn(fields: readonly Field[]): void {
    const replaced = this.#extra?.names;
    for (const [name, value] of fields) {
      if (!replaced?.has(name.toLowerCase())) this.send_header(name, value);
    }
  }

  async #logAccess(format: "common" | "combined" | "json"): Promise<void> {
    // Nothing had come, or nothing was answered.
    if (this.#began === 0 || this.response.code === 0) return;
    try {
      // Only then it is known how much the client has got.
      await this.wfile.flush();
    } catch (error) {
      if (!isDisconnect(error) && !isTimeout(error)) throw error;
    }
    const now = Date.now();
    const durationMs = performance.now() - this.#began;
    this.#began = 0;
    const line = formatAccess({
      address: this.address_string(),
      user: this.#user,
      timeMs: now - durationMs,
      offsetMinutes: -new Date(now).getTimezoneOffset(),
      requestLine: this.requestline,
      status: this.response.code,
      bytes: this.command === "HEAD" ? 0 : this.#body?.bytes ?? 0,
      referer: this.headers.get("Referer"),
      agent: this.headers.get("User-Agent"),
      durationMs,
    }, format);
    this.log_access(line);
  }
}
