// A client that keeps its connection open and reads responses by their framing.

import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";

/** How long to wait for bytes, in milliseconds. Compressing may take long on a busy machine. */
const PATIENCE = 30_000;

const LF = 10;

/** A response with its body. */
export interface Reply {
  readonly status: number;
  /** The value of the first field with this lower-case name. */
  header(name: string): string | undefined;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** How a client reads. */
export interface Reading {
  /** The request's method: a response to HEAD has no body. */
  readonly method?: string;
  /** The pause between two reads of the body, in milliseconds. */
  readonly pause?: number;
}

/** A connection to a server. */
export class SoakClient implements Disposable {
  /** Whether another request may follow. */
  reusable = true;
  readonly #conn: Deno.Conn;
  #buffer = new Uint8Array(65_536);
  #start = 0;
  #end = 0;
  #closed = false;

  /**
   * Takes over a connection.
   *
   * @param conn The connection.
   */
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Sends all of the data. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? encodeLatin1(data) : data;
    for (let at = 0; at < bytes.length;) {
      at += await this.#within(this.#conn.write(bytes.subarray(at)));
    }
  }

  /** Ends this side of the connection. */
  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Reads one final response, skipping interim ones. */
  async receive(reading: Reading = {}): Promise<Reply> {
    for (;;) {
      const reply = await this.#receive(reading);
      if (reply.status >= 200) return reply;
    }
  }

  /** Reads this many bytes. */
  async some(size: number): Promise<void> {
    while (this.#end - this.#start < size && await this.#more());
    this.#start = Math.min(this.#end, this.#start + size);
  }

  /** Asserts that the server closes and sends nothing more. */
  async expectEnd(): Promise<void> {
    if (this.#start < this.#end || await this.#more()) {
      throw new Error("The server sent more than its response");
    }
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.reusable = false;
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  async #receive({ method, pause = 0 }: Reading): Promise<Reply> {
    const head = await this.#until("\r\n\r\n");
    const [statusLine = "", ...fields] = head.split("\r\n");
    const header = (name: string) =>
      fields.find((field) => field.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1).trim();
    const status = Number(statusLine.split(" ")[1]);
    if (header("connection") === "close") this.reusable = false;
    const bodyless = method === "HEAD" || status < 200 || status === 204 ||
      status === 304;
    const length = header("content-length");
    const body = bodyless
      ? new Uint8Array()
      : header("transfer-encoding") === "chunked"
      ? await this.#chunks(pause)
      : length === undefined
      ? await this.#toEnd()
      : await this.#take(Number(length), pause);
    return { status, header, body };
  }

  async #chunks(pause: number): Promise<Uint8Array<ArrayBuffer>> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const size = parseInt(await this.#until("\r\n"), 16);
      pieces.push(await this.#take(size, pause));
      if (await this.#until("\r\n") !== "") {
        throw new Error("A chunk is longer");
      }
      if (size === 0) return await new Blob(pieces).bytes();
    }
  }

  async #toEnd(): Promise<Uint8Array<ArrayBuffer>> {
    this.reusable = false;
    while (await this.#more());
    return await this.#take(this.#end - this.#start, 0);
  }

  async #take(size: number, pause: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size;) {
      if (this.#start === this.#end) {
        if (pause > 0) await new Promise((go) => setTimeout(go, pause));
        if (!await this.#more()) {
          throw new Error(`The response ended after ${at} of ${size} bytes`);
        }
      }
      const count = Math.min(size - at, this.#end - this.#start);
      bytes.set(this.#buffer.subarray(this.#start, this.#start + count), at);
      this.#start += count;
      at += count;
    }
    return bytes;
  }

  /** Reads text up to a mark that ends with LF. */
  async #until(mark: string): Promise<string> {
    for (let searched = 0;;) {
      const buffered = this.#buffer.subarray(this.#start, this.#end);
      const at = buffered.indexOf(LF, searched);
      if (at < 0) {
        searched = buffered.length;
        if (await this.#more()) continue;
        throw new Error(`The server closed before ${JSON.stringify(mark)}`);
      }
      searched = at + 1;
      const text = decodeLatin1(buffered.subarray(0, searched));
      if (!text.endsWith(mark)) continue;
      this.#start += searched;
      return text.slice(0, -mark.length);
    }
  }

  async #more(): Promise<boolean> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    if (this.#end === this.#buffer.length) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    const room = this.#buffer.subarray(this.#end);
    const count = await this.#within(this.#conn.read(room));
    this.#end += count ?? 0;
    return count !== null;
  }

  async #within<T>(operation: Promise<T>): Promise<T> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this[Symbol.dispose]();
    }, PATIENCE);
    try {
      return await operation;
    } catch (error) {
      if (!late) throw error;
      throw new Error(`The server was silent for ${PATIENCE} ms`);
    } finally {
      clearTimeout(timer);
    }
  }
}
