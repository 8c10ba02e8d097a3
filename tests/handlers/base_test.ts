// How BaseHTTPRequestHandler parses and dispatches a request, without a socket. Numbers refer to
// the list of CPython's behaviours.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ResponseWriter } from "../../handlers/mod.ts";
import { HTTPMessage } from "../../parser/headers.ts";
import { answerOne, counts, inMemory, PageHandler, split } from "./_memory.ts";

/** Like the handlers of CPython's tests: HTTP/0.9 requests get a status line too. */
class NoOldRequests extends PageHandler {
  override default_request_version = "HTTP/1.1";
}

// behaviour 27
Deno.test("handle_one_request() sets command, path, version and headers, and calls the do_* method", async () => {
  const rows: [string, string, string, string, [string, string][]][] = [
    ["GET / HTTP/1.0\r\n\r\n", "GET", "/", "HTTP/1.0", []],
    [
      "GET /a?b HTTP/1.1\r\nHost: a\r\nX-A: \xc4rger \r\n\r\n",
      "GET",
      "/a?b",
      "HTTP/1.1",
      [["Host", "a"], ["X-A", "\xc4rger"]],
    ],
    ["GET / HTTP/1.0\n\n", "GET", "/", "HTTP/1.0", []],
  ];
  for (const [request, command, path, version, fields] of rows) {
    const { handler, sent } = await answerOne(PageHandler, request);
    const { head, body } = split(sent);
    assertEquals(head[0], "HTTP/1.1 200 OK");
    assertEquals(counts(head), [1, 1, 1]);
    assertEquals(body, "<html><body>Data</body></html>\r\n");
    const requestline = request.split(/\r?\n/)[0]!;
    assertEquals(handler.requestline, requestline);
    assertEquals(
      new TextDecoder().decode(handler.raw_requestline).trimEnd(),
      requestline,
    );
    assertEquals(
      [handler.command, handler.path, handler.request_version],
      [command, path, version],
    );
    assertEquals(handler.headers.items(), fields);
    assert(handler.getCalled);
  }
});

// behaviour 27: CPython's test has no Host
Deno.test("HTTP/1.1 without Host gets 400 only if requiresHost is set", async () => {
  class Demanding extends PageHandler {
    override requiresHost = true;
  }
  const request = "GET / HTTP/1.1\r\n\r\n";
  assert((await answerOne(PageHandler, request)).handler.getCalled);
  const { handler, sent } = await answerOne(Demanding, request);
  assertEquals(split(sent).head[0], "HTTP/1.1 400 Missing Host header");
  assert(!handler.getCalled);
});

// behaviours 8, 23, 25, 26, 56
Deno.test("HTTP/0.9 gets only the body, and no headers are read", async () => {
  const rows: [string, string][] = [
    ["GET / HTTP/0.9\r\n\r\n", "HTTP/0.9"],
    ["GET /index.html\r\n", "HTTP/0.9"],
    ["GET /index.html\r\nX-A: a\r\n\r\n", "HTTP/0.9"],
  ];
  for (const [request, version] of rows) {
    const { handler, sent } = await answerOne(PageHandler, request);
    assertEquals(sent, "<html><body>Data</body></html>\r\n");
    assertEquals(handler.request_version, version);
    assertEquals(handler.headers.items(), []);
    assert(handler.close_connection);
  }
});

Deno.test("default_request_version is the version of a request without one", async () => {
  const { handler, sent } = await answerOne(NoOldRequests, "GET /a\r\n");
  assertEquals(split(sent).head[0], "HTTP/1.1 200 OK");
  assertEquals(handler.request_version, "HTTP/1.1");
  assert(handler.close_connection);
});

// behaviours 1-14, 28, 55, 56
Deno.test("an invalid request line gets the status and reason for its error", async () => {
  const rows: [string, string][] = [
    ["BREW / HTTP/1.1", "501 Unsupported method ('BREW')"],
    ["get / HTTP/1.1", "501 Unsupported method ('get')"],
    ["GETs / HTTP/1.1", "501 Unsupported method ('GETs')"],
    ["XYZBOGUS / HTTP/1.0\n", "501 Unsupported method ('XYZBOGUS')"],
    ["GET / FUBAR", "400 Bad request version ('FUBAR')"],
    ["GET / HTTP/9.9.9", "400 Bad request version ('HTTP/9.9.9')"],
    [
      "GET / HTTP/-9_9_9.+9_9_9",
      "400 Bad request version ('HTTP/-9_9_9.+9_9_9')",
    ],
    [
      "GET / HTTP/909876543210.0",
      "400 Bad request version ('HTTP/909876543210.0')",
    ],
    [
      "GET / HTTP/1.909876543210",
      "400 Bad request version ('HTTP/1.909876543210')",
    ],
    ["GET / http/1.1", "400 Bad request version ('http/1.1')"],
    ["GET / HTTP/1.\xb2", "400 Bad request version ('HTTP/1.\xb2')"],
    ["GET / HTTP/9.9", "505 Invalid HTTP version (9.9)"],
    ["PRI * HTTP/2.0", "505 Invalid HTTP version (2.0)"],
    ["CUSTOM /", "400 Bad HTTP/0.9 request type ('CUSTOM')"],
    [" / ", "400 Bad request syntax (' / ')"],
    ["GET", "400 Bad request syntax ('GET')"],
    [
      "GET /a\xa0b HTTP/1.1",
      "400 Bad request syntax ('GET /a\\xa0b HTTP/1.1')",
    ],
    [
      "GET /spaced out HTTP/1.1",
      "400 Bad request syntax ('GET /spaced out HTTP/1.1')",
    ],
    ["GET /\0 HTTP/1.1", "400 Bad request syntax ('GET /\\x00 HTTP/1.1')"],
    ["GET /\ra HTTP/1.1", "400 Bad request syntax ('GET /\\ra HTTP/1.1')"],
  ];
  for (const [line, status] of rows) {
    const { handler, sent } = await answerOne(
      NoOldRequests,
      `${line}\r\nHost: a\r\n\r\n`,
    );
    const { head } = split(sent);
    assertEquals(head[0], `HTTP/1.1 ${status}`);
    assertEquals(counts(head), [1, 1, 1]);
    assert(!handler.getCalled);
    assert(handler.close_connection, line);
  }
});

// behaviours 9, 24
Deno.test("the error response to an HTTP/0.9 request has no head", async () => {
  const { sent } = await answerOne(PageHandler, "POST /index.html\r\n");
  assert(sent.startsWith("<!DOCTYPE HTML>"));
  assertMatch(sent, /Message: Bad HTTP\/0\.9 request type \('POST'\)\./);
});

// behaviour 56
Deno.test("the error response to an invalid version has a status line (differs from CPython)", async () => {
  for (const version of ["FUBAR", "HTTP/2.0", "http/1.1"]) {
    const { sent } = await answerOne(PageHandler, `GET / ${version}\r\n\r\n`);
    assertMatch(sent, /^HTTP\/1\.1 (400|505) /);
  }
});

// behaviour 56
Deno.test("request_version may be any HTTP/1.x or HTTP/0.x version", async () => {
  for (const version of ["HTTP/1.1", "HTTP/1.2", "HTTP/1.9", "HTTP/0.5"]) {
    const { handler, sent } = await answerOne(
      PageHandler,
      `GET / ${version}\r\nHost: a\r\n\r\n`,
    );
    assertEquals(split(sent).head[0], "HTTP/1.1 200 OK");
    assertEquals(handler.request_version, version);
  }
});

// behaviours 33, 52
Deno.test("a request line of 65536 bytes is accepted, a longer one gets 414", async () => {
  const line = (length: number) =>
    `GET /${"x".repeat(length - "GET / HTTP/1.0\r\n".length)} HTTP/1.0\r\n`;
  const good = await answerOne(PageHandler, line(65_536) + "\r\n");
  assert(good.handler.getCalled);
  const endless = "GET " + "x".repeat(65_537);
  for (const request of [line(65_537) + "\r\n", endless]) {
    const { handler, sent } = await answerOne(PageHandler, request);
    assertEquals(split(sent).head[0], "HTTP/1.1 414 URI Too Long");
    assert(!handler.getCalled);
    assertEquals(handler.requestline, "");
    assert(handler.close_connection);
  }
});

Deno.test("414 closes the connection even if send_error() is overridden", async () => {
  const asked: string[] = [];
  class OwnErrors extends PageHandler {
    override send_error(code: number) {
      this.send_response(code);
      this.send_header("Content-Length", "0");
      this.end_headers();
    }
    override do_GET() {
      asked.push(this.path);
      this.send_error(200);
    }
  }
  const { handler, wfile } = inMemory(
    OwnErrors,
    "GET /a HTTP/1.1\r\nHost: a\r\n\r\n" + "x".repeat(65_537) +
      "\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  await handler.handle();
  assertEquals(asked, ["/a"]);
  assertMatch(wfile.sentText, /200 OK[^]*414 URI Too Long/);
});

// behaviours 34, 35, 52, 53
Deno.test("headers that are too long or too many get 431", async () => {
  const lines = (count: number) => "X-Foo: bar\r\n".repeat(count);
  const long = (length: number) =>
    `X-Foo: ${"r".repeat(length - "X-Foo: \r\n".length)}\r\n`;
  const rows: [string, string][] = [
    [lines(99), "200 OK"],
    [lines(100), "431 Too many headers"],
    [lines(101), "431 Too many headers"],
    [long(65_536), "200 OK"],
    [long(65_537), "431 Line too long"],
    [long(65_536).repeat(5), "431 Headers too large"],
  ];
  for (const [fields, status] of rows) {
    const { handler, sent } = await answerOne(
      PageHandler,
      `GET / HTTP/1.0\r\n${fields}\r\n`,
    );
    assertEquals(split(sent).head[0], `HTTP/1.1 ${status}`);
    assertEquals(handler.getCalled, status === "200 OK");
    assertEquals(handler.requestline, "GET / HTTP/1.0");
  }
});

// behaviour 36
Deno.test("the error page escapes HTML in the method", async () => {
  const { sent } = await answerOne(
    NoOldRequests,
    '<script>alert("hello")</script> / HTTP/1.0\r\n\r\n',
  );
  const { body } = split(sent);
  assert(body.includes('&lt;script&gt;alert("hello")&lt;/script&gt;'));
  assert(!body.includes("<script>"));
});

// behaviour 64
Deno.test("path has one leading slash if the target has several", async () => {
  const rows: [string, string][] = [
    ["//a", "/a"],
    ["////a//b", "/a//b"],
    ["/\\a", "/\\a"],
    ["http://h//a", "http://h//a"],
  ];
  for (const [target, path] of rows) {
    const { handler } = await answerOne(
      PageHandler,
      `GET ${target} HTTP/1.0\r\n\r\n`,
    );
    assertEquals(handler.path, path);
  }
});

Deno.test("MessageClass is the class of headers", async () => {
  class Mine extends HTTPMessage {}
  class Own extends PageHandler {
    override MessageClass = Mine;
  }
  for (const request of ["GET / HTTP/1.0\r\nX-A: a\r\n\r\n", "GET /\r\n"]) {
    const { handler } = await answerOne(Own, request);
    assert(handler.headers instanceof Mine);
    assertEquals(
      handler.headers.get("x-a"),
      request.includes("X-A") ? "a" : null,
    );
  }
});

Deno.test("parse_request() can be called directly and overridden", async () => {
  const { handler } = inMemory(PageHandler, "Host: a\r\n\r\n");
  handler.raw_requestline = new TextEncoder().encode("GET /x HTTP/1.1\r\n");
  assertEquals(await handler.parse_request(), true);
  assertEquals([handler.path, handler.close_connection], ["/x", false]);

  class Moved extends PageHandler {
    override parse_request() {
      const parsed = super.parse_request();
      this.path = "/moved";
      return parsed;
    }
  }
  const moved = await answerOne(Moved, "GET / HTTP/1.0\r\n\r\n");
  assertEquals(moved.handler.path, "/moved");
  assert(moved.handler.getCalled);
});

Deno.test("handle_one_request() sends head and body in one write to the socket", async () => {
  const sizes: number[] = [];
  const { handler } = inMemory(PageHandler, "GET / HTTP/1.0\r\n\r\n");
  handler.wfile = new ResponseWriter({
    write(bytes) {
      sizes.push(bytes.length);
      return Promise.resolve(bytes.length);
    },
  });
  await handler.handle_one_request();
  assertEquals(sizes.length, 1);
});
