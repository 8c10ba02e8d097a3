// The log lines of requests: in CPython's format with a secret path, and the access log's, which
// is written when a response has ended.

import { isDisconnect, isTimeout } from "../../connection/errors.ts";
import type { WritableFile } from "../../connection/files.ts";
import type { HTTPMessage } from "../../parser/headers.ts";
import type { HTTPStatus } from "../../status.ts";
import { shorten } from "../responder.ts";
import type { ServerContext } from "../types.ts";
import type { Exchange } from "./exchange.ts";
import type { Forwarded } from "./forwarded_request.ts";
import {
  type AccessRecord,
  formatAccess,
  type LogFormat,
} from "./access/access_log.ts";
import { countRequest } from "./monitoring/monitor.ts";

/** The fields of a log line, read from the handler. */
interface Logged {
  readonly command: string;
  address_string(): string;
  readonly forwarded: Forwarded;
  readonly requestId: string;
  readonly headers: Pick<HTTPMessage, "get">;
  readonly requestline: string;
  readonly response: { readonly code: number };
  readonly server: ServerContext;
  readonly wfile: Pick<WritableFile, "flush">;
  log_access(line: string): void;
}

/**
 * Logs a request in CPython's format without the secret, or not at all, if the site asks for that.
 *
 * @param handler The handler.
 * @param exchange The request.
 * @param code The status code.
 * @param size The size of the response.
 * @returns `false` if the request still has to be logged.
 */
export function logsOtherwise(
  handler: {
    readonly requestline: string;
    log_message(template: string, ...args: unknown[]): void;
  },
  { site: { log, secret }, unlogged }: Exchange,
  code: number | string | HTTPStatus = "-",
  size: number | string = "-",
): boolean {
  if (log !== "python" || unlogged) return true;
  if (secret === undefined) return false;
  const line = shorten(secret.mask(handler.requestline));
  handler.log_message('"%s" %s %s', line, String(code), String(size));
  return true;
}

/**
 * Counts and logs a request at its end, unless none was received or no response was sent.
 *
 * @param handler The handler, after the response.
 * @param exchange The request.
 */
export async function account(
  handler: Logged,
  exchange: Exchange,
): Promise<void> {
  const { accessLog, monitor, secret } = exchange.site;
  if (exchange.began === 0 || handler.response.code === 0) return;
  if (monitor?.metrics !== undefined) countRequest(handler, exchange);
  if (accessLog === undefined || exchange.unlogged) return;
  const line = await accessLine(handler, exchange, accessLog);
  handler.log_access(secret?.mask(line) ?? line);
}

/**
 * Formats the log line for a response that has just ended.
 *
 * @param handler The handler, after the response.
 * @param exchange The request.
 * @param format The format.
 * @returns The line, without a line break.
 */
async function accessLine(
  handler: Logged,
  { began, body, user }: Exchange,
  format: LogFormat,
): Promise<string> {
  try {
    // Only after this is the number of sent bytes final.
    await handler.wfile.flush();
  } catch (error) {
    if (!isDisconnect(error) && !isTimeout(error)) throw error;
  }
  const now = Date.now();
  const durationMs = performance.now() - began;
  return formatAccess({
    address: handler.address_string(),
    user,
    timeMs: now - durationMs,
    offsetMinutes: -new Date(now).getTimezoneOffset(),
    requestLine: handler.requestline,
    status: handler.response.code,
    bytes: handler.command === "HEAD" ? 0 : body?.bytes ?? 0,
    referer: handler.headers.get("Referer"),
    agent: handler.headers.get("User-Agent"),
    durationMs,
    ...(format === "json" && { seen: seenBy(handler) }),
  }, format);
}

function seenBy(
  { requestId: id, forwarded: { scheme, host } }: Logged,
): AccessRecord["seen"] {
  return { id, scheme, host };
}
