// When a connection stays open, and 100 responses. Without a socket. Numbers refer to the list of
// CPython's behaviours.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { answerOne, counts, inMemory, PageHandler, split } from "./_memory.ts";

// behaviours 25, 60
Deno.test("close_connection follows from the version, Connection and the response's framing", async () => {
  class Framed extends PageHandler {
    override do_GET() {
      this.send_response(200);
      this.send_header("Content-Length", "0");
      this.end_headers();
    }
  }
  class Old extends Framed {
    override protocol_version = "HTTP/1.0";
  }
  const rows: [typeof Framed, string, string, boolean][] = [
    [Framed, "HTTP/1.1", "", false],
    [Framed, "HTTP/1.1", "close", true],
    [Framed, "HTTP/1.1", "Close", true],
    [Framed, "HTTP/1.1", "keep-alive, close", true], // behaviour 59 differs
    [Framed, "HTTP/1.1", "close-not", false],
    [Framed, "HTTP/1.0", "", true],
    [Framed, "HTTP/1.0", "Keep-Alive", false],
    [Framed, "HTTP/1.9", "", false],
    [Framed, "HTTP/0.5", "", true],
    [Framed, "HTTP/0.9", "", true],
    [Framed, "HTTP/0.9", "keep-alive", true],
    [Old, "HTTP/1.1", "", true],
    [Old, "HTTP/1.1", "keep-alive", true],
    [PageHandler, "HTTP/1.1", "", true], // a body without framing
  ];
  for (const [HandlerClass, version, connection, closes] of rows) {
    const field = connection === "" ? "" : `Connection: ${connection}\r\n`;
    const { handler } = await answerOne(
      HandlerClass,
      `GET / ${version}\r\nHost: a\r\n${field}\r\n`,
    );
    const row = `${HandlerClass.name} ${version} ${connection}`;
    assertEquals(handler.close_connection, closes, row);
  }
});

// behaviour 25
Deno.test("an HTTP/0.9 connection closes after one response, even with Connection: keep-alive", async () => {
  class Keeping extends PageHandler {
    override do_GET() {
      this.send_response(200);
      this.send_header("Content-Length", "2");
      this.send_header("Connection", "keep-alive");
      this.end_headers();
      this.wfile.write("ok");
    }
  }
  for (const request of ["GET /\r\n", "GET / HTTP/0.9\r\n\r\n"]) {
    const { handler, sent } = await answerOne(Keeping, request);
    assertEquals(sent, "ok");
    assert(handler.close_connection);
  }
});

// behaviours 29-31, 62
Deno.test("Expect: 100-continue gets 100 before the response, from HTTP/1.1 on", async () => {
  const rows: [string, string, boolean][] = [
    ["HTTP/1.0", "100-continue", false],
    ["HTTP/1.1", "100-continue", true],
    ["HTTP/1.1", "100-Continue", true],
    ["HTTP/1.1", "something-else", false],
  ];
  for (const [version, expectation, continued] of rows) {
    const { handler, sent, wfile } = await answerOne(
      PageHandler,
      `GET / ${version}\r\nHost: a\r\nExpect: ${expectation}\r\n\r\n`,
    );
    const rest = continued
      ? sent.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "")
      : sent;
    assertMatch(rest, /^HTTP\/1\.1 200 OK\r\n/);
    assertEquals(wfile.calls[0]!.startsWith("HTTP/1.1 100 "), continued);
    assertEquals(handler.headers.get("expect"), expectation);
    assert(handler.getCalled);
  }
});

Deno.test("an HTTP/1.0 handler sends no 100", async () => {
  class Old extends PageHandler {
    override protocol_version = "HTTP/1.0";
  }
  const { sent } = await answerOne(
    Old,
    "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
  );
  assertMatch(sent, /^HTTP\/1\.0 200 OK\r\n/);
});

// behaviour 32
Deno.test("handle_expect_100() can reject the body", async () => {
  for (const wait of [false, true]) {
    class Rejecting extends PageHandler {
      override handle_expect_100() {
        this.send_error(417);
        return wait ? Promise.resolve(false) : false;
      }
    }
    const { handler, sent } = await answerOne(
      Rejecting,
      "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
    );
    const { head } = split(sent);
    assertEquals(head[0], "HTTP/1.1 417 Expectation Failed");
    assertEquals(head.filter((line) => line === "Connection: close").length, 1);
    assertEquals(counts(head), [1, 1, 1]);
    assert(!handler.getCalled);
    assert(handler.close_connection);
  }
});

// behaviour 37
Deno.test("handle() calls handle_one_request() until close_connection", async () => {
  for (const values of [[true], [false, false, true]]) {
    const left = [...values];
    class Counting extends PageHandler {
      override handle_one_request() {
        this.close_connection = left.shift()!;
        return Promise.resolve();
      }
    }
    await inMemory(Counting).handler.handle();
    assertEquals(left, []);
  }
});

// behaviour 54
Deno.test("EOF and empty lines close the connection without a response", async () => {
  for (const request of ["", "\r\n", "\n", "\r\n\r\n"]) {
    const { handler, sent } = await answerOne(PageHandler, request);
    assertEquals(sent, "");
    assert(handler.close_connection);
  }
});

Deno.test("an empty line before the first request is skipped (RFC 9112 §2.2)", async () => {
  const { sent } = await answerOne(
    PageHandler,
    "\r\nTEST / HTTP/1.0\r\n\r\n",
  );
  assertStringIncludes(sent, "204 No Content");
});

Deno.test("an empty line between requests is skipped (RFC 9112 §2.2)", async () => {
  const { handler, wfile } = inMemory(
    PageHandler,
    "TEST / HTTP/1.1\r\nHost: a\r\n\r\n\r\nTEST / HTTP/1.0\r\n\r\n",
  );
  await handler.handle();
  assertEquals(wfile.sentText.match(/204 No Content/g)?.length, 2);
});
