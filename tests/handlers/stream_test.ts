// BaseRequestHandler and StreamRequestHandler.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  BaseHTTPRequestHandler,
  BaseRequestHandler,
  StreamRequestHandler,
} from "../../handlers/mod.ts";
import { serve } from "../_serve.ts";

Deno.test("BaseRequestHandler stores its connection, client address and server", async () => {
  const seen: unknown[] = [];
  class Looking extends BaseRequestHandler {
    override handle() {
      seen.push(this.client_address, this.server, this.request.client_address);
    }
  }
  await using server = serve(Looking);
  assertEquals(await server.send(""), "");
  const [address, own, told] = seen as [[string, number], unknown, unknown];
  assertEquals(address[0], "127.0.0.1");
  assert(address[1] > 0);
  assertEquals(told, address);
  assert(own === server.server);
});

Deno.test("finish() is called after handle(), even if it throws", async () => {
  const calls: string[] = [];
  const failure = new Error("handle");
  class Failing extends BaseRequestHandler {
    override setup() {
      calls.push("setup");
    }
    override handle() {
      calls.push("handle");
      throw failure;
    }
    override finish() {
      calls.push("finish");
    }
  }
  await using server = serve(Failing);
  assertEquals(await server.send(""), "");
  assertEquals(calls, ["setup", "handle", "finish"]);
  assertEquals(server.takeErrors(), [failure]);
});

Deno.test("StreamRequestHandler reads lines and writes data", async () => {
  class Upper extends StreamRequestHandler {
    override async handle() {
      for await (const line of this.rfile) {
        this.wfile.write(new TextDecoder().decode(line).toUpperCase());
        if (line.length === 1) return;
      }
    }
  }
  await using server = serve(Upper);
  assertEquals(await server.send("one\ntwo\n\nthree\n"), "ONE\nTWO\n\n");
});

Deno.test("finish() flushes wfile and closes both files", async () => {
  const made: StreamRequestHandler[] = [];
  class Last extends StreamRequestHandler {
    override handle() {
      made.push(this);
      this.wfile.write("x".repeat(1_000_000));
    }
  }
  await using server = serve(Last);
  assertEquals((await server.send("")).length, 1_000_000);
  const handler = made[0]!;
  assert(handler.wfile.closed);
  assertEquals((await handler.rfile.read()).length, 0);
  await assertRejects(() => handler.wfile.write("late"), TypeError, "closed");
});

Deno.test("setup() applies timeout", async () => {
  class Impatient extends StreamRequestHandler {
    override timeout = 0.1;
    override async handle() {
      await assertRejects(
        async () => await this.rfile.read(),
        Deno.errors.TimedOut,
      );
    }
  }
  await using server = serve(Impatient);
  assertEquals(await server.send("x"), "");
});

Deno.test("setup() applies rbufsize: with 0, data after a line stays in the socket", async () => {
  class Raw extends StreamRequestHandler {
    override rbufsize = 0;
    override async handle() {
      const line = await this.rfile.readline();
      const rest = new Uint8Array(100);
      const count = await this.connection.conn.read(rest);
      await this.wfile.write(rest.subarray(0, count ?? 0));
      this.wfile.write(line);
    }
  }
  await using server = serve(Raw);
  using client = await server.connect();
  await client.write("line\nall that follows\n");
  assertEquals(await client.readToEnd(), "all that follows\nline\n");
});

Deno.test("setup() applies rbufsize, and HTTP works with any size", async () => {
  const body = "name=tea&size=large";
  const post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const lengthwise = `${post}Content-Length: ${body.length}\r\n\r\n${body}`;
  const chunked =
    `${post}Transfer-Encoding: chunked\r\n\r\n5\r\nname=\r\ne\r\ntea&size=large\r\n0\r\n\r\n`;
  for (const rbufsize of [0, 1, 7, -1]) {
    class Echo extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      override rbufsize = rbufsize;
      override log_message() {}
      async do_POST() {
        const body = await this.rfile.read();
        this.send_response(200);
        this.send_header("Content-Length", body.length);
        this.end_headers();
        this.wfile.write(body);
      }
    }
    await using server = serve(Echo);
    using client = await server.connect();
    await client.write(lengthwise + chunked + lengthwise);
    for (let n = 0; n < 3; n++) {
      assertEquals((await client.answer()).body, body, `rbufsize ${rbufsize}`);
    }
  }
});

/** Sends a word that the client waits for, then a second one at a given time. */
class TwoWords extends StreamRequestHandler {
  static flushes = false;
  override async handle() {
    this.wfile.write("first\n");
    if (TwoWords.flushes) await this.wfile.flush();
    await this.rfile.readline();
    this.wfile.write("second\n");
  }
}

Deno.test("setup() applies wbufsize: with 0, data is sent without a flush", async () => {
  TwoWords.flushes = false;
  await using server = serve(TwoWords);
  using client = await server.connect();
  assertEquals(await client.readUntil("\n"), "first\n");
  await client.write("\n");
  assertEquals(await client.readToEnd(), "second\n");
});

Deno.test("setup() applies wbufsize: with -1, data is sent at a flush or at the end", async () => {
  for (const wbufsize of [-1, 8]) {
    class Buffered extends TwoWords {
      override wbufsize = wbufsize;
    }
    await using server = serve(Buffered);
    TwoWords.flushes = true;
    using flushed = await server.connect();
    assertEquals(await flushed.readUntil("\n"), "first\n");
    TwoWords.flushes = false;
    using held = await server.connect();
    const early = held.readUntil("\n").then(() => "came early");
    const patience = Promise.withResolvers<string>();
    const timer = setTimeout(() => patience.resolve("held back"), 50);
    assertEquals(
      await Promise.race([early, patience.promise]),
      "held back",
    );
    clearTimeout(timer);
    await held.write("\n");
    await early;
    assertEquals(await held.readToEnd(), "second\n");
  }
});

Deno.test("setup() rejects invalid buffer sizes", async () => {
  class Wrong extends StreamRequestHandler {
    override rbufsize = 0.5;
  }
  class WrongToo extends StreamRequestHandler {
    override wbufsize = NaN;
  }
  for (const Handler of [Wrong, WrongToo]) {
    await using server = serve(Handler);
    assertEquals(await server.send(""), "");
    assertEquals(server.takeErrors().map((e) => (e as Error).name), [
      "RangeError",
    ]);
  }
});

Deno.test("recv() and sendall() work like those of Python's sockets", async () => {
  const seen: string[] = [];
  class Upper extends BaseRequestHandler {
    override async handle() {
      for (;;) {
        const data = await this.request.recv(4);
        if (data.length === 0) return;
        const text = new TextDecoder().decode(data);
        seen.push(text);
        await this.request.sendall(text.toUpperCase());
      }
    }
  }
  await using server = serve(Upper);
  using client = await server.connect();
  await client.write("hello you");
  await client.closeWrite();
  assertEquals(await client.readToEnd(), "HELLO YOU");
  assertEquals(seen.join(""), "hello you");
  assert(seen.every((text) => text.length <= 4));
});

Deno.test("sendall() rejects if the client has disconnected", async () => {
  const failed = Promise.withResolvers<unknown>();
  class Endless extends BaseRequestHandler {
    override async handle() {
      try {
        for (;;) await this.request.sendall("x".repeat(65_536));
      } catch (error) {
        failed.resolve(error);
        throw error;
      }
    }
  }
  await using server = serve(Endless);
  using client = await server.connect();
  await client.read(1);
  client.close();
  assert(await failed.promise instanceof Error);
});
