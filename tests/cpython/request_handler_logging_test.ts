// RequestHandlerLoggingTestCase of CPython's test_httpservers.py: what handlers write to
// standard error.

import { assertEquals, assertMatch } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { HTTPStatus } from "../../status.ts";
import { serve } from "../_serve.ts";
import { captureLog } from "../_lib/captured_log.ts";

class Handler extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override default_request_version = "HTTP/1.1";

  do_GET(): void {
    this.send_response(HTTPStatus.OK);
    this.end_headers();
  }

  do_ERROR(): void {
    this.send_error(HTTPStatus.NOT_FOUND, "File not found");
  }
}

const PREFIX =
  /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d\] /;

/** The log of one request to a server, without the prefix of each message. */
async function logOf(method: string): Promise<string[]> {
  using log = captureLog();
  {
    // Closing the server writes the buffered lines.
    await using server = serve(Handler);
    await server.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
  }
  const lines = log.text.split("\n");
  assertEquals(lines.pop(), "");
  return lines.map((line) => {
    assertMatch(line, PREFIX);
    return line.replace(PREFIX, "");
  });
}

Deno.test("RequestHandlerLoggingTestCase.test_get: a response logs one line with the request line and the code", async () => {
  assertEquals(await logOf("GET"), ['"GET / HTTP/1.1" 200 -']);
});

Deno.test("RequestHandlerLoggingTestCase.test_err: an error logs two lines, and the first has the message", async () => {
  assertEquals(await logOf("ERROR"), [
    "code 404, message File not found",
    '"ERROR / HTTP/1.1" 404 -',
  ]);
});
