// A handler without a socket: it reads a request from memory and writes to a list, as
// in CPython's own tests. Nothing waits for a network, so the outcome is exact.

import {
  BaseHTTPRequestHandler,
  RequestReader,
  ResponseWriter,
  type ServerContext,
} from "../../handlers/mod.ts";
import type { Address, Connection } from "../../server/mod.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import { type Bytes, toBytes } from "../_serve.ts";

/** A writer that also remembers each call of `write()`, which CPython's tests count. */
export class CountingWriter extends ResponseWriter {
  /** The data of each call, in latin-1 text. */
  readonly calls: string[];
  /** What has left, in latin-1 text. */
  readonly #left: { text: string };

  constructor() {
    const left = { text: "" };
    super({
      write(bytes) {
        left.text += decodeLatin1(bytes);
        return Promise.resolve(bytes.length);
      },
    });
    this.#left = left;
    this.calls = [];
  }

  override write(data: string | Uint8Array): Promise<number> {
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data;
    this.calls.push(decodeLatin1(bytes));
    return super.write(data);
  }

  /** All that has left. */
  get sentText(): string {
    return this.#left.text;
  }
}

const SERVER: ServerContext = {
  server_address: ["127.0.0.1", 8000],
  server_name: "127.0.0.1",
  server_port: 8000,
  shutdown: () => Promise.resolve(),
};

/** A handler and what it writes. */
export interface InMemory<Handler> {
  readonly handler: Handler;
  readonly wfile: CountingWriter;
}

/** Makes a handler that reads this request. */
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

/** Lets a handler answer one request, and gives all that it sent. */
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

/** The lines of a head, without the blank one; the rest is the body. */
export function split(answer: string): { head: string[]; body: string } {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) throw new Error(`There is no head in: ${answer}`);
  return {
    head: answer.slice(0, end).split("\r\n"),
    body: answer.slice(end + 4),
  };
}

/** What is logged until it is disposed of; a handler without a server logs at once. */
export function captureLog(): Disposable & { readonly text: string } {
  const original = Deno.stderr.writeSync;
  let text = "";
  Deno.stderr.writeSync = (bytes) => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  return {
    get text() {
      return text;
    },
    [Symbol.dispose]() {
      Deno.stderr.writeSync = original;
    },
  };
}

/** The handler of CPython's tests: a page for GET, and no log. */
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

/** How often each field that every answer has is there. */
export function counts(head: readonly string[]): number[] {
  return ["Server: ", "Date: ", "Content-Type: "].map((name) =>
    head.filter((line) => line.startsWith(name)).length
  );
}
