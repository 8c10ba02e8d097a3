// HTTP servers on the wire: what a client may do to a connection, and what it gets.

import { assert, assertEquals } from "@std/assert";
import {
  type Address,
  type Connection,
  HTTPServer,
  ThreadingHTTPServer,
} from "../../mod.ts";
import {
  ANSWER,
  ANY,
  ask,
  askOnce,
  connect,
  delay,
  GET,
  Hello,
  SERVERS,
  test,
} from "./_harness.ts";

/** A server that keeps what `handle_error()` gets. */
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

/** Answers a POST without a look at its body. */
class Deaf extends Hello {
  do_POST(): void | Promise<void> {
    return this.do_GET();
  }
}

/** An answer that no system takes in one piece. */
const LARGE = 8 * 1024 * 1024;

/** The head of a POST with these further lines. */
function post(...fields: string[]): string {
  return ["POST /tea HTTP/1.1", "Host: a", ...fields, "", ""].join("\r\n");
}

for (const Server of SERVERS) {
  test(`${Server.name} answers one request after another on a connection`, async () => {
    await using server = new Server(ANY, Hello);
    server.serve_forever();
    using client = await connect(server);
    for (let n = 0; n < 50; n++) assertEquals(await ask(client), ANSWER);
    await client.write(GET.repeat(20));
    for (let n = 0; n < 20; n++) {
      assertEquals((await client.answer()).body, ANSWER);
    }
    await client.closeWrite();
    await client.assertClosed();
  });

  test(`${Server.name} lets a client that sends a large body which nobody reads have the whole answer`, async () => {
    for (const protocol of ["HTTP/1.0", "HTTP/1.1"]) {
      class Old extends Deaf {
        override protocol_version = protocol;
      }
      await using server = new Server(ANY, Old);
      server.serve_forever();
      for (const size of [300 * 1024, 16 * 1024 * 1024]) {
        using client = await connect(server);
        await client.write(post(`Content-Length: ${size}`));
        // A reset would fail these writes, or the read behind them.
        await client.write(new Uint8Array(size));
        await client.closeWrite();
        const answer = await client.readToEnd();
        assert(answer.endsWith(`\r\n\r\n${ANSWER}`), `${protocol}: ${answer}`);
      }
    }
  });
}

test("ThreadingHTTPServer drops a small body that nobody reads, and serves on", async () => {
  await using server = new Recording(ANY, Deaf);
  server.serve_forever();
  using client = await connect(server);
  const body = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (let n = 0; n < 3; n++) {
    const request = post(`Content-Length: ${body.length}`) + body;
    assertEquals(await ask(client, request), ANSWER);
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const chunked = post("Transfer-Encoding: chunked") + chunk;
    assertEquals(await ask(client, chunked), ANSWER);
  }
  assertEquals(await ask(client), ANSWER);
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer survives a malformed body that nobody reads", async () => {
  // The body's fault is found while the answer is still on its way; were nobody to
  // wait for it then, the process would end.
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

test("ThreadingHTTPServer survives a client that leaves within a body that nobody reads", async () => {
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

test("ThreadingHTTPServer serves on where a handler left a stream of the body pending", async () => {
  class Impatient extends Deaf {
    override do_POST() {
      // As a `fetch()` does that gets its answer before it has sent the body.
      this.rfile.readable.getReader().read().catch(() => {});
      this.do_GET();
    }
  }
  await using server = new Recording(ANY, Impatient);
  server.serve_forever();
  using client = await connect(server);
  for (let n = 0; n < 3; n++) {
    await client.write(post("Content-Length: 6"));
    assertEquals((await client.answer()).body, ANSWER);
    await delay(5);
    await client.write("abc");
    await delay(5);
    await client.write("def");
  }
  assertEquals(await ask(client), ANSWER);
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer sends what a handler writes from one buffer over and over", async () => {
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
  assert(await askOnce(server) === expected, "the answer is another");
});

test("ThreadingHTTPServer gives 408 to a client that sends its head byte by byte", async () => {
  class Hasty extends Hello {
    override timeout = 0.3;
  }
  await using server = new Recording(ANY, Hasty);
  server.serve_forever();
  using client = await connect(server);
  let over = false;
  let sent = 0;
  const answer = client.readToEnd().then((answer) => {
    over = true;
    return answer;
  });
  await client.write("GET / HTTP/1.1\r\nX: ");
  for (; !over && sent < 120; sent++) {
    await client.write("x");
    await delay(25);
  }
  assert((await answer).startsWith("HTTP/1.1 408 "), await answer);
  assert(sent < 110, `${sent} bytes were taken`);
  assertEquals(server.errors, []);
});

test("ThreadingHTTPServer closes a connection that idles too long, without a word", async () => {
  class Hasty extends Hello {
    override timeout = 0.1;
  }
  await using server = new Recording(ANY, Hasty);
  server.serve_forever();
  using silent = await connect(server);
  using client = await connect(server);
  assertEquals(await ask(client), ANSWER);
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

test("HTTPServer serves fetch(), with answers larger than any buffer", async () => {
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
