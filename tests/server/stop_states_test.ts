// Graceful shutdown of the server, in each state of a connection.

import { assert, assertEquals } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { ThreadingHTTPServer } from "../../server/mod.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import { quiet } from "../_lib/quiet.ts";

class Echo extends quiet(BaseHTTPRequestHandler) {
  override protocol_version = "HTTP/1.1";

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
    this.reply(decodeLatin1(await this.rfile.read()));
  }
  async do_CONNECT() {
    this.send_response(200);
    this.end_headers();
    for (;;) {
      const bytes = await this.rfile.read1();
      if (bytes.length === 0) return;
      await this.wfile.write(bytes);
    }
  }
}

class Graceful extends ThreadingHTTPServer {
  static override gracePeriod = 5;
}

const GET = "GET /1 HTTP/1.1\r\nHost: a\r\n";
const PATIENCE = 2_000;

const CASES: readonly {
  readonly state: string;
  /** The bytes sent before the shutdown, and what must be received before it. */
  readonly before: string;
  readonly ready: RegExp;
  /** The bytes sent after it. */
  readonly then: string;
  readonly expect: RegExp;
}[] = [
  {
    state: "Idle before a request",
    before: "",
    ready: /^$/,
    then: "",
    expect: /^$/,
  },
  {
    state: "Idle after a response",
    before: `${GET}\r\n`,
    ready: /\/1$/,
    then: "",
    expect: /^$/,
  },
  {
    state: "Head",
    before: "GET /1 HT",
    ready: /^$/,
    then: "TP/1.1\r\nHost: a\r\n\r\n" + `${GET}\r\n`,
    expect: /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\/1$/,
  },
  {
    state: "Body",
    before: "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\no",
    ready: /^$/,
    then: "ne" + `${GET}\r\n`,
    expect: /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\none$/,
  },
  {
    state: "Draining",
    before: `${GET}Content-Length: 3\r\n\r\no`,
    ready: /\/1$/,
    then: "",
    expect: /^$/,
  },
  {
    state: "Raw",
    before: "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
    ready: /\r\n\r\n$/,
    then: "echo",
    expect: /^echo$/,
  },
];

for (const { state, before, ready, then, expect } of CASES) {
  Deno.test(`server_close() ends a connection in ${state}`, async () => {
    const server = new Graceful(["127.0.0.1", 0], Echo);
    const serving = server.serve_forever();
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.server_port,
    });
    const timer = setTimeout(() => conn.close(), PATIENCE);
    const received = async (until: RegExp | null) => {
      let text = "";
      const buffer = new Uint8Array(9_999);
      while (until === null || !until.test(text)) {
        const count = await conn.read(buffer);
        if (count === null) break;
        text += decodeLatin1(buffer.subarray(0, count));
      }
      return text;
    };
    await conn.write(encodeLatin1(before));
    await received(ready);
    // The server must have read the bytes sent.
    await new Promise((resolve) => setTimeout(resolve, 30));
    const started = performance.now();
    const closed = server.server_close();
    if (then !== "") await conn.write(encodeLatin1(then));
    if (state === "Raw") {
      assertEquals(await received(expect), "echo");
    } else {
      const text = await received(null);
      assert(expect.test(text), JSON.stringify(text));
    }
    // A server that lingers for more input sees EOF.
    await conn.closeWrite();
    await closed;
    await serving;
    clearTimeout(timer);
    // Neither the grace period nor the draining time has run out.
    assert(performance.now() - started < PATIENCE);
  });
}
