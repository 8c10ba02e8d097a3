// Correct and incorrect responses of handlers, over a socket.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { serve } from "../_serve.ts";

class Quiet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(_template: string, ..._args: unknown[]) {}

  /** Sends a head with this Content-Length. */
  begin(length?: number) {
    this.send_response(200);
    if (length !== undefined) this.send_header("Content-Length", length);
    this.end_headers();
  }

  /** Responds to a request that follows the tested one. */
  do_NEXT() {
    this.begin(4);
    this.wfile.write("next");
  }
}

const NEXT = "NEXT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

function get(method = "GET"): string {
  return `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`;
}

Deno.test("do_GET() of five lines sends a response", async () => {
  class Hello extends BaseHTTPRequestHandler {
    override log_message() {}
    do_GET() {
      this.send_response(200);
      this.end_headers();
      this.wfile.write("hello\n");
    }
  }
  await using server = serve(Hello);
  assertMatch(
    await server.send(get()),
    /^HTTP\/1\.0 200 OK\r\nServer: [^\r]+\r\nDate: [^\r]+\r\n\r\nhello\n$/,
  );
});

Deno.test("an async do_GET() of five lines sends a response", async () => {
  class Hello extends Quiet {
    async do_GET() {
      const body = await Promise.resolve("hello\n");
      this.begin(body.length);
      await this.wfile.write(body);
    }
  }
  await using server = serve(Hello);
  using client = await server.connect();
  for (let round = 0; round < 3; round++) {
    await client.write(get());
    assertEquals((await client.answer()).body, "hello\n");
  }
});

Deno.test("do_GET() without await sends all writes in order", async () => {
  const lines = Array.from({ length: 3_000 }, (_, n) => `line ${n}\n`);
  const body = lines.join("") + "x".repeat(600_000);
  class Forgetful extends Quiet {
    async do_GET() {
      await Promise.resolve();
      this.begin(body.length);
      for (const line of lines) this.wfile.write(line);
      this.wfile.write(new Uint8Array(600_000).fill(0x78));
    }
  }
  await using server = serve(Forgetful);
  using client = await server.connect();
  for (let round = 0; round < 2; round++) {
    await client.write(get());
    assertEquals((await client.answer()).body, body);
  }
});

Deno.test("a handler that throws before its response sends 500 without details, and handle_error() gets the error", async () => {
  const secret = new Error("the secret");
  class Throwing extends Quiet {
    do_GET() {
      throw secret;
    }
    async do_LATER() {
      await Promise.resolve();
      throw secret;
    }
    do_BEGUN() {
      this.send_response(200);
      this.send_header("Content-Length", "5");
      throw secret;
    }
  }
  await using server = serve(Throwing);
  for (const method of ["GET", "LATER", "BEGUN"]) {
    const sent = await server.send(get(method) + NEXT);
    assertMatch(sent, /^HTTP\/1\.1 500 Internal Server Error\r\n/);
    assertMatch(sent, /\r\nConnection: close\r\n/);
    assertEquals(sent.match(/HTTP\/1\.1 /g)?.length, 1);
    assert(!sent.includes("secret"));
    assertEquals(server.takeErrors(), [secret]);
  }
});

Deno.test("a handler that throws during its response leaves it incomplete", async () => {
  const broken = new Error("broken");
  class Throwing extends Quiet {
    do_GET() {
      this.begin(10);
      this.wfile.write("half ");
      throw broken;
    }
    async do_CHUNKED() {
      this.send_response(200);
      this.endHeadersChunked();
      await this.wfile.write("half ");
      throw broken;
    }
    do_HALFHEAD() {
      this.send_response(200);
      this.flush_headers();
      throw broken;
    }
    do_BARE() {
      this.wfile.write("half ");
      throw broken;
    }
  }
  const rows: [string, RegExp][] = [
    ["GET", /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhalf $/],
    ["CHUNKED", /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n5\r\nhalf \r\n$/],
    ["HALFHEAD", /^HTTP\/1\.1 200 OK\r\nServer: [^\r]+\r\nDate: [^\r]+\r\n$/],
    ["BARE", /^half $/],
  ];
  await using server = serve(Throwing);
  for (const [method, expected] of rows) {
    assertMatch(await server.send(get(method) + NEXT), expected);
    assertEquals(server.takeErrors(), [broken]);
  }
});

Deno.test("send_header() with an invalid value sends 500, and the error says why", async () => {
  class Injecting extends Quiet {
    do_GET() {
      this.send_response(200);
      this.send_header("X-User", "a\r\nSet-Cookie: evil=1");
      this.end_headers();
    }
  }
  await using server = serve(Injecting);
  const sent = await server.send(get());
  assertMatch(sent, /^HTTP\/1\.1 500 /);
  assert(!sent.includes("evil"));
  assertMatch(
    String(server.takeErrors()[0]),
    /^TypeError: Cannot send the header "X-User"/,
  );
});

Deno.test("send_response() throws after a complete response (differs from CPython)", async () => {
  class Twice extends Quiet {
    do_GET() {
      this.begin(5);
      this.wfile.write("first");
      this.begin(6);
      this.wfile.write("second");
    }
  }
  await using server = serve(Twice);
  const sent = await server.send(get() + NEXT);
  assertMatch(sent, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nfirst$/);
  assertMatch(String(server.takeErrors()), /sent already/);
});

Deno.test("send_error() replaces a head that was not sent", async () => {
  class Changed extends Quiet {
    do_GET() {
      this.send_response(200);
      this.send_header("Content-Length", 5);
      this.send_error(404);
    }
  }
  await using server = serve(Changed);
  const answer = await server.ask(get());
  assertEquals(answer.status, 404);
  assertEquals(answer.fields.length, 5);
});

Deno.test("a missing or incomplete response closes the connection (differs from CPython)", async () => {
  const logged: string[] = [];
  class Silent extends Quiet {
    override log_message(template: string) {
      if (!template.startsWith('"')) logged.push(template);
    }
    do_GET() {}
    do_HEADLESS() {
      this.send_response(200);
      this.send_header("Content-Length", 0);
    }
    do_HALFHEAD() {
      this.send_response_only(200);
      this.send_header("Content-Length", 0);
      this.flush_headers();
    }
    do_INTERIM() {
      this.send_response_only(103);
      this.end_headers();
    }
  }
  const rows: [string, string][] = [
    ["GET", ""],
    ["HEADLESS", ""],
    ["HALFHEAD", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"],
    ["INTERIM", "HTTP/1.1 103 Early Hints\r\n\r\n"],
  ];
  await using server = serve(Silent);
  for (const [method, sent] of rows) {
    assertEquals(await server.send(get(method) + NEXT), sent);
    assertEquals(
      logged.splice(0),
      method === "HALFHEAD" ? [] : ["No response was sent"],
    );
  }
});

Deno.test("a body that does not match its Content-Length is cut and closes the connection (differs from CPython)", async () => {
  const logged: string[] = [];
  class Wrong extends Quiet {
    override log_message(template: string, ...args: unknown[]) {
      if (template.startsWith("Response")) logged.push(args.join("/"));
    }
    do_LONG() {
      this.begin(5);
      this.wfile.write("123");
      this.wfile.write("45678");
    }
    do_SHORT() {
      this.begin(5);
      this.wfile.write("123");
    }
    do_BARELY() {
      this.begin(0);
      this.wfile.write("x");
    }
  }
  const rows: [string, string, string][] = [
    ["LONG", "12345", "8/5"],
    ["SHORT", "123", "3/5"],
    ["BARELY", "", "1/0"],
  ];
  await using server = serve(Wrong);
  for (const [method, body, log] of rows) {
    const sent = await server.send(get(method) + NEXT);
    assertEquals(sent.slice(sent.indexOf("\r\n\r\n") + 4), body);
    assertEquals(logged.splice(0), [log]);
  }
});

Deno.test("a body for HEAD, 204 or 304 is not sent, and the connection stays open (differs from CPython)", async () => {
  class Bodies extends Quiet {
    do_HEAD() {
      this.begin(5);
      this.wfile.write("12345");
    }
    do_NONE() {
      this.send_response(204);
      this.end_headers();
      this.wfile.write("none");
    }
    do_SAME() {
      this.send_response(304);
      this.send_header("Content-Length", 5);
      this.end_headers();
      this.wfile.write("12345");
    }
  }
  await using server = serve(Bodies);
  for (const method of ["HEAD", "NONE", "SAME"]) {
    using client = await server.connect();
    await client.write(get(method) + NEXT);
    const answer = await client.answer("HEAD");
    assertEquals(
      answer.header("content-length"),
      method === "NONE" ? undefined : "5",
    );
    assertEquals((await client.answer()).body, "next");
    await client.assertClosed();
  }
});

Deno.test("a body without framing closes the connection (differs from CPython)", async () => {
  class Unframed extends Quiet {
    do_GET() {
      this.begin();
      this.wfile.write("all of it");
    }
    do_KEEP() {
      this.send_response(200);
      this.send_header("Connection", "keep-alive");
      this.end_headers();
      this.wfile.write("all of it");
    }
  }
  await using server = serve(Unframed);
  for (const method of ["GET", "KEEP"]) {
    assertMatch(
      await server.send(get(method) + NEXT),
      /\r\n\r\nall of it$/,
    );
  }
});

Deno.test("wfile.write() without a head sends the bytes unchanged and closes the connection", async () => {
  class Bare extends Quiet {
    do_GET() {
      this.wfile.write("HTTP/1.1 200 Mine\r\n\r\nbody");
    }
  }
  await using server = serve(Bare);
  assertEquals(
    await server.send(get() + NEXT),
    "HTTP/1.1 200 Mine\r\n\r\nbody",
  );
});

Deno.test("endHeadersChunked() keeps an HTTP/1.1 connection and closes an older one", async () => {
  class Chunked extends Quiet {
    async do_GET() {
      this.send_response(200);
      this.endHeadersChunked();
      for (const piece of ["one ", "", "two ", "three"]) {
        await this.wfile.write(piece);
      }
    }
    do_EMPTY() {
      this.send_response(200);
      this.endHeadersChunked();
    }
  }
  await using server = serve(Chunked);
  using client = await server.connect();
  await client.write(get() + get("EMPTY") + NEXT);
  assertEquals((await client.answer()).body, "one two three");
  assertEquals((await client.answer()).body, "");
  assertEquals((await client.answer()).body, "next");
  await client.assertClosed();

  const old = await server.send(
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  );
  assert(!old.toLowerCase().includes("transfer-encoding"));
  assertMatch(old, /\r\n\r\none two three$/);
});

Deno.test("interim responses are sent before the final one", async () => {
  class Hinting extends Quiet {
    async do_GET() {
      for (const code of [102, 103]) {
        this.send_response_only(code);
        this.send_header("Link", "</a.css>");
        this.end_headers();
        await this.wfile.flush();
      }
      this.begin(2);
      this.wfile.write("ok");
    }
  }
  await using server = serve(Hinting);
  using client = await server.connect();
  await client.write(get() + NEXT);
  assertEquals((await client.answer()).fields, ["Link: </a.css>"]);
  assertEquals((await client.answer()).status, 103);
  assertEquals((await client.answer()).body, "ok");
  assertEquals((await client.answer()).body, "next");
});

Deno.test("a client that disconnects during a response is not an error", async () => {
  const done = Promise.withResolvers<void>();
  class Large extends Quiet {
    async do_GET() {
      try {
        this.begin(100_000_000);
        for (let n = 0; n < 1_000; n++) {
          await this.wfile.write(new Uint8Array(100_000));
        }
      } finally {
        done.resolve();
      }
    }
  }
  await using server = serve(Large);
  {
    using client = await server.connect();
    await client.write(get());
    await client.readUntil("\r\n\r\n");
  }
  await done.promise;
  assertEquals(server.takeErrors(), []);
});

// behaviour 15
Deno.test("send_header() with Connection: keep-alive keeps an HTTP/1.0 connection", async () => {
  class Keeping extends Quiet {
    do_KEEP() {
      this.send_response(204);
      this.send_header("Connection", "keep-alive");
      this.end_headers();
    }
  }
  await using server = serve(Keeping);
  using client = await server.connect();
  await client.write("KEEP / HTTP/1.0\r\n\r\n");
  assertEquals((await client.answer()).header("connection"), "keep-alive");
  await client.write(NEXT);
  assertEquals((await client.answer()).body, "next");
  await client.assertClosed();
});

Deno.test("a TimedOut error of the handler's own work sends 500", async () => {
  class Slow extends Quiet {
    do_GET() {
      throw new Deno.errors.TimedOut("upstream");
    }
  }
  await using server = serve(Slow);
  assertMatch(await server.send(get()), /^HTTP\/1\.1 500 /);
  const [error] = server.takeErrors();
  assertEquals((error as Error).message, "upstream");
});
