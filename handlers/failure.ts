// What an error in the middle of an exchange means: the status to respond with, whether it is
// anybody's fault, and what the log says if the response has begun already.

import { isDisconnect, isTimeout } from "../connection/errors.ts";
import type { BodyReport } from "../connection/files.ts";
import { ParseError } from "../parser/errors.ts";
import { isUnavailable } from "./file_stat.ts";
import type { HTTPResponder } from "./responder.ts";
import { logUnavailable, sendUnavailable } from "./unavailable.ts";

/**
 * Whether an error is expected while serving: the client was slow, its body was malformed, or the
 * machine is short of something. Any other error is reported to `handle_error()`.
 *
 * @param error What was thrown.
 * @returns `false` for faults of the handler, and for a client that left.
 */
export function isExpected(error: unknown): boolean {
  return isTimeout(error) || error instanceof ParseError ||
    isUnavailable(error);
}

/**
 * Sends the error response that an error calls for.
 *
 * @param handler The handler, of whose response nothing was sent.
 * @param error What was thrown.
 * @param owing Whether the client still owes part of its request.
 * @returns Whether there was a response to send.
 */
export function sendFailure(
  handler: HTTPResponder,
  error: unknown,
  owing: boolean,
): boolean {
  if (isDisconnect(error)) return false;
  if (isTimeout(error)) {
    // It was the response that took too long: nobody would read another one.
    if (!owing) return false;
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
 * Logs an expected error after which the response is missing or cut.
 *
 * @param handler The handler.
 * @param error What was thrown.
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
 * Logs a body that has not the promised length, or lacks its last chunk.
 *
 * @param handler The handler.
 * @param report How the body ended.
 * @returns Whether there was something to log.
 */
export function logIncomplete(
  handler: HTTPResponder,
  { sent, missing, excess, unterminated }: BodyReport,
): boolean {
  if (unterminated) {
    handler.log_error("Chunked response without its last chunk");
  } else if (missing > 0 || excess > 0) {
    handler.log_error(
      "Response body of %d bytes where Content-Length is %d",
      sent + excess,
      sent + missing,
    );
  } else {
    return false;
  }
  return true;
}
