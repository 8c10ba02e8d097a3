// CPython's untested behaviours, by the numbers of docs/parity.md. Most are tested with the
// file that implements them; these involve several files.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { serve } from "../_serve.ts";
import { Echo, LAST } from "../wire/_transcript.ts";
import { quiet } from "../_lib/quiet.ts";

/** An echo that also sends the value of the field X. */
class Fields extends Echo {
  override do_GET() {
    const values = this.headers.get_all("X") ?? [];
    this.respond(`${this.path} ${JSON.stringify(values)}\n`);
  }
}

Deno.test("behaviour 51: an error in a method goes to handle_error(), and the client gets 500 (differs from CPython)", async () => {
  const error = new Error("thrown on purpose");
  class Throwing extends quiet(BaseHTTPRequestHandler) {
    do_GET() {
      throw error;
    }
  }
  await using server = serve(Throwing);
  using client = await server.connect();
  await client.write("GET / HTTP/1.0\r\n\r\n");
  const response = await client.answer();
  assertEquals(response.status, 500);
  assert(!response.body.includes("on purpose"), response.body);
  await client.assertClosed();
  assertEquals(server.takeErrors(), [error]);
});

Deno.test("behaviour 57: a line may end with LF alone, in the request line and in the headers", async () => {
  await using server = serve(Fields);
  const response = await server.ask("GET /a HTTP/1.1\nHost: a\nX: 1\n\n");
  assertEquals([response.status, response.body], [200, '/a ["1"]\n']);
});

Deno.test("behaviour 58: repeated fields are kept in order, and found in any case", async () => {
  await using server = serve(Fields);
  const response = await server.ask(
    "GET /a HTTP/1.1\r\nHost: a\r\nx: 1\r\nX:2\r\nX: 3\r\n\r\n",
  );
  assertEquals(response.body, '/a ["1","2","3"]\n');
});

Deno.test("behaviour 58: a malformed header line gets 400 (differs from CPython)", async () => {
  await using server = serve(Fields);
  for (
    const line of [
      "no colon",
      "X : 1",
      "X Y: 1",
      ": 1",
      "From x",
      "X: 1\r\n folded",
      " X: 1",
      "X: 1\rY: 2",
      "X: \0",
    ]
  ) {
    const sent = await server.send(
      `GET /a HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n${LAST}`,
    );
    assertMatch(sent, /^HTTP\/1\.1 400 Bad header line /, line);
    assertEquals(sent.split("HTTP/1.1 ").length, 2, "It is the only response");
  }
});

Deno.test("behaviour 58: white space around a value is trimmed (differs from CPython)", async () => {
  await using server = serve(Fields);
  const response = await server.ask(
    "GET /a HTTP/1.1\r\nHost: a\r\nX: \t1 2\t \r\n\r\n",
  );
  assertEquals(response.body, '/a ["1 2"]\n');
});

Deno.test("behaviour 61: a body that nobody reads is never parsed as a request (differs from CPython)", async () => {
  await using server = serve(Echo);
  const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (
    const body of [
      `Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      `Transfer-Encoding: chunked\r\n\r\n${
        smuggled.length.toString(16)
      }\r\n${smuggled}\r\n0\r\n\r\n`,
    ]
  ) {
    const sent = await server.send(
      `GET /first HTTP/1.1\r\nHost: a\r\n${body}${LAST}`,
    );
    assertEquals(sent.match(/^GET .*$/gm), ["GET /first", "GET /last"]);
  }
});
