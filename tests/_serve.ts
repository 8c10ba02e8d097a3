// Serves a handler class on a real socket, and a client that reads and writes bytes. Every
// wait is bounded: a server that hangs fails its test instead of stopping the suite.

import { assertEquals } from "@std/assert";
import type { RequestHandlerClass } from "../handlers/mod.ts";
import {
  asLast,
  serveThroughFetch,
  spelled,
  THROUGH_FETCH,
} from "./_lib/through_fetch.ts";
import {
  type Address,
  type Connection,
  ThreadingHTTPServer,
} from "../server/mod.ts";
import { decodeLatin1, encodeLatin1 } from "../text/latin1.ts";

/** How long a test waits for expected bytes, in milliseconds. */
let patience = 8_000;

/** Lets tests that must fail wait for less. */
export function setPatience(milliseconds: number): void {
  patience = milliseconds;
}

/** Bytes, as such or as latin-1 text. */
export type Bytes = string | Uint8Array;

/** Converts latin-1 text to bytes. */
export function toBytes(data: Bytes): Uint8Array {
  return typeof data === "string" ? encodeLatin1(data) : data;
}

/** One response, read from a connection that may stay open. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly version: string;
  /** The lines between the status line and the blank one. */
  readonly fields: readonly string[];
  readonly body: string;
  /** The value of the first field of this name, in lower case; `undefined` if there is none. */
  header(name: string): string | undefined;
}

/** A client's connection to the server, in latin-1 text. */
export class Client implements Disposable {
  readonly #conn: Deno.TcpConn;
  #received = "";
  #ended = false;
  #closed = false;

  /** Waits after each response until its handler has ended, if that takes longer. */
  readonly #settle: (() => Promise<void>) | undefined;

  constructor(conn: Deno.TcpConn, settle?: () => Promise<void>) {
    this.#conn = conn;
    this.#settle = settle;
  }

  /** Sends all of the data. */
  async write(data: Bytes): Promise<void> {
    const bytes = toBytes(data);
    for (let at = 0; at < bytes.length;) {
      at += await this.#within(this.#conn.write(bytes.subarray(at)));
    }
  }

  /** Closes the sending side. */
  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Reads until the server closes. */
  async readToEnd(): Promise<string> {
    while (await this.#more());
    return this.#take(this.#received.length);
  }

  /** Reads up to and including a mark. */
  async readUntil(mark: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(mark);
      if (at >= 0) {
        const text = this.#take(at + mark.length);
        return THROUGH_FETCH && text.startsWith("HTTP/") ? spelled(text) : text;
      }
      if (!await this.#more()) throw this.#cutOff(`"${mark}"`);
    }
  }

  /** Reads exactly this number of bytes. */
  async read(size: number): Promise<string> {
    while (this.#received.length < size) {
      if (!await this.#more()) throw this.#cutOff(`${size} bytes`);
    }
    return this.#take(size);
  }

  /** Reads one response by its framing; to the end of the connection if it has none. */
  async answer(method = "GET"): Promise<Answer> {
    const head = (await this.readUntil("\r\n\r\n")).slice(0, -4);
    const [statusLine = "", ...fields] = head.split("\r\n");
    const [version = "", status = "", ...words] = statusLine.split(" ");
    const header = (name: string) =>
      fields.find((field) => field.toLowerCase().startsWith(name + ":"))
        ?.slice(name.length + 1).trim();
    const code = Number(status);
    const bodyless = method === "HEAD" || code < 200 || code === 204 ||
      code === 304;
    const length = header("content-length");
    const body = bodyless
      ? ""
      : header("transfer-encoding") === "chunked"
      ? await this.#chunkedBody()
      : length === undefined
      ? await this.readToEnd()
      : await this.read(Number(length));
    await this.#settle?.();
    return {
      version,
      status: code,
      reason: words.join(" "),
      fields,
      body,
      header,
    };
  }

  /** Asserts that the server closes without sending more. */
  async assertClosed(): Promise<void> {
    assertEquals(await this.readToEnd(), "");
  }

  /** Closes the connection. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #chunkedBody(): Promise<string> {
    let body = "";
    for (;;) {
      const size = parseInt(await this.readUntil("\r\n"), 16);
      body += await this.read(size);
      assertEquals(await this.read(2), "\r\n");
      if (size === 0) return body;
    }
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const buffer = new Uint8Array(65_536);
    const count = await this.#within(this.#conn.read(buffer));
    if (count === null) this.#ended = true;
    else this.#received += decodeLatin1(buffer.subarray(0, count));
    return count !== null;
  }

  #take(size: number): string {
    const taken = this.#received.slice(0, size);
    this.#received = this.#received.slice(size);
    return taken;
  }

  #cutOff(wanted: string): Error {
    return new Error(
      `The server closed before ${wanted}; it sent: ${this.#received}`,
    );
  }

  async #within<T>(operation: Promise<T>): Promise<T> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.close();
    }, patience);
    try {
      return await operation;
    } catch (error) {
      if (!late) throw error;
      throw new Error(
        `The server neither responded nor closed; it sent: ${this.#received}`,
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A running server. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  readonly server: ThreadingHTTPServer;
  /** Returns and clears the errors passed to `handle_error()`. Any left at the end fail the test. */
  takeErrors(): unknown[];
  /** Opens a connection. */
  connect(): Promise<Client>;
  /** Sends bytes on a new connection and reads until the server closes it. */
  send(request: Bytes): Promise<string>;
  /** Sends one request on a new connection and reads the response. */
  ask(request: Bytes): Promise<Answer>;
}

/** Serves a handler class on a free port of this machine; with `SERVE_WITH=fetch`, on `Deno.serve()`. */
export function serve(Handler: RequestHandlerClass): Served {
  const errors: unknown[] = [];
  const { port, server, close, settle } = THROUGH_FETCH
    ? serveThroughFetch(Handler, (error) => errors.push(error))
    : serveDirectly(Handler, (error) => errors.push(error));
  const connect = async () =>
    new Client(await Deno.connect({ hostname: "127.0.0.1", port }), settle);
  return {
    port,
    get server() {
      if (server === undefined) throw new Error("Deno.serve() is the server");
      return server;
    },
    takeErrors: () => errors.splice(0),
    connect,
    async send(request) {
      using client = await connect();
      await client.write(THROUGH_FETCH ? asLast(request) : request);
      const received = await client.readToEnd();
      await settle?.();
      return THROUGH_FETCH ? spelled(received) : received;
    },
    async ask(request) {
      using client = await connect();
      await client.write(request);
      return await client.answer(
        typeof request === "string" ? request.split(" ", 1)[0] : "",
      );
    },
    async [Symbol.asyncDispose]() {
      await close();
      if (errors.length > 0) {
        throw new AggregateError(errors, "The handler threw");
      }
    },
  };
}

/** A running server and how to close it. */
interface Running {
  readonly port: number;
  /** `undefined` if the server is the runtime's. */
  readonly server: ThreadingHTTPServer | undefined;
  /** Waits until no handler is at work, where a response doesn't tell. */
  settle?(): Promise<void>;
  close(): Promise<void>;
}

function serveDirectly(
  Handler: RequestHandlerClass,
  onError: (error: unknown) => void,
): Running {
  class TestServer extends ThreadingHTTPServer {
    override handle_error(
      _request: Connection,
      _client_address: Address,
      error: unknown,
    ) {
      onError(error);
    }
  }
  const server = new TestServer(["127.0.0.1", 0], Handler);
  const serving = server.serve_forever();
  return {
    port: server.server_port,
    server,
    async close() {
      await server.server_close();
      await serving;
    },
  };
}
