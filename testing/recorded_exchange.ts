// One request to a `TestSite`: records it, then applies a fault or responds as expected.

import type { MaybePromise, ReadableFile } from "../connection/files.ts";
import type { BaseHTTPRequestHandler } from "../handlers/base.ts";
import { HTTPMessage } from "../parser/headers.ts";
import type { Expectation, Reply } from "./expectations.ts";
import type { FaultPlan } from "./faults.ts";
import { faultyResponse } from "./faulty_response.ts";
import { RecordedRequest } from "./recorded_request.ts";
import { readBody, ReplayedFile } from "./replayed_file.ts";
import type { WireConn } from "./wire.ts";

/** The most bytes of a body that are recorded. */
const MAX_BODY = 16 * 1024 * 1024;

/** What the requests of a site go through. */
export interface Recorder {
  /** Whether access lines and errors are logged. */
  readonly log: boolean;
  /** Whether bodies are recorded. */
  readonly bodies: boolean;
  /** Whether the handler responds to requests that no expectation matches. */
  readonly handles: boolean;
  /** Records a request. */
  received(request: RecordedRequest): void;
  /** Reports that a request has its status. */
  changed(): void;
  /** Takes the fault for a request. */
  fault(request: RecordedRequest): FaultPlan | undefined;
  /** Finds the expectation that a request meets. */
  find(request: RecordedRequest): Expectation | undefined;
  /** Reports a request that meets no expectation, and explains it. */
  unmatched(request: RecordedRequest): string;
  /** Reports that a handler, a reply or a fault failed. */
  failed(what: string, error: unknown): void;
}

/** The exchanges of one handler, one after the other. */
export class RecordedExchange {
  readonly #handler: BaseHTTPRequestHandler;
  readonly #recorder: Recorder;
  #request: RecordedRequest | undefined;
  /** The file that `rfile` replaces during a request. */
  #body: ReadableFile | undefined;
  #broken = false;
  #timeout: number | null = null;

  /**
   * Starts without a request.
   *
   * @param handler The handler.
   * @param recorder What the requests go through.
   */
  constructor(handler: BaseHTTPRequestHandler, recorder: Recorder) {
    this.#handler = handler;
    this.#recorder = recorder;
  }

  /**
   * Takes the status of a response that begins.
   *
   * @param status The status code.
   */
  responding(status: number): void {
    const interim = status < 200 && status !== 101;
    if (this.#request === undefined || interim) return;
    this.#request.responded(status);
    this.#recorder.changed();
  }

  /** Ends the exchange, and its fault. */
  async end(): Promise<void> {
    if (this.#body !== undefined) this.#handler.rfile = this.#body;
    this.#body = undefined;
    if (this.#broken) await this.#endFault();
    this.#request = undefined;
  }

  /**
   * Takes a request whose head was parsed.
   *
   * @returns Whether the handler responds to it.
   */
  begin(): MaybePromise<boolean> {
    const [, target = this.#handler.path] = this.#handler.requestline.split(
      /[ \t]+/,
    );
    const request = this.#request = new RecordedRequest({
      method: this.#handler.command,
      target,
      version: this.#handler.request_version,
      // The handler may change its own.
      headers: new HTTPMessage(this.#handler.headers.items()),
      client: this.#handler.client_address,
      time: new Date(),
    });
    if (!this.#recorder.bodies || !this.#hasBody) return this.#decide(request);
    return this.#record(request).then(() => this.#decide(request));
  }

  get #hasBody(): boolean {
    return this.#handler.headers.has("Content-Length") ||
      this.#handler.headers.has("Transfer-Encoding");
  }

  /** Reads the body, and gives it to the handler again. */
  async #record(request: RecordedRequest): Promise<void> {
    this.#askForBody();
    const body = this.#body = this.#handler.rfile;
    const read = await readBody(body, MAX_BODY);
    request.received(read.bytes, read.complete);
    this.#handler.rfile = new ReplayedFile(read, body);
  }

  /** Sends 100 if the handler has no method for the request, but an expectation may. */
  #askForBody(): void {
    const expect = this.#handler.headers.get("Expect")?.toLowerCase();
    if (
      expect === "100-continue" &&
      this.#handler.request_version >= "HTTP/1.1" &&
      !this.#handler.response.continued
    ) this.#handler.handle_expect_100();
  }

  #decide(request: RecordedRequest): MaybePromise<boolean> {
    if (!this.#hasBody) request.received(new Uint8Array(), true);
    this.#recorder.received(request);
    const fault = this.#recorder.fault(request);
    return fault === undefined
      ? this.#respond(request)
      : this.#break(request, fault);
  }

  async #break(
    request: RecordedRequest,
    fault: FaultPlan,
  ): Promise<boolean> {
    request.faulted(fault.kind);
    this.#broken = true;
    this.#timeout = this.#handler.connection.timeout;
    // A fault can take longer than the server's deadlines.
    this.#handler.connection.settimeout(null);
    // An interim response is not part of it.
    await this.#handler.wfile.flush();
    const conn = this.#handler.connection.conn as WireConn;
    const response = faultyResponse(fault);
    if (response !== undefined) {
      conn.arm(response);
      return await this.#respond(request);
    }
    if (fault.kind === "silence") await conn.discard();
    else if (fault.kind === "reset") await conn.end("reset");
    else {
      if (fault.kind === "garbage") await conn.write(bytesOf(fault.bytes));
      await conn.end("fin");
    }
    this.#handler.close_connection = true;
    return false;
  }

  async #endFault(): Promise<void> {
    this.#broken = false;
    const conn = this.#handler.connection.conn as WireConn;
    const problem = await conn.disarm();
    if (problem !== undefined) {
      this.#recorder.failed(
        `A fault can't be applied to ${this.#request}`,
        problem,
      );
    }
    if (conn.over) this.#handler.close_connection = true;
    this.#handler.connection.settimeout(this.#timeout);
  }

  #respond(request: RecordedRequest): MaybePromise<boolean> {
    const expectation = this.#recorder.find(request);
    if (expectation !== undefined) return this.#reply(request, expectation);
    if (this.#recorder.handles) return true;
    this.#send({ status: 500, body: this.#recorder.unmatched(request) });
    return false;
  }

  async #reply(
    request: RecordedRequest,
    expectation: Expectation,
  ): Promise<false> {
    try {
      this.#send(await expectation.meet(request));
    } catch (error) {
      this.#recorder.failed(`Cannot respond to ${request}`, error);
      // The status line may be pending.
      this.#handler.response.clear();
      this.#send({ status: 500, body: `Cannot respond: ${error}\n` });
    }
    return false;
  }

  #send(reply: Reply): void {
    const { status = 200, headers = [], body = "" } = reply;
    const fields = new HTTPMessage(
      Array.isArray(headers) ? headers : Object.entries(headers),
    );
    const isJson = "json" in reply;
    const bytes = bytesOf(isJson ? JSON.stringify(reply.json) : body);
    this.#handler.send_response(status);
    for (const [name, value] of fields) this.#handler.send_header(name, value);
    const bodyless = status < 200 || status === 204 || status === 304;
    if (!bodyless) {
      if (!fields.has("Content-Type") && bytes.length > 0) {
        this.#handler.send_header("Content-Type", typeOf(reply));
      }
      if (!fields.has("Content-Length") && !fields.has("Transfer-Encoding")) {
        this.#handler.send_header("Content-Length", bytes.length);
      }
    }
    this.#handler.end_headers();
    if (!bodyless && this.#handler.command !== "HEAD") {
      this.#handler.wfile.write(bytes);
    }
  }
}

function typeOf(reply: Reply): string {
  if ("json" in reply) return "application/json";
  return typeof reply.body === "string"
    ? "text/plain; charset=utf-8"
    : "application/octet-stream";
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}
