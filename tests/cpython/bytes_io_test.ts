// BaseHTTPRequestHandlerTestCase of CPython's test_httpservers.py without adaptation: `rfile`
// is a plain file in memory, whose end ends a line and a head.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import type { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import {
  counts,
  type InMemory,
  inMemory,
  PageHandler,
  split,
} from "../handlers/_memory.ts";
import { bytesIO } from "./_bytes_io.ts";

const PAGE = "<html><body>Data</body></html>\r\n";

/** CPython's `send_typical_request()`. */
async function sendTypicalRequest<Handler extends BaseHTTPRequestHandler>(
  HandlerClass: Parameters<typeof inMemory<Handler, []>>[0],
  request: string,
): Promise<InMemory<Handler> & { readonly sent: string }> {
  const made = inMemory(HandlerClass);
  made.handler.rfile = bytesIO(request);
  await made.handler.handle_one_request();
  await made.wfile.flush();
  return { ...made, sent: made.wfile.sentText };
}

/** CPython's `verify_get_called()` and `verify_http_server_response()`. */
async function assertPage(
  request: string,
  version: string,
  items: [string, string][],
  first: RegExp = /^HTTP\/1\.1 200 OK\r\n/,
): Promise<void> {
  const { handler, sent } = await sendTypicalRequest(PageHandler, request);
  assertMatch(sent, first);
  assert(sent.endsWith(`\r\n\r\n${PAGE}`), sent);
  assert(handler.getCalled);
  assertEquals(handler.requestline, `GET / ${version}`);
  assertEquals(handler.command, "GET");
  assertEquals(handler.path, "/");
  assertEquals(handler.request_version, version);
  assertEquals(handler.headers.items(), items);
}

Deno.test("BaseHTTPRequestHandlerTestCase.test_http_1_1: HTTP/1.1 without a field gets a response, from a BytesIO", async () => {
  await assertPage("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1", []);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_http_1_0: HTTP/1.0 without a field gets a response, from a BytesIO", async () => {
  await assertPage("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0", []);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_http_0_9: HTTP/0.9 gets only the content, from a BytesIO", async () => {
  const { handler, sent } = await sendTypicalRequest(
    PageHandler,
    "GET / HTTP/0.9\r\n\r\n",
  );
  assertEquals(sent, PAGE);
  assert(handler.getCalled);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_extra_space: a space in the target gets 400, from a BytesIO", async () => {
  const { handler, sent } = await sendTypicalRequest(
    PageHandler,
    "GET /spaced out HTTP/1.1\r\nHost: dummy\r\n\r\n",
  );
  assertMatch(sent, /^HTTP\/1\.1 400 /);
  assertEquals(counts(split(sent).head), [1, 1, 1]);
  assert(!handler.getCalled);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_with_continue_1_0: HTTP/1.0 gets no 100, from a BytesIO", async () => {
  await assertPage(
    "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
    "HTTP/1.0",
    [["Expect", "100-continue"]],
  );
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_with_continue_1_1: HTTP/1.1 gets 100 before the response, from a BytesIO", async () => {
  await assertPage(
    "GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n",
    "HTTP/1.1",
    [["Expect", "100-continue"]],
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
  );
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_with_continue_rejected: a refused expectation gets 417, from a BytesIO", async () => {
  class Rejecting extends PageHandler {
    override handle_expect_100() {
      this.send_error(417);
      return false;
    }
  }
  const { handler, sent } = await sendTypicalRequest(
    Rejecting,
    "GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n",
  );
  assertMatch(sent, /^HTTP\/1\.1 417 Expectation Failed\r\n/);
  assertEquals(sent.match(/^Connection: close\r$/gm)?.length, 1);
  assert(!handler.getCalled);
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_request_length: a line over 64 KiB gets 414, from a BytesIO", async () => {
  const { handler, sent } = await sendTypicalRequest(
    PageHandler,
    "GET " + "x".repeat(65_537),
  );
  assertMatch(sent, /^HTTP\/1\.1 414 /);
  assert(!handler.getCalled);
  assertEquals(handler.requestline, "");
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_header_length: a header line over 64 KiB gets 431, from a BytesIO", async () => {
  const { handler, sent } = await sendTypicalRequest(
    PageHandler,
    `GET / HTTP/1.1\r\nX-Foo: bar${"r".repeat(65_537)}\r\n\r\n`,
  );
  assertMatch(sent, /^HTTP\/1\.1 431 Line too long\r\n/);
  assert(!handler.getCalled);
  assertEquals(handler.requestline, "GET / HTTP/1.1");
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_too_many_headers: 101 header lines get 431, from a BytesIO", async () => {
  const { handler, sent } = await sendTypicalRequest(
    PageHandler,
    `GET / HTTP/1.1\r\n${"X-Foo: bar\r\n".repeat(101)}\r\n`,
  );
  assertMatch(sent, /^HTTP\/1\.1 431 Too many headers\r\n/);
  assert(!handler.getCalled);
  assertEquals(handler.requestline, "GET / HTTP/1.1");
});

Deno.test("BaseHTTPRequestHandlerTestCase.test_html_escape_on_error: HTML is escaped for a line cut off by the end of the file", async () => {
  const line = '<script>alert("hello")</script> / HTTP/1.1';
  const { sent } = await sendTypicalRequest(PageHandler, line);
  assertStringIncludes(sent, '&lt;script&gt;alert("hello")&lt;/script&gt;');
  assert(!split(sent).body.includes("<script>"));
});
