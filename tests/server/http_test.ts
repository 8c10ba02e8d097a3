// HTTP servers on the wire: what clients do to a connection, and what they receive.

import { assert, assertEquals } from "@std/assert";
import {
  type Address,
  type Connection,
  HTTPServer,
  ThreadingHTTPServer,
} from "../../mod.ts";
import {
  ANY,
  ask,
  askOnce,
  connect,
  delay,
  GET,
  HELLO,
  Hello,
  SERVERS,
  test,
} from "./_harness.ts";

/** A server that records the errors passed to `handle_error()`. */
class Recording extends ThreadingHTTPServer {
  readonly errors: unknown[] = [];
  override handle_error(
    _request: Connection,
    _client_address: Address,
    error: unknown,
  ) {
    this.errors.push(error);
  }
}

/** Responds to a POST without reading its body. */
class Deaf extends Hello {
  do_POST(): void | Promise<void> {
    return this.do_GET();
  }
}

/** The size of a body that no system accepts in one write. */
const LARGE = 8 * 1024 * 1024;

/** The head of a POST with these additional lines. */
function post(...fields: string[]): string {
  return ["POST /tea HTTP/1.1", "Host: a", ...fields, "", ""].join("\r\n");
}

for (const Server of SERVERS) {
  test(`${Server.name} serves several requests on a connection`, async () => {
    await using server = new Server(ANY, Hello);
    server.serve_forever();
    using client = await connect(server);
    for (let n = 0; n < 50; n++) assertEquals(await ask(client), HELLO);
    await client.write(GET.repeat(20));
    for (let n = 0; n < 20; n++) {
      assertEquals((await client.answer()).body, HELLO);
    }
    await client.closeWrite();
    await client.assertClosed();
  });

  test(`${Server.name} sends the whole response to a client whose large body nobody reads`, async () => {
    for (const protocol of ["HTTP/1.0", "HTTP/1.1"]) {
      class Old extends Deaf {
        override protocol_version = protocol;
      }
      await using server = new Server(ANY, Old);
      server.serve_forever();
      for (const size of [300 * 1024, 16 * 1024 * 1024]) {
        using client = await connect(server);
        await client.write(post(`Content-Length: ${size}`));
        // A reset would fail these writes, or the read after them.
        await client.write(new Uint8Array(size));
        await client.closeWrite();
        const response = await client.readToEnd();
        assert(
          response.endsWith(`\r\n\r\n${HELLO}`),
          `${protocol}: ${response}`,
        );
      }
    }
  });
}

test("ThreadingHTTPServer drops a small body that nobody reads, and keeps serving", async () => {
  await using server = new Recording(ANY, Deaf);
  server.serve_forever();
  using client = await connect(server);
  const body = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (let n = 0; n < 3; n++) {
    const request = post(`Content-Length: ${body.length}`) + body;
    assertEquals(await ask(client, request), HELLO);
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const chunked = post("Transfer-Encoding: chunked") + chunk;
    assertEquals(await ask(client, chunked), HELLO);
  }
  assertEquals(await ask(client), HELLO);
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer survives a malformed body that nobody reads", async () => {
  // The error in the body is found while the response is still being sent; without a
  // handler for the rejection, the process would end.
  class Large extends Deaf {
    override do_POST() {
      this.send_response(200);
      this.send_header("Content-Length", LARGE);
      this.end_headers();
      this.wfile.write(new Uint8Array(LARGE));
    }
  }
  await using server = new Recording(ANY, Large);
  server.serve_forever();
  using client = await connect(server);
  await client.write(post("Transfer-Encoding: chunked") + "zz\r\n");
  await delay(50);
  assertEquals((await client.answer()).body.length, LARGE);
  await client.closeWrite();
  await client.assertClosed();
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer survives a client that disconnects within a body that nobody reads", async () => {
  const asked = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  class Large extends Deaf {
    override do_POST() {
      this.send_response(200);
      this.send_header("Content-Length", 8 * LARGE);
      this.end_headers();
      this.wfile.write(new Uint8Array(8 * LARGE));
      asked.resolve();
    }
    override async finish() {
      await super.finish();
      finished.resolve();
    }
  }
  await using server = new Recording(ANY, Large);
  server.serve_forever();
  const client = await connect(server);
  await client.write(post("Content-Length: 1000"));
  await asked.promise;
  await client.read(1);
  client.close();
  await finished.promise;
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer keeps serving after a handler left a stream of the body pending", async () => {
  class Impatient extends Deaf {
    override do_POST() {
      // As a `fetch()` does that gets its response before it has sent the body.
      this.rfile.readable.getReader().read().catch(() => {});
      this.do_GET();
    }
  }
  await using server = new Recording(ANY, Impatient);
  server.serve_forever();
  using client = await connect(server);
  for (let n = 0; n < 3; n++) {
    await client.write(post("Content-Length: 6"));
    assertEquals((await client.answer()).body, HELLO);
    await delay(5);
    await client.write("abc");
    await delay(5);
    await client.write("def");
  }
  assertEquals(await ask(client), HELLO);
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer sends what a handler writes repeatedly from one buffer", async () => {
  const size = 100_000;
  class Copying extends Hello {
    override async do_GET() {
      this.send_response(200);
      this.send_header("Content-Length", 20 * size);
      this.end_headers();
      const buffer = new Uint8Array(size);
      for (let n = 0; n < 20; n++) {
        await this.wfile.write(buffer.fill(65 + n));
      }
    }
  }
  await using server = new Recording(ANY, Copying);
  server.serve_forever();
  const expected = Array.from(
    { length: 20 },
    (_, n) => String.fromCharCode(65 + n).repeat(size),
  ).join("");
  assert(await askOnce(server) === expected, "the response differs");
});

test("ThreadingHTTPServer sends 408 to a client that sends its head byte by byte", async () => {
  class Hasty extends Hello {
    override timeout = 0.3;
  }
  await using server = new Recording(ANY, Hasty);
  server.serve_forever();
  using client = await connect(server);
  let over = false;
  let sent = 0;
  const response = client.readToEnd().then((response) => {
    over = true;
    return response;
  });
  await client.write("GET / HTTP/1.1\r\nX: ");
  for (; !over && sent < 120; sent++) {
    await client.write("x");
    await delay(25);
  }
  assert((await response).startsWith("HTTP/1.1 408 "), await response);
  assert(sent < 110, `${sent} bytes were taken`);
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer closes a connection that idles too long, without a response", async () => {
  class Hasty extends Hello {
    override timeout = 0.1;
  }
  await using server = new Recording(ANY, Hasty);
  server.serve_forever();
  using silent = await connect(server);
  using client = await connect(server);
  assertEquals(await ask(client), HELLO);
  await client.assertClosed();
  await silent.assertClosed();
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer closes a connection whose client does not read", async () => {
  const finished = Promise.withResolvers<void>();
  class Hasty extends Hello {
    override timeout = 0.1;
    override async do_GET() {
      this.send_response(200);
      this.send_header("Content-Length", 8 * LARGE);
      this.end_headers();
      await this.wfile.write(new Uint8Array(8 * LARGE));
    }
    override async finish() {
      await super.finish();
      finished.resolve();
    }
  }
  await using server = new Recording(ANY, Hasty);
  server.serve_forever();
  using client = await connect(server);
  await client.write(GET);
  await finished.promise;
  assertEquals(server.errors, []);
});

test("HTTPServer serves fetch(), with responses larger than any buffer", async () => {
  class Large extends Hello {
    override async do_GET() {
      this.send_response(200);
      this.endHeadersChunked();
      for (let n = 0; n < 8; n++) {
        await this.wfile.write(new Uint8Array(LARGE / 8).fill(n));
      }
    }
  }
  await using server = new HTTPServer(ANY, Large);
  server.serve_forever();
  const response = await fetch(`http://127.0.0.1:${server.server_port}/`, {
    headers: { Connection: "close" },
  });
  const body = await response.bytes();
  assertEquals(body.length, LARGE);
  assert(body.every((value, at) => value === Math.floor(at * 8 / LARGE)));
});
