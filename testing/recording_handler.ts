// Makes a handler class record its requests, apply faults and respond as expected.

import type { Address, Connection } from "../connection/connection.ts";
import type { MaybePromise } from "../connection/files.ts";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import { HTTPResponder } from "../handlers/responder.ts";
import { StaticFileHandler } from "../handlers/static/handler.ts";
import type { RequestHandlerClass, ServerContext } from "../handlers/types.ts";
import { type HTTPStatus, statusCode } from "../status.ts";
import { RecordedExchange, type Recorder } from "./recorded_exchange.ts";

/** A handler class whose requests can be recorded. */
type TestedHandler = new (
  request: Connection,
  client_address: Address,
  server: ServerContext,
) => BaseHTTPRequestHandler;

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
 * @throws {TypeError} If it doesn't extend `BaseHTTPRequestHandler`.
 */
export function recordingHandler(
  Handler: RequestHandlerClass,
  recorder: Recorder,
): RequestHandlerClass {
  if (!isTested(Handler)) {
    throw new TypeError(
      `Cannot serve ${Handler.name}: it must extend BaseHTTPRequestHandler`,
    );
  }
  return class extends quietUnless(recorder.log, Handler) {
    readonly #exchange = new RecordedExchange(this, recorder);

    override async handle_one_request(): Promise<void> {
      try {
        await super.handle_one_request();
      } finally {
        await this.#exchange.end();
      }
    }

    override parse_request(): MaybePromise<boolean> {
      const parsed = super.parse_request();
      return parsed instanceof Promise
        ? parsed.then((good) => good && this.#exchange.begin())
        : parsed && this.#exchange.begin();
    }

    override send_response_only(
      code: number | HTTPStatus,
      message?: string | null,
    ): void {
      super.send_response_only(code, message);
      this.#exchange.responding(statusCode(code));
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

function isTested(Handler: RequestHandlerClass): Handler is TestedHandler {
  return Handler.prototype instanceof BaseHTTPRequestHandler;
}

function nothing(): void {}
