// The exact log lines. Numbers refer to the list of CPython's behaviours.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { HTTPStatus } from "../../status.ts";
import { captureLog } from "../_lib/captured_log.ts";
import { answerOne, inMemory } from "./_memory.ts";

class Logging extends BaseHTTPRequestHandler {
  override log_date_time_string() {
    return "01/Jan/2024 00:00:00";
  }
  do_GET() {
    this.send_response(200);
    this.end_headers();
  }
  do_ERROR() {
    this.send_error(404, "File not found");
  }
}

const PREFIX = "127.0.0.1 - - [01/Jan/2024 00:00:00] ";

/** The log messages for a request, without address and time. */
async function logOf(request: string): Promise<string[]> {
  using log = captureLog();
  await answerOne(Logging, request);
  const lines = log.text.split("\n");
  assertEquals(lines.pop(), "");
  return lines.map((line) => {
    assert(line.startsWith(PREFIX), line);
    return line.slice(PREFIX.length);
  });
}

// behaviour 42
Deno.test("log_request() logs the request line and the status code", async () => {
  assertEquals(await logOf("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), [
    '"GET / HTTP/1.1" 200 -',
  ]);
  assertEquals(await logOf("GET /a?b=%41 HTTP/1.0\n\n"), [
    '"GET /a?b=%41 HTTP/1.0" 200 -',
  ]);
  assertEquals(await logOf("GET /old\r\n"), ['"GET /old" 200 -']);
});

// behaviour 43
Deno.test("send_error() logs two lines", async () => {
  assertEquals(await logOf("ERROR / HTTP/1.1\r\nHost: a\r\n\r\n"), [
    "code 404, message File not found",
    '"ERROR / HTTP/1.1" 404 -',
  ]);
});

Deno.test("an invalid request is logged with its error and its request line", async () => {
  assertEquals(await logOf("GET / FUBAR\r\n\r\n"), [
    "code 400, message Bad request version ('FUBAR')",
    '"GET / FUBAR" 400 -',
  ]);
  assertEquals(await logOf("GET " + "x".repeat(70_000)), [
    "code 414, message URI Too Long",
    '"" 414 -',
  ]);
});

// behaviour 44
Deno.test("log_message() escapes control characters and backslashes after formatting", () => {
  const rows: [string, unknown[], string][] = [
    ["/foo", [], "/foo"],
    ["/\x1bbar\0\x1b", [], "/\\x1bbar\\x00\\x1b"],
    ["/spam %s.", ["a"], "/spam a."],
    ["/spam %s.", ["\x1b\x7f\x9f\xa0beans"], "/spam \\x1b\\x7f\\x9f\xa0beans."],
    ['"GET /foo\\b"ar\x07 HTTP/1.0"', [], '"GET /foo\\\\b"ar\\x07 HTTP/1.0"'],
    ["%d%% of %s\n", [5, "\r\n"], "5% of \\x0d\\x0a\\x0a"],
    ["%s", ["%s"], "%s"],
    ["\u20ac \u{1f600}", [], "\u20ac \u{1f600}"],
  ];
  for (const [template, args, expected] of rows) {
    using log = captureLog();
    inMemory(Logging).handler.log_message(template, ...args);
    assertEquals(log.text, `${PREFIX}${expected}\n`);
  }
});

Deno.test("log_message() escapes request lines that would forge a log line or control a terminal", async () => {
  assertEquals(await logOf("GET /\x9b\x80a\\ HTTP/1.0\r\n\r\n"), [
    '"GET /\\x9b\\x80a\\\\ HTTP/1.0" 200 -',
  ]);
  // The message has the repr() of the line, and its backslashes are escaped.
  assertEquals(await logOf("GET /\x1b[2J\x08a HTTP/1.0\r\n\r\n"), [
    "code 400, message Bad request syntax ('GET /\\\\x1b[2J\\\\x08a HTTP/1.0')",
    '"GET /\\x1b[2J\\x08a HTTP/1.0" 400 -',
  ]);
});

Deno.test("a method of 60 KiB is truncated in the page and in the log (differs from CPython)", async () => {
  const method = "M".repeat(60_000);
  using log = captureLog();
  const { sent } = await answerOne(Logging, `${method} / HTTP/1.0\r\n\r\n`);
  const shown = `Unsupported method ('${"M".repeat(100)}...')`;
  assert(sent.startsWith(`HTTP/1.0 501 ${shown}\r\n`));
  assert(sent.includes(`<p>Message: ${shown}.</p>`));
  assertEquals(
    log.text,
    [
      `${PREFIX}code 501, message ${shown}\n`,
      `${PREFIX}"${"M".repeat(4_096)}..." 501 -\n`,
    ].join(""),
  );
});

Deno.test("a request line of 4096 characters is logged completely", async () => {
  const path = "/" + "a".repeat(4_096 - "GET / HTTP/1.0".length);
  assertEquals(await logOf(`GET ${path} HTTP/1.0\r\n\r\n`), [
    `"GET ${path} HTTP/1.0" 200 -`,
  ]);
});

// behaviour 46
Deno.test("log_request() logs an HTTPStatus as its number, and a dash for missing arguments", () => {
  using log = captureLog();
  const { handler } = inMemory(Logging);
  handler.requestline = "GET / HTTP/1.1";
  handler.log_request(HTTPStatus.NOT_FOUND, 12);
  handler.log_request(200);
  handler.log_request();
  assertEquals(
    log.text,
    [
      `${PREFIX}"GET / HTTP/1.1" 404 12\n`,
      `${PREFIX}"GET / HTTP/1.1" 200 -\n`,
      `${PREFIX}"GET / HTTP/1.1" - -\n`,
    ].join(""),
  );
});

// behaviour 46
Deno.test("log_date_time_string() returns the local time", () => {
  const { handler } = inMemory(BaseHTTPRequestHandler);
  const local = () => {
    const [, month, day, year, time] = String(new Date()).split(" ");
    return `${day}/${month}/${year} ${time}`;
  };
  // The second may change between the two calls.
  const before = local();
  const told = handler.log_date_time_string();
  assert([before, local()].includes(told), told);
});

Deno.test("log_error() and log_request() call log_message(), which uses address_string()", () => {
  const seen: string[] = [];
  class Counting extends BaseHTTPRequestHandler {
    override log_message(template: string, ...args: unknown[]) {
      seen.push([template, ...args].join("|"));
    }
  }
  const { handler } = inMemory(Counting);
  handler.requestline = "GET / HTTP/1.1";
  handler.send_error(404);
  assertEquals(seen, [
    "code %d, message %s|404|Not Found",
    '"%s" %s %s|GET / HTTP/1.1|404|-',
  ]);

  class Named extends BaseHTTPRequestHandler {
    override address_string() {
      return "somebody";
    }
  }
  using log = captureLog();
  inMemory(Named).handler.log_error("oops %r", "a'b");
  assertMatch(log.text, /^somebody - - \[[^\]]+\] oops "a'b"\n$/);
});
