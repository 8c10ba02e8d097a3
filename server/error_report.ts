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
  const trace = error instanceof Error
    ? error.stack ?? String(error)
    : Deno.inspect(error);
  const shown = trace.split("\n").map(escapeControls).join("\n");
  return `${FRAME}\nException occurred during processing of request from ('${host}', ${port})\n` +
    `${shown}\n${FRAME}\n`;
}
