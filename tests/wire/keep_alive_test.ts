// Several requests on one connection. Numbers are behaviours of CPython, as listed in
// docs/parity.md.

import { assert, assertEquals } from "@std/assert";
import { serve } from "../_serve.ts";
import {
  Echo,
  error,
  LAST,
  LAST_OK,
  masked,
  ok,
  request,
  response,
  SMUGGLED,
  transcripts,
} from "./_transcript.ts";

/** Delays the response to one path, so that later ones are ready first. */
class Slow extends Echo {
  override async do_GET() {
    await new Promise((resolve) =>
      setTimeout(resolve, this.path === "/slow" ? 50 : 1)
    );
    await super.do_GET();
  }
}

transcripts([
  {
    name: "pipelined requests get their responses in order", // 60
    send: request("GET /slow") +
      request("POST /b", ["Content-Length: 3"], "abc") +
      request("HEAD /c") + request("GET /d") + LAST,
    expect: ok("GET /slow\n") + ok("POST /b [abc]\n") +
      response("200 OK", ["Content-Length: 8"]) + ok("GET /d\n") + LAST_OK,
    Handler: Slow,
  },
  {
    name: "a hundred pipelined requests all get responses",
    send: request("GET /n").repeat(100) + LAST,
    expect: ok("GET /n\n").repeat(100) + LAST_OK,
  },
  {
    name: "an error ends a pipeline", // 60
    send: request("GET /a") + request("BREW /b") + SMUGGLED,
    expect: ok("GET /a\n") + error("501", "Unsupported method ('BREW')"),
  },
  {
    name: "a malformed request ends a pipeline",
    send: request("GET /a") + "garbage\r\n\r\n" + SMUGGLED,
    expect: ok("GET /a\n") + error("400", "Bad request syntax ('garbage')"),
  },
  {
    name: "an error closes the connection despite keep-alive", // 13
    send: request("BREW /a", ["Connection: keep-alive"]) + SMUGGLED,
    expect: error("501", "Unsupported method ('BREW')"),
  },
  {
    name: "Connection: close closes after the response", // 12
    send: request("GET /a", ["Connection: close"]) + SMUGGLED,
    expect: ok("GET /a\n"),
  },
  {
    name: "close wins in a list of tokens (differs from CPython)", // 59
    send: request("GET /a", ["Connection: keep-alive , Close"]) + SMUGGLED,
    expect: ok("GET /a\n"),
  },
  {
    name: "close wins over several lines (differs from CPython)",
    send: request("GET /a", [
      "Connection: keep-alive",
      "Connection: x",
      "Connection: close",
    ]) +
      SMUGGLED,
    expect: ok("GET /a\n"),
  },
  {
    name: "other tokens leave the connection as it is",
    send: request("GET /a", ["Connection: Upgrade, closed"]) + LAST,
    expect: ok("GET /a\n") + LAST_OK,
  },
  {
    name:
      "HTTP/1.0 is kept open on request, and the response says so (differs from CPython)", // 60
    send: "GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" +
      "GET /b HTTP/1.0\r\n\r\n" + SMUGGLED,
    expect: response("200 OK", [
      "Content-Length: 7",
      "Connection: keep-alive",
    ], "GET /a\n") + ok("GET /b\n"),
  },
  {
    name: "200, 301, 304 and 204 keep the connection open", // 60
    send: request("GET /301") + request("GET /304") + request("GET /204") +
      LAST,
    expect: response("301 Moved Permanently", ["Content-Length: 0"]) +
      response("304 Not Modified") + response("204 No Content") +
      response("200 OK", ["Content-Length: 0"]),
    Handler: class extends Echo {
      override do_GET() {
        const code = Number(this.path.slice(1)) || 200;
        this.send_response(code);
        if (code === 301 || code === 200) this.send_header("Content-Length", 0);
        this.end_headers();
      }
    },
  },
  {
    name: "send_header('Connection', 'close') closes",
    send: request("GET /a") + SMUGGLED,
    expect: response("200 OK", ["Connection: close", "Content-Length: 0"]),
    Handler: class extends Echo {
      override do_GET() {
        this.send_response(200);
        this.send_header("Connection", "close");
        this.send_header("Content-Length", 0);
        this.end_headers();
      }
    },
  },
]);

Deno.test("a request sent byte by byte gets the same response as one sent at once", async () => {
  await using server = serve(Echo);
  using client = await server.connect();
  const sent = request("POST /a", ["Content-Length: 5"], "hello") +
    request("POST /b", ["Transfer-Encoding: chunked"], "2\r\nhi\r\n0\r\n\r\n") +
    LAST;
  for (const byte of sent) await client.write(byte);
  assertEquals(
    masked(await client.readToEnd()),
    ok("POST /a [hello]\n") + ok("POST /b [hi]\n") + LAST_OK,
  );
});

Deno.test("a connection serves many requests", async () => {
  await using server = serve(Echo);
  using client = await server.connect();
  for (let n = 0; n < 50; n++) {
    await client.write(request(`POST /${n}`, ["Content-Length: 4"], "body"));
    assertEquals((await client.answer()).body, `POST /${n} [body]\n`);
  }
});

Deno.test("connections are served in parallel", async () => {
  const gate = Promise.withResolvers<void>();
  class Waiting extends Echo {
    override async do_GET() {
      if (this.path === "/wait") await gate.promise;
      await super.do_GET();
    }
  }
  await using server = serve(Waiting);
  using waiting = await server.connect();
  await waiting.write(request("GET /wait"));
  assertEquals((await server.ask(request("GET /b"))).body, "GET /b\n");
  gate.resolve();
  assertEquals((await waiting.answer()).body, "GET /wait\n");
});

Deno.test("a client that closes between or within requests is not an error", async () => {
  await using server = serve(Echo);
  for (const sent of ["", "GET", "GET / HTTP/1.1\r\nHost", request("GET /")]) {
    using client = await server.connect();
    await client.write(sent);
    await client.closeWrite();
    const received = await client.readToEnd();
    assert(
      received === "" || received.startsWith("HTTP/1.1 ") ||
        received.startsWith("<!DOCTYPE"),
    );
  }
  assertEquals(server.takeErrors(), []);
});

Deno.test("a head cut short by EOF gets 400", async () => {
  await using server = serve(Echo);
  using client = await server.connect();
  await client.write("GET / HTTP/1.1\r\nHost: a\r\nX-A: b");
  await client.closeWrite();
  assertEquals(
    masked(await client.readToEnd()),
    error(
      "400",
      "Bad header block",
      "The header block does not end with one blank line",
    ),
  );
});
