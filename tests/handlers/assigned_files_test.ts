// Handlers that replace `rfile` or `wfile`, or override `handle()` or `handle_one_request()`.

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  BaseHTTPRequestHandler,
  type ReadableFile,
  type WritableFile,
} from "../../handlers/mod.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import { serve } from "../_serve.ts";
import { inMemory } from "./_memory.ts";

class Quiet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(_template: string, ..._args: unknown[]) {}

  reply(body: string) {
    this.send_response(200);
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }

  do_GET() {
    this.reply(this.path);
  }

  async do_POST() {
    this.reply(`${this.path}:${decodeLatin1(await this.rfile.read())}`);
  }
}

function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Delegates all methods, and records the data that `readline()` returns. */
class Wrapper implements ReadableFile {
  readonly #file: ReadableFile;
  lines = "";

  constructor(file: ReadableFile) {
    this.#file = file;
  }
  read(size?: number) {
    return this.#file.read(size);
  }
  read1(size?: number) {
    return this.#file.read1(size);
  }
  readinto(into: Uint8Array) {
    return this.#file.readinto(into);
  }
  async readline(limit?: number) {
    const line = await this.#file.readline(limit);
    this.lines += decodeLatin1(line);
    return line;
  }
  readlines(hint?: number) {
    return this.#file.readlines(hint);
  }
  get readable() {
    return this.#file.readable;
  }
  [Symbol.asyncIterator]() {
    return this.#file[Symbol.asyncIterator]();
  }
  close() {
    this.#file.close();
  }
}

Deno.test("rfile wrapped by setup() reads heads, and ends where each body ends", async () => {
  const wrappers: Wrapper[] = [];
  class Wrapping extends Quiet {
    override async setup() {
      await super.setup();
      const wrapper = new Wrapper(this.rfile);
      wrappers.push(wrapper);
      this.rfile = wrapper;
    }
  }
  await using server = serve(Wrapping);
  using client = await server.connect();
  await client.write(
    post("/1", "one") + post("/2", "two") +
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n",
  );
  for (const body of ["/1:one", "/2:two", "/3:three"]) {
    assertEquals((await client.answer()).body, body);
  }
  // An unread body is discarded, and an empty line before a head is skipped.
  await client.write(post("/4", "four").replace("POST", "GET") + "\r\n");
  assertEquals((await client.answer()).body, "/4");
  await client.write(post("/5", "five"));
  assertEquals((await client.answer()).body, "/5:five");
  assertStringIncludes(wrappers[0]!.lines, "POST /1 HTTP/1.1\r\nHost: a");
});

/** Like Python's `BytesIO`: only the methods of `ReadableFile`. */
class BytesIO implements ReadableFile {
  #at = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  constructor(text: string) {
    this.#bytes = new Uint8Array(encodeLatin1(text));
  }
  read(size = -1) {
    const end = size < 0 ? this.#bytes.length : this.#at + size;
    const piece = this.#bytes.slice(this.#at, end);
    this.#at += piece.length;
    return piece;
  }
  read1(size = -1) {
    return this.read(size);
  }
  readinto(into: Uint8Array) {
    const piece = this.read(into.length);
    into.set(piece);
    return piece.length;
  }
  readline(limit = -1) {
    const end = this.#bytes.indexOf(10, this.#at);
    const length = end < 0 ? -1 : end + 1 - this.#at;
    return this.read(
      limit < 0 || (length >= 0 && length < limit) ? length : limit,
    );
  }
  readlines() {
    const lines = [];
    for (let line = this.readline(); line.length > 0; line = this.readline()) {
      lines.push(line);
    }
    return lines;
  }
  get readable() {
    return new Blob([this.read()]).stream();
  }
  async *[Symbol.asyncIterator]() {
    yield* this.readlines();
  }
  close() {}
}

Deno.test("rfile in memory may end a head by EOF, as in CPython's tests", async () => {
  for (
    const [request, body] of [
      ["POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "/x:hello"],
      ["POST /x HTTP/1.1\r\n\r\n", "/x:"],
      ["GET /x HTTP/1.1\r\nHost: a\r\n", "/x"],
      ["GET /x HTTP/1.1", "/x"],
    ]
  ) {
    const { handler, wfile } = inMemory(Quiet, "");
    handler.rfile = new BytesIO(request!);
    await handler.handle_one_request();
    await wfile.flush();
    assertStringIncludes(wfile.sentText, `\r\n\r\n${body}`);
  }
});

Deno.test("wfile that a test assigns gets every write", async () => {
  class List implements WritableFile {
    readonly pieces: string[] = [];
    readonly closed = false;
    write(data: string | Uint8Array) {
      this.pieces.push(typeof data === "string" ? data : decodeLatin1(data));
      return Promise.resolve(data.length);
    }
    async writelines(lines: Iterable<string | Uint8Array>) {
      for (const line of lines) await this.write(line);
    }
    flush() {
      return Promise.resolve();
    }
    get writable() {
      return new WritableStream();
    }
    close() {}
  }
  const { handler } = inMemory(Quiet, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  const list = new List();
  handler.wfile = list;
  await handler.handle_one_request();
  assertEquals(list.pieces.length, 2);
  assertEquals(list.pieces[1], "/x");
});

Deno.test("rfile that do_POST() assigns is not replaced, and the connection closes", async () => {
  class Assigning extends Quiet {
    override async do_POST() {
      this.rfile = new Wrapper(this.rfile);
      this.reply(decodeLatin1(await this.rfile.read()));
    }
  }
  await using server = serve(Assigning);
  const text = await server.send(post("/1", "one") + post("/2", "two"));
  assertStringIncludes(text, "\r\n\r\none");
  assertEquals(text.split("HTTP/1.1 200").length, 2);
});

class SelfDriven extends Quiet {
  override async handle_one_request() {
    const line = await this.rfile.readline(65_537);
    if (line.length === 0) {
      this.close_connection = true;
      return;
    }
    this.raw_requestline = line;
    if (!await this.parse_request()) return;
    const method = this[`do_${this.command}`] as () => Promise<void>;
    await method.call(this);
    await this.wfile.flush();
  }
}

Deno.test("handle_one_request() overrides can read request lines from rfile", async () => {
  await using server = serve(SelfDriven);
  using client = await server.connect();
  await client.write(
    post("/1", "one") + post("/2", "unread").replace("POST", "GET"),
  );
  assertEquals((await client.answer()).body, "/1:one");
  assertEquals((await client.answer()).body, "/2");
  await client.write("GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assertEquals((await client.answer()).body, "/3");
  await client.assertClosed();
});

Deno.test("finish() ends the chunked response of a handle() override, which serves one request", async () => {
  class Single extends Quiet {
    override async handle() {
      this.raw_requestline = await this.rfile.readline(65_537);
      if (!await this.parse_request()) return;
      const body = decodeLatin1(await this.rfile.read());
      this.send_response(200);
      this.endHeadersChunked();
      this.wfile.write("got " + body);
    }
  }
  await using server = serve(Single);
  using client = await server.connect();
  await client.write(post("/1", "one") + post("/2", "two"));
  assertEquals((await client.answer()).body, "got one");
  await client.assertClosed();
});
