// Raw connections: after 101, or a 2xx response to CONNECT, HTTP is over and `rfile` and `wfile`
// carry bytes both ways (RFC 9110 §7.8, §9.3.6).

import { assert, assertEquals, assertMatch } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import { serve } from "../_serve.ts";

class Quiet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(_template: string, ..._args: unknown[]) {}

  /** Echoes the client's data in upper case. */
  async echo() {
    for (;;) {
      const bytes = await this.rfile.read1();
      if (bytes.length === 0) return;
      await this.wfile.write(decodeLatin1(bytes).toUpperCase());
    }
  }
}

const CONNECT = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
const UPGRADE =
  "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";

const SWITCHES: readonly [
  name: string,
  request: string,
  status: number,
  fields: readonly [string, string][],
][] = [
  ["200 to CONNECT", CONNECT, 200, []],
  ["204 to CONNECT", CONNECT, 204, []],
  ["299 to CONNECT", CONNECT, 299, []],
  ["200 with Content-Length to CONNECT", CONNECT, 200, [
    ["Content-Length", "3"],
  ]],
  ["200 with Transfer-Encoding to CONNECT", CONNECT, 200, [
    ["Transfer-Encoding", "chunked"],
  ]],
  ["101", UPGRADE, 101, [["Connection", "Upgrade"], ["Upgrade", "x"]]],
];

for (const [name, request, status, fields] of SWITCHES) {
  for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
    Deno.test(`${name} of an ${version} handler opens a tunnel`, async () => {
      class Tunnel extends Quiet {
        override protocol_version = version;
        do_CONNECT() {
          return this.open();
        }
        do_GET() {
          return this.open();
        }
        open() {
          this.send_response(status);
          for (const [field, value] of fields) this.send_header(field, value);
          this.end_headers();
          return this.echo();
        }
      }
      await using server = serve(Tunnel);
      using client = await server.connect();
      // The first bytes arrive with the head, as TLS in a tunnel may.
      await client.write(request + "one ");
      const head = await client.readUntil("\r\n\r\n");
      assertMatch(head, new RegExp(`^${version} ${status} `));
      assert(!/content-length|transfer-encoding/i.test(head), head);
      await client.write("two\r\n\r\n");
      assertEquals(await client.read(11), "ONE TWO\r\n\r\n");
      await client.write("GET / HTTP/1.1\r\n\r\n");
      assertEquals(await client.read(18), "GET / HTTP/1.1\r\n\r\n");
      await client.closeWrite();
      await client.assertClosed();
    });
  }
}

Deno.test("a rejected CONNECT gets an ordinary response, and the connection stays open", async () => {
  class Refusing extends Quiet {
    do_CONNECT() {
      this.send_response(405);
      this.send_header("Content-Length", 0);
      this.end_headers();
    }
  }
  await using server = serve(Refusing);
  using client = await server.connect();
  for (let count = 0; count < 2; count++) {
    await client.write(CONNECT);
    assertEquals((await client.answer()).status, 405);
  }
});

Deno.test("rfile becomes the raw stream even if it was read from before the head", async () => {
  class Tunnel extends Quiet {
    async do_CONNECT() {
      const { rfile } = this;
      this.send_response(200);
      this.end_headers();
      const parts = [
        await rfile.readline(),
        await this.rfile.readline(),
        await this.connection.recv(3),
      ];
      this.wfile.write(parts.map((part) => decodeLatin1(part)).join("|"));
    }
  }
  await using server = serve(Tunnel);
  using client = await server.connect();
  await client.write(CONNECT + "one\ntwo\nend");
  await client.readUntil("\r\n\r\n");
  assertEquals(await client.readToEnd(), "one\n|two\n|end");
});

Deno.test("an unread request body is not part of the raw stream", async () => {
  for (
    const body of [
      "Content-Length: 4\r\n\r\nbody",
      "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ]
  ) {
    class Tunnel extends Quiet {
      do_GET() {
        this.send_response(101);
        this.end_headers();
        return this.echo();
      }
    }
    await using server = serve(Tunnel);
    using client = await server.connect();
    await client.write(UPGRADE.slice(0, -2) + body + "raw");
    await client.readUntil("\r\n\r\n");
    assertEquals(await client.read(3), "RAW");
    await client.closeWrite();
    await client.assertClosed();
  }
});

Deno.test("a tunnel closes when its handler returns, even if a read is pending", async () => {
  class Tunnel extends Quiet {
    async do_CONNECT() {
      this.send_response(200);
      this.end_headers();
      await Promise.race([
        this.rfile.read1(),
        new Promise((resolve) => setTimeout(resolve, 20)),
      ]);
    }
  }
  await using server = serve(Tunnel);
  using client = await server.connect();
  await client.write(CONNECT);
  await client.readUntil("\r\n\r\n");
  await client.assertClosed();
});

Deno.test("timeout closes a tunnel only if both directions are silent", async () => {
  class Tunnel extends Quiet {
    override timeout = 0.3;
    async do_CONNECT() {
      this.send_response(200);
      this.end_headers();
      // The client is silent for longer than the timeout, but the other direction is busy.
      const line = this.rfile.readline();
      for (let tick = 0; tick < 10; tick++) {
        await this.wfile.write(".");
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      this.wfile.write(decodeLatin1(await line));
      this.wfile.write(decodeLatin1(await this.rfile.readline()));
    }
  }
  await using server = serve(Tunnel);
  using client = await server.connect();
  await client.write(CONNECT);
  await client.readUntil("\r\n\r\n..........");
  await client.write("late\n");
  // Now both are silent, so the last read times out.
  assertEquals(await client.readToEnd(), "late\n");
});

Deno.test("send_header() after the head sends the fields of multipart parts (MJPEG)", async () => {
  class Camera extends Quiet {
    async do_GET() {
      this.send_response(200);
      this.send_header("Content-Type", "multipart/x-mixed-replace; boundary=F");
      this.end_headers();
      for (const frame of ["one", "two"]) {
        this.wfile.write("--F\r\n");
        this.send_header("Content-Type", "image/jpeg");
        this.send_header("Content-Length", frame.length);
        this.end_headers();
        this.wfile.write(frame);
        await this.wfile.write("\r\n");
      }
    }
  }
  await using server = serve(Camera);
  for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
    const text = await server.send(`GET / ${version}\r\nHost: a\r\n\r\n`);
    const part = (frame: string) =>
      `--F\r\nContent-Type: image/jpeg\r\nContent-Length: 3\r\n\r\n${frame}\r\n`;
    assertEquals(
      text.split("\r\n\r\n").slice(1).join("\r\n\r\n"),
      part("one") + part("two"),
    );
  }
});

Deno.test("connection.sendall() rejects if the data is not sent", async () => {
  const outcomes: string[] = [];
  const late = Promise.withResolvers<void>();
  class Sending extends Quiet {
    async do_GET() {
      const { connection } = this;
      const send = async (data: string) =>
        outcomes.push(
          await connection.sendall(data).then(() => "sent", (error) =>
            error.name),
        );
      this.send_response(200);
      this.send_header("Content-Length", 4);
      this.end_headers();
      await send("abcd");
      await send("e");
      setTimeout(async () => {
        await send("between two requests");
        this.wfile.close();
        await send("after close");
        late.resolve();
      }, 20);
    }
  }
  await using server = serve(Sending);
  using client = await server.connect();
  await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await client.answer()).body, "abcd");
  await late.promise;
  assertEquals(outcomes, ["sent", "TypeError", "TypeError", "TypeError"]);
});

Deno.test("timeout restarts for each request, even if the empty line between two requests is split", async () => {
  class Impatient extends Quiet {
    override timeout = 0.4;
    do_GET() {
      this.send_response(200);
      this.send_header("Content-Length", 0);
      this.end_headers();
    }
  }
  const pause = (time: number) =>
    new Promise((resolve) => setTimeout(resolve, time));
  await using server = serve(Impatient);
  for (const pieces of [["\r", "\n"], ["\r\n"], ["\r\n\r", "\n"], []]) {
    using client = await server.connect();
    await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await client.answer()).status, 200);
    for (const piece of pieces) {
      await client.write(piece);
      await pause(60);
    }
    await pause(200);
    // Less than the timeout for this head, but more than the time left since the empty line.
    await client.write("GET / HT");
    await pause(250);
    await client.write("TP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await client.answer()).status, 200, JSON.stringify(pieces));
  }
});

Deno.test("a final status without 100 closes the connection, since the body may follow", async () => {
  class Refusing extends Quiet {
    override handle_expect_100() {
      return true;
    }
    do_PUT() {
      this.send_response(403);
      this.send_header("Content-Length", 0);
      this.end_headers();
    }
  }
  await using server = serve(Refusing);
  using client = await server.connect();
  await client.write(
    "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
  );
  assertEquals((await client.answer()).status, 403);
  // The next bytes may be the body or a request, so they must not be parsed.
  await client.write("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.assertClosed();
});
