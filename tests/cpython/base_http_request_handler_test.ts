// BaseHTTPRequestHandlerTestCase of CPython's test_httpservers.py: a handler without a
// socket. The requests equal those of CPython's tests byte for byte.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import {
  answerOne,
  counts,
  inMemory,
  PageHandler,
  split,
} from "../handlers/_memory.ts";
import { captureLog } from "../_lib/captured_log.ts";

const PAGE = "<html><body>Data</body></html>\r\n";

class Rejecting extends PageHandler {
  override handle_expect_100() {
    this.send_error(417);
    return false;
  }
}

/** Asserts a response of 200, and the handler's fields about the request. */
async function assertPage(
  request: string,
  version: string,
  items: [string, string][],
): Promise<void> {
  const { handler, sent } = await answerOne(PageHandler, request);
  const { head, body } = split(sent.replace(/^.* 100 Continue\r\n\r\n/, ""));
  assertEquals(head[0], "HTTP/1.1 200 OK");
  assertEquals(counts(head), [1, 1, 1]);
  assertEquals(body, PAGE);
  assert(handler.getCalled);
  assertEquals(handler.requestline, `GET / ${version}`);
  assertEquals(handler.command, "GET");
  assertEquals(handler.path, "/");
  assertEquals(handler.request_version, version);
  assertEquals([...handler.headers.items()], items);
}

Deno.test("BaseHTTPRequestHandlerTestCase.test_unprintable_not_logged: control characters and backslashes are logged as escapes", () => {
  class Logging extends BaseHTTPRequestHandler {}
  const { handler } = inMemory(Logging);
  using log = captureLog();
  handler.log_message("/foo");
  handler.log_message("/\x1bbar\0\x1b");
  handler.log_message("/spam %s.", "a");
  handler.log_message("/spam %s.", "\x1b\x7f\x9f\xa0beans");
  handler.log_message('"GET /foo\\b"ar\x07 HTTP/1.0"');
  const messages = log.text.split("\n").map((line) =>
    line.replace(/^127\.0\.0\.1 - - \[.*?\] /, "")
  );
  assertEquals(messages, [
    "/foo",
    "/\\x1bbar\\x00\\x1b",
    "/spam a.",
    "/spam \\x1b\\x7f\\x9f\xa0beans.",
    '"GET /foo\\\\b"ar\\x07 HTTP/1.0"',
    "",
  ]);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_http_1_1: an HTTP/1.1 response has each field once", async () => {
  await assertPage("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1", []);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_http_1_0: the response to HTTP/1.0 has each field once", async () => {
  await assertPage("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0", []);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_http_0_9: a request of HTTP/0.9 gets only the content", async () => {
  const { handler, sent } = await answerOne(
    PageHandler,
    "GET / HTTP/0.9\r\n\r\n",
  );
  assertEquals(sent, PAGE);
  assert(handler.getCalled);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_extra_space: a target with a space in it gets 400", async () => {
  const { handler, sent } = await answerOne(
    PageHandler,
    "GET /spaced out HTTP/1.1\r\nHost: dummy\r\n\r\n",
  );
  const { head } = split(sent);
  assertMatch(head[0]!, /^HTTP\/1\.1 400 /);
  assertEquals(counts(head), [1, 1, 1]);
  assert(!handler.getCalled);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_with_continue_1_0: Expect: 100-continue of HTTP/1.0 gets only the response", async () => {
  const request = "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n";
  await assertPage(request, "HTTP/1.0", [["Expect", "100-continue"]]);
  assert(!(await answerOne(PageHandler, request)).sent.includes("100 Cont"));
});

const EXPECTING = "GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n";

Deno.test("BaseHTTPRequestHandlerTestCase.test_with_continue_1_1: Expect: 100-continue of HTTP/1.1 gets 100 before the response", async () => {
  await assertPage(EXPECTING, "HTTP/1.1", [["Expect", "100-continue"]]);
  const { sent } = await answerOne(PageHandler, EXPECTING);
  assert(
    sent.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"),
    sent,
  );
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_header_buffering_of_send_error: an error is two writes", () => {
  const { handler, wfile } = inMemory(PageHandler);
  handler.request_version = "HTTP/1.1";
  handler.send_error(418);
  assertEquals(wfile.calls.length, 2);
  assertMatch(wfile.calls[0]!, /^HTTP\/1\.1 418 I'm a Teapot\r\n[^]*\r\n\r\n$/);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_header_buffering_of_send_response_only: the status line waits for end_headers()", () => {
  const { handler, wfile } = inMemory(PageHandler);
  handler.request_version = "HTTP/1.1";
  handler.send_response_only(418);
  assertEquals(wfile.calls, []);
  handler.end_headers();
  assertEquals(wfile.calls, ["HTTP/1.1 418 I'm a Teapot\r\n\r\n"]);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_header_buffering_of_send_header: fields wait for end_headers(), which writes once", () => {
  const { handler, wfile } = inMemory(PageHandler);
  handler.request_version = "HTTP/1.1";
  handler.send_header("Foo", "foo");
  handler.send_header("bar", "bar");
  assertEquals(wfile.calls, []);
  handler.end_headers();
  assertEquals(wfile.calls, ["Foo: foo\r\nbar: bar\r\n\r\n"]);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_header_unbuffered_when_continue: 100 is sent before the response begins", async () => {
  let before: readonly string[] = [];
  class Watching extends PageHandler {
    override do_GET() {
      before = [...(this.wfile as typeof wfile).calls];
      super.do_GET();
    }
  }
  const { handler, wfile } = inMemory(Watching, EXPECTING);
  await handler.handle_one_request();
  assertEquals(before, ["HTTP/1.1 100 Continue\r\n\r\n"]);
  assertEquals(wfile.sentText.split("\r\n").slice(0, 3), [
    "HTTP/1.1 100 Continue",
    "",
    "HTTP/1.1 200 OK",
  ]);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_with_continue_rejected: handle_expect_100() can respond instead of the method", async () => {
  const { handler, sent } = await answerOne(Rejecting, EXPECTING);
  const { head } = split(sent);
  assertEquals(head[0], "HTTP/1.1 417 Expectation Failed");
  assertEquals(counts(head), [1, 1, 1]);
  assertEquals(head.filter((line) => line === "Connection: close").length, 1);
  assert(!handler.getCalled);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_request_length: a request line over 64 KiB gets 414", async () => {
  const { handler, sent } = await answerOne(
    PageHandler,
    "GET " + "x".repeat(65_537),
  );
  assertMatch(sent, /^HTTP\/1\.1 414 URI Too Long\r\n/);
  assert(!handler.getCalled);
  assertEquals(handler.requestline, "");
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_header_length: a header line over 64 KiB gets 431", async () => {
  const { handler, sent } = await answerOne(
    PageHandler,
    `GET / HTTP/1.1\r\nX-Foo: bar${"r".repeat(65_537)}\r\n\r\n`,
  );
  assertMatch(sent, /^HTTP\/1\.1 431 Line too long\r\n/);
  assert(!handler.getCalled);
  assertEquals(handler.requestline, "GET / HTTP/1.1");
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_too_many_headers: 101 header lines get 431", async () => {
  const { handler, sent } = await answerOne(
    PageHandler,
    `GET / HTTP/1.1\r\n${"X-Foo: bar\r\n".repeat(101)}\r\n`,
  );
  assertMatch(sent, /^HTTP\/1\.1 431 Too many headers\r\n/);
  assert(!handler.getCalled);
  assertEquals(handler.requestline, "GET / HTTP/1.1");
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_html_escape_on_error: an error page escapes the client's HTML", async () => {
  const { sent } = await answerOne(
    PageHandler,
    '<script>alert("hello")</script> / HTTP/1.1\r\n\r\n',
  );
  assertStringIncludes(
    split(sent).body,
    '&lt;script&gt;alert("hello")&lt;/script&gt;',
  );
  assert(!split(sent).body.includes("<script>"));
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_html_escape_on_error: a line cut off by EOF gets no response (differs from CPython)", async () => {
  const { sent } = await answerOne(
    PageHandler,
    '<script>alert("hello")</script> / HTTP/1.1',
  );
  assertEquals(sent, "");
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_close_connection: handle() continues until close_connection is set", async () => {
  for (const values of [[true], [false, false, true]]) {
    class Counting extends PageHandler {
      left = [...values];
      override handle_one_request() {
        this.close_connection = this.left.shift()!;
        return Promise.resolve();
      }
    }
    const { handler } = inMemory(Counting);
    await handler.handle();
    assertEquals(handler.left, []);
  }
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_date_time_string: a time is formatted as in header fields", () => {
  const { handler } = inMemory(PageHandler);
  for (const now of [0, 784_111_777.9, Math.floor(Date.now() / 1000)]) {
    const date = new Date(now * 1000);
    const two = (n: number) => String(n).padStart(2, "0");
    const weekday = handler.weekdayname[(date.getUTCDay() + 6) % 7];
    const month = handler.monthname[date.getUTCMonth() + 1];
    const time = [
      date.getUTCHours(),
      date.getUTCMinutes(),
      date.getUTCSeconds(),
    ]
      .map(two).join(":");
    assertEquals(
      handler.date_time_string(now),
      `${weekday}, ${
        two(date.getUTCDate())
      } ${month} ${date.getUTCFullYear()} ${time} GMT`,
    );
  }
});
