// Sends the head of a response through the handler's hooks, so that overrides take effect.

import { markDisconnect } from "../../connection/errors.ts";
import { isUnavailable } from "../file_stat.ts";
import type { SourceFile } from "../source.ts";
import { logUnavailable } from "../unavailable.ts";
import { policyFields } from "./answer_fields.ts";
import type { Exchange } from "./exchange.ts";
import type { Opened } from "./open_body.ts";
import type { Field } from "./response/fields.ts";

/** The hooks of a handler. */
interface Sender {
  send_error(code: number, message?: string | null): void;
  send_response(code: number): void;
  send_header(keyword: string, value: string): void;
  end_headers(): void;
  endHeadersChunked(): void;
}

const NO_FIELDS: readonly Field[] = Object.freeze([]);

/**
 * Sends the head of a response, or a whole error response.
 *
 * @param handler The handler.
 * @param exchange The request.
 * @param opened The planned response with its body, which is closed if a hook throws.
 * @returns The body, for the caller to send and close; `null` if the response is complete.
 */
export function sendAnswer(
  handler: Sender,
  exchange: Exchange,
  { answer, source }: Opened,
): SourceFile | null {
  const { status, fields, body } = answer;
  try {
    if (body.kind === "error") {
      // `end_headers()` sends them after the fields of the page.
      exchange.fields = fields;
      handler.send_error(status, body.reason);
      return null;
    }
    exchange.fields = NO_FIELDS;
    handler.send_response(status);
    for (const [name, value] of fields) handler.send_header(name, value);
    if (body.length === Infinity) handler.endHeadersChunked();
    else handler.end_headers();
    return source;
  } catch (error) {
    // A 500 follows, which must not get these fields.
    exchange.fields = null;
    source?.close();
    throw error;
  }
}

/**
 * Adds the fields that every response of the site has, before its head ends.
 *
 * @param handler The handler.
 * @param exchange The request.
 * @returns Whether it is the head of a final response.
 */
export function addLastFields(
  handler: Closing & {
    readonly response: {
      readonly code: number;
      readonly ended: boolean;
      readonly idle: boolean;
      readonly interim: boolean;
    };
    send_header(keyword: string, value: string): void;
  },
  exchange: Exchange,
): boolean {
  const { response } = handler;
  const isFinal = !response.idle && !response.interim && response.code !== 0;
  if (isFinal && !response.ended) {
    const fields = exchange.fields ?? policyFields(exchange);
    for (const [name, value] of fields) handler.send_header(name, value);
    if (announcesClose(handler)) handler.send_header("Connection", "close");
  }
  return isFinal;
}

/** The parts of a handler that say whether the connection ends after the response. */
interface Closing {
  readonly close_connection: boolean;
  readonly connection: { readonly stopping: boolean };
  readonly protocol_version: string;
  readonly request_version: string;
  readonly response: { readonly hasConnection: boolean };
}

/** Whether to announce that the connection closes (RFC 9112 §9.6); HTTP/1.0 clients expect that anyway. */
function announcesClose(handler: Closing): boolean {
  return (handler.close_connection || handler.connection.stopping) &&
    handler.request_version >= "HTTP/1.1" &&
    handler.protocol_version >= "HTTP/1.1" && !handler.response.hasConnection;
}

/**
 * Ends a response whose body can't be sent to its end: logs why, and closes the connection.
 *
 * @param handler The handler.
 * @param error What reading or sending the body threw.
 * @throws {Error} The error, marked as a disconnect if it was logged.
 */
export function endShort(
  handler: { log_error(template: string, ...args: unknown[]): void },
  error: unknown,
): never {
  if (error instanceof Deno.errors.UnexpectedEof) {
    handler.log_error("%s", error.message);
    throw markDisconnect(error);
  }
  if (isUnavailable(error)) {
    logUnavailable(handler, error);
    throw markDisconnect(error);
  }
  throw error;
}
