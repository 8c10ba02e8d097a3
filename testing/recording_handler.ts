// Makes a handler class record its requests, apply faults and respond as expected.

import type { Address, Connection } from "../connection/connection.ts";
import type { MaybePromise, ReadableFile } from "../connection/files.ts";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import { HTTPResponder } from "../handlers/responder.ts";
import { StaticFileHandler } from "../handlers/static/handler.ts";
import type { RequestHandlerClass, ServerContext } from "../handlers/types.ts";
import { HTTPMessage } from "../parser/headers.ts";
import { type HTTPStatus, statusCode } from "../status.ts";
import type { Expectation, Reply } from "./expectations.ts";
import type { FaultPlan } from "./faults.ts";
import { faultyResponse } from "./faulty_response.ts";
import { RecordedRequest } from "./recorded_request.ts";
import { readBody, ReplayedFile } from "./replayed_file.ts";
import type { WireConn } from "./wire.ts";

/** The most bytes of a body that are recorded. */
export const MAX_BODY = 16 * 1024 * 1024;

/** A handler class as a server constructs it. */
export type TestedHandler = new (
  request: Connection,
  client_address: Address,
  server: ServerContext,
) => BaseHTTPRequestHandler;

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

/** Responds to nothing by itself: for a site with expectations only. */
export class ExpectedOnlyHandler extends BaseHTTPRequestHandler {
  /** Keeps connections open. */
  override protocol_version: string = "HTTP/1.1";
}

/**
 * Creates a handler class that records.
 *
 * @param Handler The class to extend.
 * @param recorder What the requests go through.
 * @returns The class.
 */
export function recordingHandler(
  Handler: TestedHandler,
  recorder: Recorder,
): RequestHandlerClass {
  return class extends quietUnless(recorder.log, Handler) {
    #request: RecordedRequest | undefined;
    /** The file that `rfile` replaces during a request. */
    #body: ReadableFile | undefined;
    #broken = false;

    override async handle_one_request(): Promise<void> {
      const { timeout } = this.connection;
      try {
        await super.handle_one_request();
      } finally {
        if (this.#body !== undefined) this.rfile = this.#body;
        this.#body = undefined;
        if (this.#broken) await this.#endFault();
        this.connection.settimeout(timeout);
        this.#request = undefined;
      }
    }

    override parse_request(): MaybePromise<boolean> {
      const parsed = super.parse_request();
      return parsed instanceof Promise
        ? parsed.then((good) => good && this.#receive())
        : parsed && this.#receive();
    }

    override send_response_only(
      code: number | HTTPStatus,
      message?: string | null,
    ): void {
      super.send_response_only(code, message);
      const status = statusCode(code);
      if (this.#request === undefined || (status < 200 && status !== 101)) {
        return;
      }
      this.#request.responded(status);
      recorder.changed();
    }

    #receive(): MaybePromise<boolean> {
      const [, target = this.path] = this.requestline.split(/[ \t]+/);
      const request = this.#request = new RecordedRequest({
        method: this.command,
        target,
        version: this.request_version,
        // The handler may change its own.
        headers: new HTTPMessage(this.headers.items()),
        client: this.client_address,
        time: new Date(),
      });
      if (!recorder.bodies || !this.#hasBody) return this.#decide(request);
      return this.#record(request).then(() => this.#decide(request));
    }

    get #hasBody(): boolean {
      return this.headers.has("Content-Length") ||
        this.headers.has("Transfer-Encoding");
    }

    /** Reads the body, and gives it to the handler again. */
    async #record(request: RecordedRequest): Promise<void> {
      this.#askForBody();
      const body = this.#body = this.rfile;
      const read = await readBody(body, MAX_BODY);
      request.received(read.bytes, read.complete);
      this.rfile = new ReplayedFile(read, body);
    }

    /** Sends 100 if the handler has no method for the request, but an expectation may. */
    #askForBody(): void {
      const expect = this.headers.get("Expect")?.toLowerCase();
      if (
        expect === "100-continue" && this.request_version >= "HTTP/1.1" &&
        !this.response.continued
      ) this.handle_expect_100();
    }

    #decide(request: RecordedRequest): MaybePromise<boolean> {
      if (!this.#hasBody) request.received(new Uint8Array(), true);
      recorder.received(request);
      const fault = recorder.fault(request);
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
      // A fault can take longer than the server's deadlines.
      this.connection.settimeout(null);
      // An interim response is not part of it.
      await this.wfile.flush();
      const conn = this.connection.conn as WireConn;
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
      this.close_connection = true;
      return false;
    }

    async #endFault(): Promise<void> {
      this.#broken = false;
      const conn = this.connection.conn as WireConn;
      const problem = await conn.disarm();
      if (problem !== undefined) {
        recorder.failed(
          `A fault can't be applied to ${this.#request}`,
          problem,
        );
      }
      if (conn.over) this.close_connection = true;
    }

    #respond(request: RecordedRequest): MaybePromise<boolean> {
      const expectation = recorder.find(request);
      if (expectation !== undefined) return this.#reply(request, expectation);
      if (recorder.handles) return true;
      this.#send({ status: 500, body: recorder.unmatched(request) });
      return false;
    }

    async #reply(
      request: RecordedRequest,
      expectation: Expectation,
    ): Promise<false> {
      try {
        this.#send(await expectation.meet(request));
      } catch (error) {
        recorder.failed(`Cannot respond to ${request}`, error);
        // The status line may be pending.
        this.response.clear();
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
      this.send_response(status);
      for (const [name, value] of fields) this.send_header(name, value);
      const bodyless = status < 200 || status === 204 || status === 304;
      if (!bodyless) {
        if (!fields.has("Content-Type") && bytes.length > 0) {
          this.send_header("Content-Type", typeOf(reply));
        }
        if (!fields.has("Content-Length") && !fields.has("Transfer-Encoding")) {
          this.send_header("Content-Length", bytes.length);
        }
      }
      this.end_headers();
      if (!bodyless && this.command !== "HEAD") this.wfile.write(bytes);
    }
  };
}

/** Makes a handler class log nothing, unless it logs in its own way. */
function quietUnless(log: boolean, Handler: TestedHandler): TestedHandler {
  const { prototype } = Handler;
  const { log_message } = HTTPResponder.prototype;
  const { log_access } = StaticFileHandler.prototype;
  if (log) return Handler;
  class Quiet extends Handler {}
  if (prototype.log_message === log_message) {
    Quiet.prototype.log_message = nothing;
  }
  if ((prototype as { log_access?: unknown }).log_access === log_access) {
    Object.assign(Quiet.prototype, { log_access: nothing });
  }
  return Quiet;
}

function nothing(): void {}

function typeOf(reply: Reply): string {
  if ("json" in reply) return "application/json";
  return typeof reply.body === "string"
    ? "text/plain; charset=utf-8"
    : "application/octet-stream";
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}
