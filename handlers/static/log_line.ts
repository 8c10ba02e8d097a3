// The line of the access log for a response that has ended.

import type { HTTPMessage } from "../../parser/headers.ts";
import type { Exchange } from "./exchange.ts";
import { formatAccess, type LogFormat } from "./policy/access_log.ts";

/** What the line says of a request, as its handler has it. */
interface Logged {
  address_string(): string;
  readonly headers: Pick<HTTPMessage, "get">;
  readonly requestline: string;
  readonly response: { readonly code: number };
}

/**
 * Writes the line for a response that ends now.
 *
 * @param handler The handler, after the response.
 * @param exchange The request.
 * @param bytes How many bytes the body had.
 * @param format The format.
 * @returns The line, without its end.
 */
export function accessLine(
  handler: Logged,
  { began, user }: Exchange,
  bytes: number,
  format: LogFormat,
): string {
  const now = Date.now();
  const durationMs = performance.now() - began;
  return formatAccess({
    address: handler.address_string(),
    user,
    timeMs: now - durationMs,
    offsetMinutes: -new Date(now).getTimezoneOffset(),
    requestLine: handler.requestline,
    status: handler.response.code,
    bytes,
    referer: handler.headers.get("Referer"),
    agent: handler.headers.get("User-Agent"),
    durationMs,
  }, format);
}
