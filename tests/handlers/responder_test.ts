// What a handler sends: heads. Numbers are those of the list of
// CPython's behaviours.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { HTTPStatus } from "../../status.ts";
import { answerOne, inMemory, split } from "./_memory.ts";
import { Quiet, responding } from "./_responding.ts";

// behaviours 47, 49
Deno.test("send_response() adds the status line, Server and Date, in this order", () => {
  const { handler, wfile } = responding();
  handler.send_response(200);
  handler.send_header("Content-Type", "text/plain");
  handler.end_headers();
  assertEquals(wfile.calls, [
    "HTTP/1.1 200 OK\r\nServer: BaseHTTP/0.6 Test/1\r\nDate: now\r\n" +
    "Content-Type: text/plain\r\n\r\n",
  ]);
});

Deno.test("send_response() takes a reason, a known member and an unknown code", () => {
  const rows: [number | HTTPStatus, string | null | undefined, string][] = [
    [404, undefined, "HTTP/1.1 404 Not Found"],
    [404, null, "HTTP/1.1 404 Not Found"],
    [404, "Gone fishing", "HTTP/1.1 404 Gone fishing"],
    [404, "", "HTTP/1.1 404 "],
    [404, "\xc4rger", "HTTP/1.1 404 \xc4rger"],
    [HTTPStatus.CREATED, undefined, "HTTP/1.1 201 Created"],
    [999, undefined, "HTTP/1.1 999 "], // behaviour 17
  ];
  for (const [code, message, line] of rows) {
    const { handler, wfile } = responding();
    handler.send_response(code, message);
    handler.end_headers();
    assertEquals(split(wfile.calls.join("")).head[0], line);
  }
});

// behaviour 49
Deno.test("the status line has the handler's version, not the request's", () => {
  for (const version of ["HTTP/1.0", "HTTP/1.1", ""]) {
    const { handler, wfile } = responding("GET", version);
    handler.protocol_version = "HTTP/1.0";
    handler.send_response_only(200);
    handler.end_headers();
    assertEquals(wfile.calls, ["HTTP/1.0 200 OK\r\n\r\n"]);
  }
});

Deno.test("a response to HTTP/0.9 has no head", () => {
  const { handler, wfile } = responding("GET", "HTTP/0.9");
  handler.send_response(200);
  handler.send_header("Content-Type", "text/plain");
  handler.end_headers();
  handler.send_header("X", "late");
  handler.end_headers();
  assertEquals(wfile.calls, []);
});

// behaviour 39
Deno.test("send_response_only() writes nothing before end_headers(), which writes once", () => {
  const { handler, wfile } = responding();
  handler.send_response_only(418);
  assertEquals(wfile.calls.length, 0);
  handler.end_headers();
  assertEquals(wfile.calls, ["HTTP/1.1 418 I'm a Teapot\r\n\r\n"]);
});

// behaviour 40
Deno.test("send_header() gathers lines, which end_headers() writes at once", () => {
  const { handler, wfile } = responding();
  handler.send_header("Foo", "foo");
  handler.send_header("bar", "bar");
  assertEquals(wfile.calls.length, 0);
  handler.end_headers();
  assertEquals(wfile.calls, ["Foo: foo\r\nbar: bar\r\n\r\n"]);
});

// CPython sends it as it is.
const UNSENDABLE: readonly string[] = [
  "a\r\nX-Evil: 1",
  "a\nb",
  "a\rb",
  "a\0b",
  "\u0100",
  "\u{1f600}",
];

Deno.test("a value or a reason with CR, LF, NUL or beyond latin-1 is a TypeError before anything is written (differs from CPython)", () => {
  for (const text of UNSENDABLE) {
    const { handler, wfile } = responding();
    assertThrows(() => handler.send_response(200, text), TypeError);
    assertThrows(() => handler.send_response_only(200, text), TypeError);
    handler.send_response(200);
    assertThrows(() => handler.send_header("X-A", text), TypeError);
    assertThrows(() => handler.send_header(text, "a"), TypeError);
    assertEquals(wfile.calls, []);
    // A rejected field is not sent.
    handler.end_headers();
    assertEquals(
      wfile.calls.join(""),
      "HTTP/1.1 200 OK\r\nServer: BaseHTTP/0.6 Test/1\r\nDate: now\r\n\r\n",
    );
  }
});

Deno.test("send_error() shows a message in its page that can't be sent in the status line", () => {
  for (const text of UNSENDABLE) {
    const { handler, wfile } = responding();
    handler.send_error(500, `a${text}<b>`);
    const [head, page] = wfile.calls.join("").split("\r\n\r\n");
    assertMatch(
      head!.split("\r\n")[0]!,
      /^HTTP\/1\.1 500 a[\x20-\x7e\xa0-\xff]*<b>$/,
    );
    assertStringIncludes(page!, "&lt;b&gt;");
  }
});

// behaviour 19
Deno.test("send_header() sends latin-1 as one byte a character", () => {
  const { handler, wfile } = responding();
  handler.send_header("X-Special", "D\xe4ngerous Mind");
  handler.end_headers();
  assertEquals(wfile.calls, ["X-Special: D\xe4ngerous Mind\r\n\r\n"]);
});

Deno.test("send_header() takes a number", () => {
  const { handler, wfile } = responding();
  handler.send_header("Content-Length", 12);
  handler.end_headers();
  assertEquals(wfile.calls, ["Content-Length: 12\r\n\r\n"]);
});

// behaviour 48; as a list of tokens it differs from CPython
Deno.test("send_header('Connection') decides about the connection, and close wins in a list (differs from CPython)", () => {
  const rows: [string, string, boolean | undefined][] = [
    ["Connection", "close", true],
    ["connection", "CLOSE", true],
    ["Connection", "keep-alive", false],
    ["CONNECTION", "Keep-Alive", false],
    ["Connection", "keep-alive, close", true],
    ["Connection", "Upgrade, keep-alive", false],
    ["Connection", "Upgrade", undefined],
    ["Connections", "close", undefined],
  ];
  for (const [name, value, closes] of rows) {
    for (const before of [true, false]) {
      const { handler } = responding();
      handler.close_connection = before;
      handler.send_header(name, value);
      assertEquals(handler.close_connection, closes ?? before, value);
    }
  }
});

Deno.test("flush_headers() sends the lines so far, and no other response may follow", () => {
  const { handler, wfile } = responding();
  handler.flush_headers();
  assertEquals(wfile.calls, []);
  handler.send_response_only(200);
  handler.flush_headers();
  assertEquals(wfile.calls, ["HTTP/1.1 200 OK\r\n"]);
  assertThrows(() => handler.send_response(500), TypeError, "sent already");
  handler.send_header("X-A", "a");
  handler.end_headers();
  assertEquals(wfile.calls.slice(1), ["X-A: a\r\n\r\n"]);
});

Deno.test("a second response to one request is a TypeError (differs from CPython)", () => {
  const { handler, wfile } = responding();
  handler.send_response_only(200);
  handler.end_headers();
  const calls = wfile.calls.length;
  assertThrows(() => handler.send_response(200), TypeError, "sent already");
  assertThrows(() => handler.send_error(500), TypeError, "sent already");
  assertEquals(wfile.calls.length, calls);
});

Deno.test("lines that are added after the head are sent as part of the body, as in CPython", () => {
  const { handler, wfile } = responding();
  handler.send_response_only(200);
  handler.end_headers();
  handler.send_header("Content-Type", "image/jpeg");
  handler.send_header("Content-Length", "3");
  handler.end_headers();
  handler.wfile.write("abc");
  assertEquals(wfile.calls.slice(1), [
    "Content-Type: image/jpeg\r\nContent-Length: 3\r\n\r\n",
    "abc",
  ]);
});

Deno.test("end_headers() after a complete response sends nothing, as old scripts do after send_error()", () => {
  const { handler, wfile } = responding();
  handler.send_error(404);
  const calls = wfile.calls.length;
  handler.send_header("X-A", "a");
  handler.end_headers();
  assertEquals(wfile.calls.length, calls);
});

Deno.test("send_response() takes the place of one that was not sent (differs from CPython)", () => {
  const { handler, wfile } = responding();
  handler.send_response(200);
  handler.send_header("Content-Length", "5");
  handler.send_error(404);
  assertMatch(wfile.calls[0]!, /^HTTP\/1\.1 404 Not Found\r\nServer: /);
});

Deno.test("endHeadersChunked() names the coding where the client knows it", async () => {
  const rows: [string, string, string, string[], string][] = [
    [
      "GET",
      "HTTP/1.1",
      "200",
      ["Transfer-Encoding: chunked"],
      "2\r\nok\r\n0\r\n\r\n",
    ],
    ["GET", "HTTP/1.0", "200", [], "ok"],
    ["HEAD", "HTTP/1.1", "200", ["Transfer-Encoding: chunked"], ""],
    ["HEAD", "HTTP/1.0", "200", [], ""],
    ["GET", "HTTP/1.1", "204", [], ""],
    ["GET", "HTTP/1.1", "304", ["Transfer-Encoding: chunked"], ""],
  ];
  class Chunked extends Quiet {
    do_GET() {
      this.send_response_only(Number(this.path.slice(1)));
      this.endHeadersChunked();
      this.wfile.write("ok");
    }
    do_HEAD() {
      this.do_GET();
    }
  }
  for (const [method, version, code, fields, body] of rows) {
    const { sent, handler } = await answerOne(
      Chunked,
      `${method} /${code} ${version}\r\nHost: a\r\n\r\n`,
    );
    const parts = split(sent);
    assertEquals(parts.head.slice(1), fields, `${method} ${version} ${code}`);
    assertEquals(parts.body, body);
    assertEquals(handler.close_connection, version === "HTTP/1.0");
  }
});

Deno.test("endHeadersChunked() on a handler of HTTP/1.0 leaves the end to the connection", async () => {
  class Old extends Quiet {
    override protocol_version = "HTTP/1.0";
    do_GET() {
      this.send_response_only(200);
      this.endHeadersChunked();
      this.wfile.write("ok");
    }
  }
  const { sent, handler } = await answerOne(
    Old,
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  assertEquals(sent, "HTTP/1.0 200 OK\r\n\r\nok");
  assert(handler.close_connection);
});

Deno.test("version_string() is server_version and sys_version", () => {
  const { handler } = inMemory(BaseHTTPRequestHandler);
  assertEquals(
    handler.version_string(),
    `BaseHTTP/0.6 Deno/${Deno.version.deno}`,
  );
  handler.server_version = "Mine/2";
  handler.sys_version = "x";
  assertEquals(handler.version_string(), "Mine/2 x");
});

// behaviour 41
Deno.test("date_time_string() is a date in GMT with the names of the handler's tables", () => {
  const { handler } = inMemory(BaseHTTPRequestHandler);
  assertEquals(
    handler.date_time_string(784111777),
    "Sun, 06 Nov 1994 08:49:37 GMT",
  );
  assertEquals(handler.date_time_string(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  for (let month = 1; month <= 12; month++) {
    const date = new Date(Date.UTC(2024, month - 1, month, 1, 2, 3));
    const weekday = handler.weekdayname[(date.getUTCDay() + 6) % 7];
    const day = String(month).padStart(2, "0");
    assertEquals(
      handler.date_time_string(date.getTime() / 1000),
      `${weekday}, ${day} ${handler.monthname[month]} 2024 01:02:03 GMT`,
    );
  }
  assertEquals(handler.monthname[0], null);
});

Deno.test("date_time_string() without a moment is now", () => {
  const { handler } = inMemory(BaseHTTPRequestHandler);
  const before = Math.floor(Date.now() / 1000) * 1000;
  const told = Date.parse(handler.date_time_string());
  assert(told >= before && told <= Date.now());
});
