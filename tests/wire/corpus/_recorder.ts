// Handlers that record the requests they receive. All send the same two bytes, so that
// the client's side depends on the framing alone.

import {
  BaseHTTPRequestHandler,
  type RequestHandlerClass,
} from "../../../handlers/mod.ts";
import { StaticFileHandler } from "../../../handlers/static/mod.ts";
import { ParseError } from "../../../parser/mod.ts";
import { decodeLatin1 } from "../../../text/latin1.ts";
import type { Role } from "./_case.ts";
import { quiet } from "../../_lib/quiet.ts";

/** The body of every response. */
export const RESPONSE_BODY = "ok";

/** The requests received, by the client's port. */
export type Log = Map<number, string[]>;

/** Returns the handler class of a role, which writes to a log. */
export function recorderOf(role: Role, log: Log): RequestHandlerClass {
  const record = async (handler: BaseHTTPRequestHandler) => {
    const { command, path, request_version } = handler;
    const entries = log.get(handler.client_address[1])!;
    const index = entries.length;
    const say = (body: string) =>
      entries[index] = `${command} ${path} ${request_version} [${body}]`;
    say("");
    if (role !== "ignores") {
      try {
        say(decodeLatin1(await handler.rfile.read()));
      } catch (error) {
        if (error instanceof ParseError) say(`!${error.status}`);
        throw error;
      }
    }
    respond(handler);
  };

  if (role === "site") {
    return class extends quiet(StaticFileHandler) {
      override protocol_version = "HTTP/1.1";
      override do_GET = () => record(this);
      override do_HEAD = () => record(this);
      override do_POST = () => record(this);
      override do_PUT = () => record(this);
      override do_DELETE = () => record(this);
      override do_OPTIONS = () => record(this);
      do_TRACE = () => record(this);
      do_CONNECT = () => record(this);
    };
  }
  return class extends quiet(BaseHTTPRequestHandler) {
    override protocol_version = "HTTP/1.1";
    do_GET = () => record(this);
    do_HEAD = () => record(this);
    do_POST = () => record(this);
    do_PUT = () => record(this);
    do_DELETE = () => record(this);
    do_OPTIONS = () => record(this);
    do_TRACE = () => record(this);
    do_CONNECT = () => record(this);
  };
}

function respond(handler: BaseHTTPRequestHandler): void {
  const { command } = handler;
  const empty = command === "HEAD";
  // A 2xx to CONNECT would end HTTP on this connection.
  handler.send_response(command === "CONNECT" ? 403 : 200);
  handler.send_header("Content-Length", empty ? 0 : RESPONSE_BODY.length);
  handler.end_headers();
  if (!empty) handler.wfile.write(RESPONSE_BODY);
}

/** The status codes in all that a client received; 0 for a response without a head. */
export function statusesIn(text: string): number[] {
  const statuses: number[] = [];
  while (text !== "") {
    const head = /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n/.exec(text);
    if (head === null) {
      if (text === RESPONSE_BODY || text.startsWith("<!DOCTYPE")) {
        return [...statuses, 0];
      }
      throw new Error(`Not a response: ${JSON.stringify(text.slice(0, 200))}`);
    }
    const length = /\r\nContent-Length: (\d+)\r\n/.exec(head[0])?.[1] ?? "0";
    statuses.push(Number(head[1]));
    text = text.slice(head[0].length + Number(length));
  }
  return statuses;
}
