// Handlers without a socket, as in CPython's tests: they read a request from memory and write to a
// list.

import {
  BaseHTTPRequestHandler,
  RequestReader,
  ResponseWriter,
  type ServerContext,
} from "../../handlers/mod.ts";
import type { Address, Connection } from "../../server/mod.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import { type Bytes, toBytes } from "../_serve.ts";

/** A writer that records each call of `write()`, since CPython's tests count them. */
export class CountingWriter extends ResponseWriter {
  /** The data of each call as latin-1 text. */
  readonly calls: string[];
  /** The sent bytes as latin-1 text. */
  readonly #output: { text: string };

  constructor() {
    const output = { text: "" };
    super({
      write(bytes) {
        output.text += decodeLatin1(bytes);
        return Promise.resolve(bytes.length);
      },
    });
    this.#output = output;
    this.calls = [];
  }

  override write(data: string | Uint8Array): Promise<number> {
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data;
    this.calls.push(decodeLatin1(bytes));
    return super.write(data);
  }

  /** All sent bytes as latin-1 text. */
  get sentText(): string {
    return this.#output.text;
  }
}

const SERVER: ServerContext = {
  server_address: ["127.0.0.1", 8000],
  server_name: "127.0.0.1",
  server_port: 8000,
  shutdown: () => Promise.resolve(),
};

/** A handler and its output. */
export interface InMemory<Handler> {
  readonly handler: Handler;
  readonly wfile: CountingWriter;
}

/** Creates a handler that reads this request. */
export function inMemory<
  Handler extends BaseHTTPRequestHandler,
  Options extends readonly unknown[],
>(
  HandlerClass: new (
    request: Connection,
    client_address: Address,
    server: ServerContext,
    ...options: Options
  ) => Handler,
  request: Bytes = "",
  ...options: Options
): InMemory<Handler> {
  const wfile = new CountingWriter();
  const rfile = new RequestReader(toBytes(request));
  const connection = { rfile, wfile } as unknown as Connection;
  const handler = new HandlerClass(
    connection,
    ["127.0.0.1", 1337],
    SERVER,
    ...options,
  );
  return { handler, wfile };
}

/** Serves one request and returns everything that was sent. */
export async function answerOne<
  Handler extends BaseHTTPRequestHandler,
  Options extends readonly unknown[],
>(
  HandlerClass: new (
    request: Connection,
    client_address: Address,
    server: ServerContext,
    ...options: Options
  ) => Handler,
  request: Bytes,
  ...options: Options
): Promise<InMemory<Handler> & { readonly sent: string }> {
  const made = inMemory(HandlerClass, request, ...options);
  await made.handler.handle_one_request();
  await made.wfile.flush();
  return { ...made, sent: made.wfile.sentText };
}

/** Splits a response into the lines of its head and its body. */
export function split(response: string): { head: string[]; body: string } {
  const end = response.indexOf("\r\n\r\n");
  if (end < 0) throw new Error(`The response has no head: ${response}`);
  return {
    head: response.slice(0, end).split("\r\n"),
    body: response.slice(end + 4),
  };
}

/** A handler with a page for GET and no log, as in CPython's tests. */
export class PageHandler extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  getCalled = false;
  override log_message(): void {}
  do_GET(): void {
    this.getCalled = true;
    this.send_response(200);
    this.send_header("Content-Type", "text/html");
    this.end_headers();
    this.wfile.write("<html><body>Data</body></html>\r\n");
  }
  do_TEST(): void {
    this.send_response(204);
    this.end_headers();
  }
}

/** Counts the fields that every response has. */
export function counts(head: readonly string[]): number[] {
  return ["Server: ", "Date: ", "Content-Type: "].map((name) =>
    head.filter((line) => line.startsWith(name)).length
  );
}
