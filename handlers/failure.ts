// Handles errors during an exchange: chooses the status code, decides whether the error is
// reported to `handle_error()`, and logs it if the response has already begun.

import { isDisconnect, isTimeout } from "../connection/errors.ts";
import type { BodyReport } from "../connection/files.ts";
import { ParseError } from "../parser/errors.ts";
import { isUnavailable } from "./file_stat.ts";
import type { HTTPResponder } from "./responder.ts";
import { logUnavailable, sendUnavailable } from "./unavailable.ts";

/**
 * Whether an error is expected while serving: a timeout, a malformed request body, or a system out
 * of resources. Other errors are reported to `handle_error()`.
 *
 * @param error The error.
 * @returns `false` for bugs in the handler and for disconnects.
 */
export function isExpected(error: unknown): boolean {
  return isTimeout(error) || error instanceof ParseError ||
    isUnavailable(error);
}

/**
 * Sends the error response for an error.
 *
 * @param handler The handler. It must not have sent any part of a response.
 * @param error The error.
 * @param requestPending Whether part of the request has not arrived yet.
 * @returns Whether a response was sent.
 */
export function sendFailure(
  handler: HTTPResponder,
  error: unknown,
  requestPending: boolean,
): boolean {
  if (isDisconnect(error)) return false;
  if (isTimeout(error)) {
    // The client stopped reading the response, so it wouldn't read a 408 either.
    if (!requestPending) return false;
    handler.send_error(408);
  } else if (error instanceof ParseError) {
    handler.send_error(error.status, error.message, error.explain);
  } else if (isUnavailable(error)) {
    sendUnavailable(handler, error);
  } else {
    handler.send_error(500);
  }
  return true;
}

/**
 * Logs an expected error that left the response missing or incomplete.
 *
 * @param handler The handler.
 * @param error The error.
 */
export function logFailure(handler: HTTPResponder, error: unknown): void {
  if (isTimeout(error)) {
    handler.log_error("Request timed out: %r", error.message);
  } else if (error instanceof ParseError) {
    handler.log_refusal(error.status, error.message);
  } else if (isUnavailable(error)) {
    logUnavailable(handler, error);
  }
}

/**
 * Logs a body that does not match its Content-Length or lacks its last chunk.
 *
 * @param handler The handler.
 * @param report How the body ended.
 * @returns Whether the body is incomplete or too long.
 */
export function logIncomplete(
  handler: HTTPResponder,
  { sent, missing, excess, unterminated }: BodyReport,
): boolean {
  if (unterminated) {
    handler.log_error("Chunked response has no last chunk");
  } else if (missing > 0 || excess > 0) {
    handler.log_error(
      "Response body has %d bytes, but Content-Length is %d",
      sent + excess,
      sent + missing,
    );
  } else {
    return false;
  }
  return true;
}
