// Transcripts: the bytes that a client sends, and all that it gets until the server
// closes. What differs from run to run is masked.

import { assertEquals } from "@std/assert";
import {
  BaseHTTPRequestHandler,
  type MaybePromise,
  type RequestHandlerClass,
} from "../../handlers/mod.ts";
import { escapeHtml } from "../../text/escape_html.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import { type Bytes, serve } from "../_serve.ts";

/** The answer without what differs from run to run. */
export function masked(answer: string): string {
  return answer.replace(/^Date: [A-Z][a-z]{2}, [^\r]* GMT\r$/gm, "Date: *\r")
    .replaceAll(`Deno/${Deno.version.deno}`, "Deno/*");
}

/** An answer of HTTP/1.1 with these fields behind Server and Date. */
export function answer(
  status: string,
  fields: readonly string[] = [],
  body = "",
): string {
  return [
    `HTTP/1.1 ${status}`,
    "Server: BaseHTTP/0.6 Deno/*",
    "Date: *",
    ...fields,
    "",
    body,
  ].join("\r\n");
}

/** An answer of 200 whose body has a length. */
export function ok(body: string): string {
  return answer("200 OK", [`Content-Length: ${body.length}`], body);
}

/** The explanations that the statuses have by default. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  "400": "Bad request syntax or unsupported method",
  "408": "Request timed out; try again later.",
  "413": "Content is too large",
  "414": "URI is too long",
  "417": "Expect condition could not be satisfied",
  "500": "Server got itself in trouble",
  "501": "Server does not support this operation",
  "505": "Cannot fulfill request",
};

/** The page of an error, in UTF-8. */
export function errorPage(
  code: string,
  message: string,
  explain = EXPLANATIONS[code],
): string {
  const page = `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <style type="text/css">
            :root {
                color-scheme: light dark;
            }
        </style>
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: ${code}</p>
        <p>Message: ${escapeHtml(message, false)}.</p>
        <p>Error code explanation: ${code} - ${explain}.</p>
    </body>
</html>
`;
  return decodeLatin1(new TextEncoder().encode(page));
}

/** The answer of an error, after which the connection closes. */
export function error(
  code: string,
  message: string,
  explain?: string,
): string {
  const page = errorPage(code, message, explain);
  return answer(`${code} ${message}`, [
    "Connection: close",
    "Content-Type: text/html;charset=utf-8",
    `Content-Length: ${page.length}`,
  ], page);
}

/** Says what it was asked: the method, the target and the body. */
export class Echo extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";

  override log_message(_template: string, ..._args: unknown[]): void {}

  /** Answers with this body. */
  answer(body: string): void {
    this.send_response(200);
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }

  /** Does not look at the request's body. */
  do_GET(): MaybePromise<void> {
    this.answer(`${this.command} ${this.path}\n`);
  }

  do_HEAD(): MaybePromise<void> {
    return this.do_GET();
  }

  async do_POST(): Promise<void> {
    const body = decodeLatin1(await this.rfile.read());
    this.answer(`${this.command} ${this.path} [${body}]\n`);
  }
}

/** One transcript. */
export interface Transcript {
  /** What is shown, as a sentence. */
  readonly name: string;
  readonly send: Bytes;
  /** All that comes back until the server closes. */
  readonly expect: string;
  readonly Handler?: RequestHandlerClass;
}

/** Makes a test of each transcript. */
export function transcripts(rows: readonly Transcript[]): void {
  for (const { name, send, expect, Handler = Echo } of rows) {
    Deno.test(name, async () => {
      await using server = serve(Handler);
      assertEquals(masked(await server.send(send)), expect);
    });
  }
}

/** A request of HTTP/1.1 with Host. */
export function request(
  line: string,
  fields: readonly string[] = [],
  body = "",
): string {
  return [`${line} HTTP/1.1`, "Host: a", ...fields, "", body].join("\r\n");
}

/** A request after which the connection closes. */
export const LAST: string = request("GET /last", ["Connection: close"]);

/** The answer to it. */
export const LAST_OK: string = ok("GET /last\n");

/** A request that must never be answered, where it stands in a body or behind a fault. */
export const SMUGGLED: string = request("GET /smuggled", ["Connection: close"]);
