// Transcripts: the bytes that a client sends, and all that it receives until the server
// closes. Parts that differ between runs are masked.

import { assertEquals } from "@std/assert";
import {
  BaseHTTPRequestHandler,
  type MaybePromise,
  type RequestHandlerClass,
} from "../../handlers/mod.ts";
import { escapeHtml } from "../../text/escape_html.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import { type Bytes, serve } from "../_serve.ts";
import { quiet } from "../_lib/quiet.ts";

/** Masks the parts of a response that differ between runs. */
export function masked(response: string): string {
  return response.replace(/^Date: [A-Z][a-z]{2}, [^\r]* GMT\r$/gm, "Date: *\r")
    .replaceAll(`Deno/${Deno.version.deno}`, "Deno/*");
}

/** An HTTP/1.1 response with these fields after Server and Date. */
export function response(
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

/** A response with status 200 and Content-Length. */
export function ok(body: string): string {
  return response("200 OK", [`Content-Length: ${body.length}`], body);
}

/** The default explanations of the statuses. */
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

/** The error page, in UTF-8. */
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

/** An error response, after which the connection closes. */
export function error(
  code: string,
  message: string,
  explain?: string,
): string {
  const page = errorPage(code, message, explain);
  return response(`${code} ${message}`, [
    "Connection: close",
    "Content-Type: text/html;charset=utf-8",
    `Content-Length: ${page.length}`,
  ], page);
}

/** Responds with the method, the target and the body of the request. */
export class Echo extends quiet(BaseHTTPRequestHandler) {
  override protocol_version = "HTTP/1.1";

  /** Responds with this body. */
  respond(body: string): void {
    this.send_response(200);
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }

  /** Does not read the request's body. */
  do_GET(): MaybePromise<void> {
    this.respond(`${this.command} ${this.path}\n`);
  }

  do_HEAD(): MaybePromise<void> {
    return this.do_GET();
  }

  async do_POST(): Promise<void> {
    const body = decodeLatin1(await this.rfile.read());
    this.respond(`${this.command} ${this.path} [${body}]\n`);
  }
}

/** One transcript. */
export interface Transcript {
  /** What the transcript shows, as a sentence. */
  readonly name: string;
  readonly send: Bytes;
  /** All that the server sends until it closes. */
  readonly expect: string;
  readonly Handler?: RequestHandlerClass;
}

/** Registers a test for each transcript. */
export function transcripts(rows: readonly Transcript[]): void {
  for (const { name, send, expect, Handler = Echo } of rows) {
    Deno.test(name, async () => {
      await using server = serve(Handler);
      assertEquals(masked(await server.send(send)), expect);
    });
  }
}

/** An HTTP/1.1 request with Host. */
export function request(
  line: string,
  fields: readonly string[] = [],
  body = "",
): string {
  return [`${line} HTTP/1.1`, "Host: a", ...fields, "", body].join("\r\n");
}

/** A request after which the connection closes. */
export const LAST: string = request("GET /last", ["Connection: close"]);

/** The response to it. */
export const LAST_OK: string = ok("GET /last\n");

/** A request in a body or after an error, which must never get a response. */
export const SMUGGLED: string = request("GET /smuggled", ["Connection: close"]);
