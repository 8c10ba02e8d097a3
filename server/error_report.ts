// What `handle_error()` logs: CPython's frame around a JavaScript stack.

import type { Address } from "../connection/connection.ts";
import { escapeControls } from "../text/log_text.ts";

const FRAME = "-".repeat(40);

/**
 * Describes an error that a handler threw.
 *
 * @param client_address The client's address.
 * @param error What was thrown.
 * @returns Lines for the log; what a client may have put into the message is escaped.
 */
export function errorReport(client_address: Address, error: unknown): string {
  const [host, port] = client_address;
  const shown = error instanceof Error
    ? [String(error), ...stackLines(error)].map(escapeControls).join("\n")
    : escapeControls(Deno.inspect(error));
  return `${FRAME}\nException occurred during processing of request from ('${host}', ${port})\n` +
    `${shown}\n${FRAME}\n`;
}

/** The lines of the stack without the message, in which a client may have put line ends of its own. */
function stackLines(error: Error): string[] {
  const stack = error.stack ?? "";
  const message = String(error);
  const calls = stack.startsWith(message) ? stack.slice(message.length) : stack;
  return calls.split("\n").filter((line) => line !== "");
}
