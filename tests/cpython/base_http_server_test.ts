// BaseHTTPServerTestCase of CPython's test_httpservers.py: BaseHTTPRequestHandler over
// a socket.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { HTTPStatus } from "../../status.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import { serve } from "../_serve.ts";
import { quiet } from "../_lib/quiet.ts";

class Handler extends quiet(BaseHTTPRequestHandler) {
  override protocol_version = "HTTP/1.1";
  override default_request_version = "HTTP/1.1";

  do_TEST(): void {
    this.#respond(HTTPStatus.NO_CONTENT, "close");
  }

  do_KEEP(): void {
    this.#respond(HTTPStatus.NO_CONTENT, "keep-alive");
  }

  do_KEYERROR(): void {
    this.send_error(999);
  }

  do_NOTFOUND(): void {
    this.send_error(HTTPStatus.NOT_FOUND);
  }

  do_EXPLAINERROR(): void {
    this.send_error(999, "Short Message", "This is a long \n explanation");
  }

  do_CUSTOM(): void {
    this.#respond(999, "close");
  }

  do_LATINONEHEADER(): void {
    this.send_response(999);
    this.send_header("X-Special", "D\xe4ngerous Mind");
    this.send_header("Connection", "close");
    this.end_headers();
    this.wfile.write(this.headers.get("x-special-incoming") ?? "");
  }

  do_SEND_ERROR(): void {
    this.send_error(Number(this.path.slice(1)));
  }

  do_HEAD(): void {
    this.send_error(Number(this.path.slice(1)));
  }

  #respond(code: number | HTTPStatus, connection: string): void {
    this.send_response(code);
    this.send_header("Content-Type", "text/html");
    this.send_header("Connection", connection);
    this.end_headers();
  }
}

/** A request with the fields of Python's client and the blank line. */
function request(line: string, ...fields: string[]): string {
  return [
    line,
    "Host: localhost",
    "Accept-Encoding: identity",
    ...fields,
    "",
    "",
  ]
    .join("\r\n");
}

/** The request lines of those of CPython's tests that only assert the status. */
const STATUSES: readonly [
  test: string,
  sentence: string,
  line: string,
  status: number,
  reason: string,
][] = [
  [
    "test_command",
    "a method that the handler lacks gets 501",
    "GET / HTTP/1.1",
    501,
    "Unsupported method ('GET')",
  ],
  [
    "test_version_bogus",
    "a malformed version gets 400",
    "GET / FUBAR",
    400,
    "Bad request version ('FUBAR')",
  ],
  [
    "test_version_digits",
    "a version of three numbers gets 400",
    "GET / HTTP/9.9.9",
    400,
    "Bad request version ('HTTP/9.9.9')",
  ],
  [
    "test_version_signs_and_underscores",
    "a version in other notations of Python's int() gets 400",
    "GET / HTTP/-9_9_9.+9_9_9",
    400,
    "Bad request version ('HTTP/-9_9_9.+9_9_9')",
  ],
  [
    "test_major_version_number_too_long",
    "a major version of more than ten digits gets 400",
    "GET / HTTP/909876543210.0",
    400,
    "Bad request version ('HTTP/909876543210.0')",
  ],
  [
    "test_minor_version_number_too_long",
    "a minor version of more than ten digits gets 400",
    "GET / HTTP/1.909876543210",
    400,
    "Bad request version ('HTTP/1.909876543210')",
  ],
  [
    "test_version_none_get",
    "GET without a version goes to the handler, which has no do_GET()",
    "GET / ",
    501,
    "Unsupported method ('GET')",
  ],
  [
    "test_version_none",
    "any other method without a version gets 400",
    "CUSTOM / ",
    400,
    "Bad HTTP/0.9 request type ('CUSTOM')",
  ],
  [
    "test_version_invalid",
    "a version from 2.0 on gets 505",
    "GET / HTTP/9.9",
    505,
    "Invalid HTTP version (9.9)",
  ],
  [
    "test_send_blank",
    "a request line of one word gets 400",
    " / ",
    400,
    "Bad request syntax (' / ')",
  ],
];

for (const [test, sentence, line, status, reason] of STATUSES) {
  Deno.test(`BaseHTTPServerTestCase.${test}: ${sentence}`, async () => {
    await using server = serve(Handler);
    const response = await server.ask(request(line));
    assertEquals([response.status, response.reason], [status, reason]);
    assertEquals(response.version, "HTTP/1.1");
  });
}

Deno.test("BaseHTTPServerTestCase.test_request_line_trimming: a line end after the version is trimmed", async () => {
  await using server = serve(Handler);
  const [old, modern] = await Promise.all(
    ["HTTP/1.0", "HTTP/1.1"].map((version) =>
      server.ask(request(`XYZBOGUS / ${version}\n`))
    ),
  );
  // The blank line follows: a request without fields.
  assertEquals(old!.reason, "Unsupported method ('XYZBOGUS')");
  assertEquals(modern!.reason, "Unsupported method ('XYZBOGUS')");
});

Deno.test("BaseHTTPServerTestCase.test_header_close: a request with Connection: close gets a response, and the connection closes", async () => {
  await using server = serve(Handler);
  using client = await server.connect();
  await client.write(request("GET / HTTP/1.1", "Connection: close"));
  assertEquals((await client.answer()).status, 501);
  await client.assertClosed();
});

Deno.test("BaseHTTPServerTestCase.test_header_keep_alive: a request with Connection: keep-alive gets a response", async () => {
  await using server = serve(Handler);
  using client = await server.connect();
  await client.write(request("GET / HTTP/1.1", "Connection: keep-alive"));
  assertEquals((await client.answer()).status, 501);
  // An error closes the connection in any case.
  await client.assertClosed();
});

Deno.test("BaseHTTPServerTestCase.test_handler: a custom method is called for its requests", async () => {
  await using server = serve(Handler);
  const response = await server.ask(request("TEST / HTTP/1.1"));
  assertEquals([response.status, response.body], [204, ""]);
});

Deno.test("BaseHTTPServerTestCase.test_return_header_keep_alive: a handler that sends Connection: keep-alive gets a second request", async () => {
  await using server = serve(Handler);
  using client = await server.connect();
  // Also for HTTP/1.0, which closes without it.
  for (const version of ["HTTP/1.1", "HTTP/1.0"]) {
    await client.write(request(`KEEP / ${version}`));
    assertEquals((await client.answer()).header("connection"), "keep-alive");
  }
  await client.write(request("TEST / HTTP/1.1"));
  assertEquals((await client.answer()).status, 204);
  await client.assertClosed();
});

Deno.test("BaseHTTPServerTestCase.test_internal_key_error: send_error() accepts a code without a phrase", async () => {
  await using server = serve(Handler);
  const response = await server.ask(request("KEYERROR / HTTP/1.1"));
  assertEquals([response.status, response.reason], [999, "???"]);
});

Deno.test("BaseHTTPServerTestCase.test_return_custom_status: send_response() accepts a code without a phrase", async () => {
  await using server = serve(Handler);
  const response = await server.ask(request("CUSTOM / HTTP/1.1"));
  assertEquals([response.status, response.reason], [999, ""]);
});

Deno.test("BaseHTTPServerTestCase.test_return_explain_error: an explanation of several lines does not break the head", async () => {
  await using server = serve(Handler);
  const response = await server.ask(request("EXPLAINERROR / HTTP/1.1"));
  assertEquals([response.status, response.reason], [999, "Short Message"]);
  assertEquals(Number(response.header("content-length")), response.body.length);
  assertStringIncludes(response.body, "999 - This is a long \n explanation.");
});

Deno.test("BaseHTTPServerTestCase.test_latin1_header: header values are received and sent in latin-1", async () => {
  await using server = serve(Handler);
  const response = await server.ask(
    request(
      "LATINONEHEADER / HTTP/1.1",
      "X-Special-Incoming: \xc4rger mit Unicode",
    ),
  );
  assertEquals(response.header("x-special"), "D\xe4ngerous Mind");
  assertEquals(
    new TextDecoder().decode(encodeLatin1(response.body)),
    "\xc4rger mit Unicode",
  );
});

Deno.test("BaseHTTPServerTestCase.test_error_content_length: an error's Content-Length is that of its page", async () => {
  await using server = serve(Handler);
  using client = await server.connect();
  await client.write(request("NOTFOUND / HTTP/1.1"));
  const response = await client.answer();
  assertEquals(response.status, 404);
  assertEquals(Number(response.header("content-length")), response.body.length);
  await client.assertClosed();
});

Deno.test("BaseHTTPServerTestCase.test_send_error: an error whose status allows no content has no content and no fields for it", async () => {
  await using server = serve(Handler);
  for (const code of [204, 304, 102, 205, 101]) {
    const sent = await server.send(request(`SEND_ERROR /${code} HTTP/1.1`));
    assert(sent.startsWith(`HTTP/1.1 ${code} `), sent);
    assert(sent.endsWith("\r\n\r\n"), sent);
    assert(!/^(content-|transfer-)/im.test(sent), sent);
  }
});

Deno.test("BaseHTTPServerTestCase.test_head_via_send_error: HEAD gets only the head of an error", async () => {
  await using server = serve(Handler);
  for (const code of [200, 204, 304, 205, 101]) {
    const sent = await server.send(request(`HEAD /${code} HTTP/1.1`));
    assert(sent.startsWith(`HTTP/1.1 ${code} `), sent);
    assert(sent.endsWith("\r\n\r\n"), sent);
    if (code === 200) {
      assert(/^Content-Length: [1-9]/m.test(sent));
      assert(/^Content-Type: text\/html/m.test(sent));
    } else {
      assert(!/^(content-|transfer-)/im.test(sent), sent);
    }
  }
});
