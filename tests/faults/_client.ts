// Clients that read and write bytes: one that can misbehave in every way, and an honest one
// that checks its response to the last byte.

import net from "node:net";
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import { PATIENCE, until, within } from "./_wait.ts";

/** How soon an honest client must get its response in any situation, in milliseconds. */
export const PROMPT = 1_000;

/** A client that can send anything and close in any way. Deno's own sockets lack `resetAndDestroy()`. */
export class Peer implements AsyncDisposable {
  /** The number of received bytes. */
  received = 0;
  /** The first 64 KiB received, as latin-1 text. */
  text = "";
  /** Whether the server has closed its side. */
  ended = false;
  readonly #socket: net.Socket;
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on("data", (data: Buffer) => {
      this.received += data.length;
      if (this.text.length < 65_536) this.text += decodeLatin1(data);
    });
    socket.on("end", () => this.ended = true);
    // A reset by the server counts as an end too: the tests check what was received before it.
    socket.on("error", () => this.ended = true);
    socket.on("close", () => {
      this.ended = this.#isClosed = true;
      this.#closed.resolve();
    });
  }

  /** Connects. */
  static async connect(port: number): Promise<Peer> {
    const socket = net.connect({
      port,
      host: "127.0.0.1",
      allowHalfOpen: true,
    });
    const peer = new Peer(socket);
    await within(
      new Promise<void>((resolve) => socket.once("connect", resolve)),
      PATIENCE,
      "connecting",
    );
    return peer;
  }

  /** Sends latin-1 text or bytes; what the server no longer accepts is dropped. */
  send(data: string | Uint8Array): void {
    if (this.#isClosed) return;
    this.#socket.write(typeof data === "string" ? encodeLatin1(data) : data);
  }

  /** Stops reading, so that the server's data fills the buffers of both sides. */
  pause(): void {
    this.#socket.pause();
  }

  /** Resumes reading. */
  resume(): void {
    this.#socket.resume();
  }

  /** Closes its own side only. */
  endWrite(): void {
    this.#socket.end();
  }

  /** Closes with a reset, and drops pending data. */
  async reset(): Promise<void> {
    if (!this.#isClosed) this.#socket.resetAndDestroy();
    await this.#closed.promise;
  }

  /** Waits until this many bytes were received. */
  async receive(bytes: number): Promise<void> {
    await until(
      () => this.received >= bytes || this.ended,
      `${bytes} bytes came; there are ${this.received}`,
    );
  }

  /** Waits until the server has closed the connection; returns everything it sent. */
  async end(patience = PATIENCE): Promise<string> {
    await until(() => this.ended, "the server closes", patience);
    return this.text;
  }

  /** Closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#closed.promise;
  }
}

/** A response with its body. */
export interface Reply {
  readonly status: number;
  /** The value of the first field of this name, in lower case. */
  header(name: string): string | undefined;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The time it took, including the connection, in milliseconds. */
  readonly took: number;
}

/** Sends one request on a new connection and reads the whole response. */
export async function ask(
  port: number,
  request: string,
  patience = PATIENCE,
): Promise<Reply> {
  const began = performance.now();
  let conn: Deno.Conn | undefined;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    conn?.close();
  }, patience);
  try {
    conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const bytes = await exchange(conn, request);
    return parseReply(bytes, performance.now() - began);
  } catch (error) {
    if (!late) throw error;
    throw new Error(`No whole response within ${patience} ms: ${request}`);
  } finally {
    clearTimeout(timer);
    if (!late) conn?.close();
  }
}

/** A request for a file, which closes the connection. */
export function get(path: string, ...fields: string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: a",
    "Connection: close",
    ...fields,
    "",
    "",
  ].join("\r\n");
}

/** Asserts that an honest client receives exactly this file, and soon. */
export async function assertServed(
  port: number,
  path: string,
  content: Uint8Array,
  patience = PROMPT,
): Promise<void> {
  const { status, body } = await ask(port, get(path), patience);
  assertEquals(status, 200);
  assertBytes(body, content);
}

/** Asserts that bytes are equal, even megabytes: a digest would take a hundred times as long. */
export function assertBytes(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  assert(Buffer.compare(actual, expected) === 0, "Some bytes differ");
}

/** The SHA-256 of bytes, in hexadecimal. */
export async function digest(
  bytes: Uint8Array<ArrayBufferLike>,
): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return new Uint8Array(hash).toHex();
}

async function exchange(
  conn: Deno.Conn,
  request: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = encodeLatin1(request);
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
  let [buffer, length] = [new Uint8Array(65_536), 0];
  for (;;) {
    if (length === buffer.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(buffer);
      buffer = larger;
    }
    const count = await conn.read(buffer.subarray(length));
    if (count === null) return buffer.subarray(0, length);
    length += count;
  }
}

/** Splits a response that ended with the connection; its Content-Length must be right. */
function parseReply(bytes: Uint8Array<ArrayBuffer>, took: number): Reply {
  const text = decodeLatin1(bytes.subarray(0, 65_536));
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) throw new Error(`There is no response, but: ${text}`);
  const [statusLine = "", ...fields] = text.slice(0, end).split("\r\n");
  const header = (name: string) =>
    fields.find((field) => field.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1).trim();
  const sent = bytes.subarray(end + 4);
  const chunked = header("transfer-encoding") === "chunked";
  const body = chunked ? dechunked(sent) : sent;
  const length = header("content-length");
  if (length !== undefined && Number(length) !== body.length) {
    throw new Error(`Content-Length is ${length}, the body ${body.length}`);
  }
  return { status: Number(statusLine.split(" ")[1]), header, body, took };
}

/** The data of chunks; throws if the last one is missing. */
export function dechunked(
  body: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(body.length);
  let [at, length] = [0, 0];
  for (;;) {
    const end = body.indexOf(10, at);
    if (end < 0) throw new Error("The last chunk is missing");
    const size = parseInt(decodeLatin1(body.subarray(at, end)), 16);
    if (size === 0) return content.slice(0, length);
    content.set(body.subarray(end + 1, end + 1 + size), length);
    length += size;
    at = end + 1 + size + 2;
  }
}
