// What a site records of a request, and what its handler reads.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { serve } from "../../testing/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { Echo } from "./_echo.ts";
import { exchange, get, RawClient } from "./_raw.ts";

boundedTest("a request is recorded with everything that was sent", async () => {
  await using site = await serve(Echo);
  const before = Date.now();
  using client = await RawClient.connect(site.port);
  await client.send(
    "POST //a%20b?x=1&x=2&y HTTP/1.1\r\nHost: a.test\r\nX-B: 1\r\n" +
      "x-a: 2\r\nX-B: 3\r\nContent-Length: 8\r\n\r\n" + '{"n":[]}',
  );
  const response = await client.receive(5_000, "[]}");
  assertStringIncludes(response.text, "201 Created");
  assertStringIncludes(response.text, '\r\n\r\n{"n":[]}');
  const request = site.requests[0]!;
  assertEquals(request.method, "POST");
  assertEquals(request.target, "//a%20b?x=1&x=2&y");
  assertEquals(request.path, "//a%20b");
  assertEquals(request.search, "x=1&x=2&y");
  assertEquals(request.query.getAll("x"), ["1", "2"]);
  assertEquals(request.version, "HTTP/1.1");
  assertEquals(request.headers.items(), [
    ["Host", "a.test"],
    ["X-B", "1"],
    ["x-a", "2"],
    ["X-B", "3"],
    ["Content-Length", "8"],
  ]);
  assertEquals(request.text(), '{"n":[]}');
  assertEquals(request.json(), { n: [] });
  assertEquals(request.complete, true);
  const { localAddr } = client.conn;
  assertEquals(request.client, ["127.0.0.1", localAddr.port]);
  assert(request.time.getTime() >= before);
  assertEquals(request.status, 201);
  assertEquals(`${request}`, "POST //a%20b?x=1&x=2&y");
});

boundedTest(
  "a chunked body is recorded, and the handler reads it too",
  async () => {
    await using site = await serve(Echo);
    const body = ReadableStream.from(["one ", "two"]).pipeThrough(
      new TextEncoderStream(),
    );
    const response = await fetch(site.url, { method: "POST", body });
    assertEquals(await response.text(), "one two");
    assertEquals(site.requests[0]?.text(), "one two");
  },
);

boundedTest(
  "a body that is cut off is recorded as far as it came",
  async () => {
    await using site = await serve(Echo);
    using client = await RawClient.connect(site.port);
    await client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
    );
    await client.conn.closeWrite();
    assertStringIncludes((await client.receive()).text, " 400 ");
    const request = site.requests[0]!;
    assertEquals([request.text(), request.complete], ["abc", false]);
  },
);

boundedTest(
  "a handler that reads lines gets a body of more than a read",
  async () => {
    class Lines extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      async do_POST() {
        let lines = 0;
        for await (const line of this.rfile) lines += line.length === 8 ? 1 : 0;
        this.send_response(200);
        this.endHeadersChunked();
        this.wfile.write(`${lines}`);
      }
    }
    await using site = await serve(Lines);
    const body = "1234567\n".repeat(50_000);
    for (let count = 0; count < 2; count++) {
      const response = await fetch(site.url, { method: "POST", body });
      assertEquals(await response.text(), "50000");
    }
    assertEquals(site.requests.map(({ body }) => body.length), [
      400_000,
      400_000,
    ]);
  },
);

boundedTest(
  "a body of more than 16 MiB reaches the handler, and its start is recorded",
  async () => {
    await using site = await serve(Echo);
    const size = 17 * 1024 * 1024;
    const response = await fetch(site.url, {
      method: "POST",
      body: new Uint8Array(size).fill(7),
    });
    assertEquals((await response.bytes()).length, size);
    const request = site.requests[0]!;
    assertEquals(request.body.length, 16 * 1024 * 1024);
    assertEquals(request.complete, false);
  },
);

boundedTest(
  "with recordBodies: false the handler runs before the body is complete",
  async () => {
    class Duplex extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      async do_POST() {
        this.send_response(200);
        this.endHeadersChunked();
        for await (const line of this.rfile) await this.wfile.write(line);
      }
    }
    await using site = await serve(Duplex, { recordBodies: false });
    using client = await RawClient.connect(site.port);
    await client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na\n",
    );
    assertStringIncludes((await client.receive(5_000, "a\n")).text, "a\n");
    await client.send("b\n");
    assertStringIncludes(
      (await client.receive(5_000, "0\r\n\r\n")).text,
      "b\n",
    );
    assertEquals(site.requests[0]?.body.length, 0);
  },
);

boundedTest(
  "pipelined requests with bodies are recorded in order",
  async () => {
    await using site = await serve(Echo);
    using client = await RawClient.connect(site.port);
    const post = (body: string) =>
      `POST /${body} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    await client.send(post("one") + get("/two") + post("three"));
    await client.receive(5_000, "three");
    assertEquals(
      site.requests.map((request) => `${request} ${request.text()}`),
      ["POST /one one", "GET /two ", "POST /three three"],
    );
  },
);

boundedTest(
  "respond() sends the status, the fields in order, and a body or JSON",
  async () => {
    await using site = await serve();
    site.expect({ path: "/text" }).respond({ body: "é" });
    site.expect({ path: "/json" }).respond({
      status: 201,
      headers: { "X-A": "1" },
      json: { a: [1] },
    });
    site.expect({ path: "/bytes" }).respond({
      headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]],
      body: new Uint8Array([1, 2]),
    });
    site.expect({ path: "/own" }).respond((request) => ({
      headers: { "Content-Type": "text/html" },
      body: `<p>${request.query.get("name")}`,
    }));
    site.expect({ path: "/plain" });
    const text = await fetch(`${site.url}/text`);
    assertEquals(text.headers.get("Content-Type"), "text/plain; charset=utf-8");
    assertEquals(await text.text(), "é");
    const json = await fetch(`${site.url}/json`);
    assertEquals(
      [json.status, json.headers.get("X-A"), await json.json()],
      [201, "1", { a: [1] }],
    );
    const bytes = await fetch(`${site.url}/bytes`);
    assertEquals(bytes.headers.getSetCookie(), ["a=1", "b=2"]);
    assertEquals(await bytes.bytes(), new Uint8Array([1, 2]));
    const own = await fetch(`${site.url}/own?name=Ada`);
    assertEquals(own.headers.get("Content-Type"), "text/html");
    assertEquals(await own.text(), "<p>Ada");
    const plain = await fetch(`${site.url}/plain`, { method: "DELETE" });
    assertEquals([plain.status, await plain.text()], [200, ""]);
    const head = await fetch(`${site.url}/text`, { method: "HEAD" });
    assertEquals(head.headers.get("Content-Length"), "2");
    site.check();
  },
);

boundedTest("at most 1000 requests are kept, and all are counted", async () => {
  await using site = await serve(Echo);
  using client = await RawClient.connect(site.port);
  const batch = Array.from({ length: 100 }, (_, at) => get(`/${at}`)).join("");
  for (let count = 0; count < 11; count++) await client.send(batch);
  await site.waitFor(1_100);
  assertEquals(site.requests.length, 1_000);
  assertEquals(site.requests.at(-1)?.path, "/99");
});

boundedTest("a malformed request gets 400 and is not recorded", async () => {
  await using site = await serve(Echo);
  const { text } = await exchange(site.port, "GET / HTTP/1.1\r\nbad\r\n\r\n");
  assertStringIncludes(text, "HTTP/1.1 400");
  assertEquals(site.requests, []);
});

boundedTest(
  "a handler that leaves the body unread gets the next request",
  async () => {
    class Lazy extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      do_POST() {
        this.send_response(204);
        this.end_headers();
      }
    }
    await using site = await serve(Lazy);
    using client = await RawClient.connect(site.port);
    for (const body of ["one", "two"]) {
      await client.send(
        `POST /${body} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n${body}`,
      );
      const { text } = await client.receive(5_000, "\r\n\r\n");
      assertStringIncludes(text, " 204 ");
    }
    assertEquals(site.requests.map((request) => request.text()), [
      "one",
      "two",
    ]);
  },
);

boundedTest(
  "a handler can switch protocols and use the raw stream",
  async () => {
    class Upper extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      async do_GET() {
        this.send_response(101);
        this.send_header("Connection", "Upgrade");
        this.send_header("Upgrade", "upper");
        this.end_headers();
        for await (const line of this.rfile) {
          await this.wfile.write(new TextDecoder().decode(line).toUpperCase());
        }
      }
    }
    await using site = await serve(Upper);
    using client = await RawClient.connect(site.port);
    await client.send(get("/"));
    await client.receive(5_000, "\r\n\r\n");
    await client.send("tea\n");
    assertEquals((await client.receive(5_000, "\n")).text, "TEA\n");
    assertEquals(site.requests[0]?.status, 101);
  },
);

boundedTest(
  "50 clients in parallel get their responses, and each request is recorded",
  async () => {
    await using site = await serve(Echo);
    const texts = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const body = `${at} `.repeat(10_000);
        const response = await fetch(site.url, { method: "POST", body });
        return await response.text() === body;
      }),
    );
    assert(texts.every((same) => same));
    assertEquals(site.requests.length, 50);
  },
);
