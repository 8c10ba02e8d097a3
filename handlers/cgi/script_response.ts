// Sends a script's output as the response, or an error if the script has no valid response.

import { markDisconnect } from "../../connection/errors.ts";
import { LineReader } from "../../parser/line_reader.ts";
import type { HTTPResponder } from "../responder.ts";
import type { ScriptHead } from "./script_head.ts";
import type { ScriptRun } from "./script_run.ts";

/** A handler that runs scripts. */
export interface ScriptHandler extends HTTPResponder {
  /** Whether all scripts are executed directly. CPython logs exit codes differently if not. */
  readonly have_fork: boolean;
}

/**
 * Sends a script's output unchanged: the script writes the head too (RFC 3875 §5).
 *
 * @param handler The handler.
 * @param run The script.
 */
export async function passThrough(
  handler: ScriptHandler,
  run: ScriptRun,
): Promise<void> {
  handler.close_connection = true;
  let piece = await run.script.read();
  if (piece === undefined) {
    return await reject(handler, run, true, "the script sent nothing");
  }
  handler.log_request();
  for (; piece !== undefined; piece = await run.script.read()) {
    await handler.wfile.write(piece);
  }
  await conclude(handler, run);
}

/**
 * Sends a response made of a script's header and output, unless the header is a local redirect.
 *
 * @param handler The handler.
 * @param run The script.
 * @returns The target of the local redirect; `undefined` if a response was sent.
 */
export async function respond(
  handler: ScriptHandler,
  run: ScriptRun,
): Promise<string | undefined> {
  const output = new LineReader();
  let head: ScriptHead;
  try {
    head = await run.readHead(output);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    await reject(handler, run, output.ended, error.message);
    return undefined;
  }
  const local = head.localRedirect !== undefined;
  if (!local) sendHead(handler, head);
  // Read the output even if the response has no body, so that the script can finish.
  const bodyless = local || handler.response.bodyless(handler.command) ||
    head.status === 205;
  for (
    let piece = output.take(output.length);
    piece !== undefined;
    piece = await run.script.read()
  ) {
    if (!bodyless && piece.length > 0) await handler.wfile.write(piece);
  }
  if (local && (await run.script.exitCode < 0 || run.script.killed)) {
    await reject(handler, run, true, "the script was killed");
    return undefined;
  }
  await conclude(handler, run);
  return head.localRedirect;
}

function sendHead(
  handler: ScriptHandler,
  { status, reason, fields }: ScriptHead,
): void {
  const usual = status === 200 ? "Script output follows" : undefined;
  handler.send_response(status, reason ?? usual);
  for (const [name, value] of fields) handler.send_header(name, value);
  if (handler.response.delimited(handler.command)) handler.end_headers();
  else handler.endHeadersChunked();
}

/** Sends the error response for a script without a valid response. */
async function reject(
  handler: ScriptHandler,
  run: ScriptRun,
  ended: boolean,
  reason: string,
): Promise<void> {
  handler.close_connection = true;
  if (run.abandoned) {
    throw markDisconnect(
      new Deno.errors.UnexpectedEof(
        "Cannot respond: the client has disconnected",
      ),
    );
  }
  if (run.bodyError !== undefined) throw run.bodyError;
  if (run.timedOut) {
    handler.send_error(504, "CGI script took too long");
    return;
  }
  const code = ended ? await run.script.exitCode : 0;
  handler.send_error(
    500,
    code === 0 ? `CGI error: ${reason}` : `CGI script exit code ${code}`,
  );
}

/** Waits for the script to exit and logs its exit code. Closes the connection if the output is incomplete. */
async function conclude(
  handler: ScriptHandler,
  run: ScriptRun,
): Promise<void> {
  const code = await run.script.exitCode;
  if (run.abandoned) handler.close_connection = true;
  else if (run.bodyError !== undefined) throw run.bodyError;
  else if (run.timedOut) handler.log_error("CGI script took too long");
  else if (!handler.have_fork && code === 0) {
    handler.log_message("CGI script exited OK");
  } else if (!handler.have_fork) {
    handler.log_error("CGI script exit status %#x", code);
  } else if (code !== 0) handler.log_error("CGI script exit code %d", code);
  if (code < 0 || run.timedOut || run.abandoned) {
    if (!run.abandoned) await handler.wfile.flush();
    handler.connection.close();
  }
}
