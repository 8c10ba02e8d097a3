// `rfile` in a `do_*` method ends at the end of the request body.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import { serve } from "../_serve.ts";

/** A handler that responds with the result of `take`. */
function reading(take: (rfile: BaseHTTPRequestHandler["rfile"]) => unknown) {
  return class Reading extends BaseHTTPRequestHandler {
    override protocol_version = "HTTP/1.1";
    override log_message() {}
    async do_POST() {
      const found = JSON.stringify(await take(this.rfile));
      this.send_response(200);
      this.send_header("Content-Length", found.length);
      this.end_headers();
      this.wfile.write(found);
    }
    do_NEXT() {
      this.send_response(204);
      this.end_headers();
    }
  };
}

const NEXT = "NEXT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** The same body with three framings. Each is followed by another request. */
function posts(body: string): string[] {
  const post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const chunk = (text: string) =>
    text === "" ? "" : `${text.length.toString(16)}\r\n${text}\r\n`;
  const middle = body.length >> 1;
  return [
    `${post}Content-Length: ${body.length}\r\n\r\n${body}`,
    `${post}Transfer-Encoding: chunked\r\n\r\n${chunk(body)}0\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\n${chunk(body.slice(0, middle))}` +
    `${chunk(body.slice(middle))}0\r\nX-Trailer: 1\r\n\r\n`,
  ].map((request) => request + NEXT);
}

async function found(
  take: (rfile: BaseHTTPRequestHandler["rfile"]) => unknown,
  body: string,
): Promise<unknown> {
  await using server = serve(reading(take));
  const results: unknown[] = [];
  for (const request of posts(body)) {
    using client = await server.connect();
    await client.write(request);
    results.push(JSON.parse((await client.answer()).body));
    assertEquals((await client.answer()).status, 204);
    await client.assertClosed();
  }
  for (const result of results) assertEquals(result, results[0]);
  return results[0];
}

const text = (bytes: Uint8Array) => decodeLatin1(bytes);
const BODY = "one\ntwo\r\nthree";

Deno.test("rfile.read() reads the body to its end and no further", async () => {
  assertEquals(
    await found(async (rfile) => text(await rfile.read()), BODY),
    BODY,
  );
  assertEquals(
    await found(async (rfile) => text(await rfile.read(-1)), BODY),
    BODY,
  );
  const large = "0123456789".repeat(30_000);
  assertEquals(
    await found(async (rfile) => text(await rfile.read()), large),
    large,
  );
  assertEquals(await found(async (rfile) => text(await rfile.read()), ""), "");
});

Deno.test("rfile.read(size) returns that many bytes, fewer only at EOF", async () => {
  const pieces = await found(async (rfile) => {
    const sizes: number[] = [];
    for (const size of [5, 0, 100, 100]) {
      sizes.push((await rfile.read(size)).length);
    }
    return sizes;
  }, BODY);
  assertEquals(pieces, [5, 0, BODY.length - 5, 0]);
});

Deno.test("rfile.read1() and readinto() stay within the body", async () => {
  const whole = await found(async (rfile) => {
    let all = "";
    for (;;) {
      const piece = await rfile.read1(4);
      if (piece.length === 0) return all;
      assert(piece.length <= 4);
      all += text(piece);
    }
  }, BODY);
  assertEquals(whole, BODY);
  const into = await found(async (rfile) => {
    const buffer = new Uint8Array(100);
    const count = await rfile.readinto(buffer);
    return [count, text(buffer.subarray(0, count))];
  }, BODY);
  assertEquals(into, [BODY.length, BODY]);
});

Deno.test("rfile.readline(), readlines() and iteration return the lines of the body", async () => {
  const lines = ["one\n", "two\r\n", "three"];
  assertEquals(
    await found(async (rfile) => [
      text(await rfile.readline()),
      text(await rfile.readline(2)),
      text(await rfile.readline()),
      text(await rfile.readline()),
      text(await rfile.readline()),
    ], BODY),
    ["one\n", "tw", "o\r\n", "three", ""],
  );
  assertEquals(
    await found(async (rfile) => (await rfile.readlines()).map(text), BODY),
    lines,
  );
  assertEquals(
    await found(async (rfile) => {
      const seen: string[] = [];
      for await (const line of rfile) seen.push(text(line));
      return seen;
    }, BODY),
    lines,
  );
});

Deno.test("rfile.readable is the body as a web stream", async () => {
  assertEquals(
    await found((rfile) => new Response(rfile.readable).text(), BODY),
    BODY,
  );
});

Deno.test("the unread rest of a body is discarded, and the connection stays open", async () => {
  assertEquals(
    await found(async (rfile) => text(await rfile.read(3)), BODY),
    "one",
  );
  assertEquals(
    await found(async (rfile) => text(await rfile.readline()), BODY),
    "one\n",
  );
});

Deno.test("rfile is empty for a request without a body", async () => {
  await using server = serve(
    reading(async (rfile) => (await rfile.read()).length),
  );
  for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
    const answer = await server.ask(`POST / ${version}\r\nHost: a\r\n\r\n`);
    assertEquals(answer.body, "0");
  }
});

Deno.test("rfile.read() waits for a body that arrives in pieces", async () => {
  await using server = serve(
    reading(async (rfile) => text(await rfile.read())),
  );
  for (const request of posts("slow body")) {
    using client = await server.connect();
    for (const byte of request.slice(0, -NEXT.length)) await client.write(byte);
    assertEquals((await client.answer()).body, '"slow body"');
  }
});

Deno.test("a malformed chunked body sends 400 and is not reported to handle_error()", async () => {
  await using server = serve(
    reading(async (rfile) => text(await rfile.read())),
  );
  for (
    const body of [
      "zz\r\n",
      "5\r\nhello-0\r\n\r\n",
      "5 \r\nhello\r\n0\r\n\r\n",
      "5\nhello\r\n0\r\n\r\n",
      "-1\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
    ]
  ) {
    const sent = await server.send(
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}${NEXT}`,
    );
    assertMatch(sent, /^HTTP\/1\.1 400 Bad chunked body\r\n/);
    assertEquals(sent.match(/HTTP\/1\.1 /g)?.length, 1);
  }
});

Deno.test("a malformed chunked body leaves a response that has begun incomplete", async () => {
  class Streaming extends BaseHTTPRequestHandler {
    override protocol_version = "HTTP/1.1";
    override log_message() {}
    async do_POST() {
      this.send_response(200);
      this.endHeadersChunked();
      await this.rfile.readable.pipeTo(this.wfile.writable);
    }
  }
  await using server = serve(Streaming);
  const sent = await server.send(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n" +
      NEXT,
  );
  assertMatch(sent, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n5\r\nhello\r\n$/);
  assertEquals(server.takeErrors(), []);
});

Deno.test("a body that ends early sends 400", async () => {
  await using server = serve(
    reading(async (rfile) => text(await rfile.read())),
  );
  const rows: [string, RegExp][] = [
    [
      "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
      /^HTTP\/1\.1 400 Bad chunked body\r\n/,
    ],
    [
      "Content-Length: 10\r\n\r\nhel",
      /^HTTP\/1\.1 400 Incomplete body\r\n/,
    ],
  ];
  for (const [rest, expected] of rows) {
    using client = await server.connect();
    await client.write(`POST / HTTP/1.1\r\nHost: a\r\n${rest}`);
    await client.closeWrite();
    assertMatch(await client.readToEnd(), expected);
  }
});

Deno.test("rfile and wfile are the raw connection after 101 and close when the handler returns", async () => {
  class Switching extends BaseHTTPRequestHandler {
    override protocol_version = "HTTP/1.1";
    override log_message() {}
    async do_GET() {
      this.send_response_only(101);
      this.send_header("Upgrade", "echo");
      this.send_header("Connection", "Upgrade");
      this.end_headers();
      for await (const line of this.rfile) {
        if (text(line) === "bye\n") return;
        await this.wfile.write(text(line).toUpperCase());
      }
    }
  }
  await using server = serve(Switching);
  using client = await server.connect();
  // The first line arrives before the response and looks like a request.
  await client.write(
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n" +
      "get / http/1.1\n",
  );
  assertEquals(
    await client.readUntil("\r\n\r\n"),
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n",
  );
  assertEquals(await client.readUntil("\n"), "GET / HTTP/1.1\n");
  await client.write("more\nbye\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals(await client.readToEnd(), "MORE\n");
});
