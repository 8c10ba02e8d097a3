// `Expect: 100-continue`: the client waits for 100 before it sends its body. Numbers are
// behaviours of CPython, as listed in docs/parity.md.

import { assertEquals, assertMatch } from "@std/assert";
import { serve } from "../_serve.ts";
import {
  Echo,
  error,
  LAST,
  LAST_OK,
  masked,
  ok,
  request,
  SMUGGLED,
  transcripts,
} from "./_transcript.ts";

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

class Refusing extends Echo {
  override handle_expect_100() {
    this.send_error(417);
    return false;
  }
}

transcripts([
  {
    name: "100 comes before the response", // 30
    send:
      request("POST /a", ["Content-Length: 2", "Expect: 100-Continue"], "hi") +
      LAST,
    expect: CONTINUE + ok("POST /a [hi]\n") + LAST_OK,
  },
  {
    name: "HTTP/1.0 gets no 100", // 29
    send:
      "POST /a HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi",
    expect: ok("POST /a [hi]\n"),
  },
  {
    name: "an unknown expectation is ignored", // 62
    send: request("POST /a", ["Content-Length: 2", "Expect: tea"], "hi") + LAST,
    expect: ok("POST /a [hi]\n") + LAST_OK,
  },
  {
    name: "a refused body is neither read nor parsed as a request", // 32
    send: request(
      "POST /a",
      [`Content-Length: ${SMUGGLED.length}`, "Expect: 100-continue"],
      SMUGGLED,
    ) + SMUGGLED,
    expect: error("417", "Expectation Failed"),
    Handler: Refusing,
  },
  {
    name: "faulty framing is refused before any 100",
    send: request("POST /a", ["Content-Length: 1, 2", "Expect: 100-continue"]),
    expect: error(
      "400",
      "Bad Content-Length ('1, 2')",
      "The values of Content-Length differ",
    ),
  },
  {
    name: "a body that the handler does not read is dropped after 100",
    send:
      request("GET /a", ["Content-Length: 2", "Expect: 100-continue"], "hi") +
      LAST,
    expect: CONTINUE + ok("GET /a\n") + LAST_OK,
  },
]);

// behaviour 31
Deno.test("100 is sent at once, while the handler waits for the body", async () => {
  await using server = serve(Echo);
  using client = await server.connect();
  const head = request("POST /a", [
    "Content-Length: 2",
    "Expect: 100-continue",
  ]);
  for (let round = 0; round < 2; round++) {
    await client.write(head);
    assertEquals(await client.readUntil("\r\n\r\n"), CONTINUE);
    await client.write("hi");
    assertEquals((await client.answer()).body, "POST /a [hi]\n");
  }
});

Deno.test("a refusal arrives before the client has sent its body", async () => {
  await using server = serve(Refusing);
  using client = await server.connect();
  await client.write(
    request("POST /a", ["Content-Length: 1000000", "Expect: 100-continue"]),
  );
  assertMatch(
    masked(await client.readUntil("</html>\n")),
    /^HTTP\/1\.1 417 Expectation Failed\r\n/,
  );
  await client.closeWrite();
  await client.assertClosed();
});

Deno.test("handle_expect_100() can send fields with the 100", async () => {
  class Hinting extends Echo {
    override handle_expect_100() {
      this.send_response_only(100, "Go on");
      this.send_header("X-Hint", "yes");
      this.end_headers();
      return Promise.resolve(true);
    }
  }
  await using server = serve(Hinting);
  assertEquals(
    masked(
      await server.send(
        request("POST /a", [
          "Content-Length: 2",
          "Connection: close",
          "Expect: 100-continue",
        ], "hi"),
      ),
    ),
    "HTTP/1.1 100 Go on\r\nX-Hint: yes\r\n\r\n" + ok("POST /a [hi]\n"),
  );
});
