// The report on an error that a handler threw: CPython's frame around a JavaScript stack.

import type { Address } from "./connection.ts";
import { escapeControls } from "../text/log_text.ts";
import { inspect } from "./runtime.ts";

const FRAME = "-".repeat(40);

/**
 * Formats an error that a handler threw.
 *
 * @param client_address The client's address.
 * @param error The error.
 * @returns Lines for the log, with control characters escaped, since a client may have put
 * them into the message.
 */
export function errorReport(client_address: Address, error: unknown): string {
  const [host, port] = client_address;
  const shown = error instanceof Error
    ? [String(error), ...stackLines(error)].map(escapeControls).join("\n")
    : escapeControls(inspect(error));
  return `${FRAME}\nException occurred during processing of request from ('${host}', ${port})\n` +
    `${shown}\n${FRAME}\n`;
}

/** The lines of the stack without the message, which may contain line breaks from a client. */
function stackLines(error: Error): string[] {
  const stack = error.stack ?? "";
  const message = String(error);
  const calls = stack.startsWith(message) ? stack.slice(message.length) : stack;
  return calls.split("\n").filter((line) => line !== "");
}
