// Ending `serve_forever()`, serving again, and `handle_request()`.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { HTTPServer, ThreadingHTTPServer } from "../../mod.ts";
import { startCommand } from "../_command.ts";
import {
  ANY,
  ask,
  askOnce,
  connect,
  delay,
  Gate,
  gated,
  GET,
  HELLO,
  Hello,
  SERVERS,
  test,
} from "./_harness.ts";

/** Shuts the server down, and waits for that before responding. */
class Goodbye extends Hello {
  override async do_GET() {
    await this.server.shutdown();
    super.do_GET();
  }
}

for (const Server of SERVERS) {
  test(`${Server.name}.shutdown() returns promptly, 20 times in a row`, async () => {
    await using server = new Server(ANY, Hello);
    for (let n = 0; n < 20; n++) {
      const serving = server.serve_forever();
      if (n % 2 === 0) assertEquals(await askOnce(server), HELLO);
      await server.shutdown();
      await serving;
    }
  });

  test(`${Server.name}.shutdown() can be called and awaited by a handler`, async () => {
    await using server = new Server(ANY, Goodbye);
    for (let n = 0; n < 5; n++) {
      const serving = server.serve_forever();
      assertEquals(await askOnce(server), HELLO);
      await serving;
    }
  });

  test(`${Server.name}.shutdown() can be called many times at once`, async () => {
    await using server = new Server(ANY, Hello);
    const serving = server.serve_forever();
    await Promise.all(Array.from({ length: 20 }, () => server.shutdown()));
    await serving;
    // None of them ends the next `serve_forever()`.
    const next = server.serve_forever();
    assertEquals(await askOnce(server), HELLO);
    await server.shutdown();
    await next;
  });

  test(`${Server.name}.shutdown() does nothing if the server does not serve`, async () => {
    await using server = new Server(ANY, Hello);
    await server.shutdown();
    server.serve_forever();
    assertEquals(await askOnce(server), HELLO);
  });

  test(`${Server.name}.shutdown() leaves the server bound for clients that connect meanwhile`, async () => {
    await using server = new Server(ANY, Hello);
    const serving = server.serve_forever();
    await delay(5);
    await server.shutdown();
    await serving;
    const clients = [];
    for (let n = 0; n < 3; n++) {
      const client = await connect(server);
      await client.write(GET.replace("1.1", "1.0"));
      clients.push(client);
    }
    await delay(20);
    const again = server.serve_forever();
    for (const client of clients) {
      assertEquals((await client.answer()).body, HELLO);
      client.close();
    }
    await server.shutdown();
    await again;
  });

  test(`${Server.name}.handle_request() serves one connection`, async () => {
    await using server = new Server(ANY, Hello);
    server.timeout = 10;
    using first = await connect(server);
    using second = await connect(server);
    await first.write(GET.replace("1.1", "1.0"));
    await second.write(GET.replace("1.1", "1.0"));
    await server.handle_request();
    assertEquals((await first.answer()).body, HELLO);
    await server.handle_request();
    assertEquals((await second.answer()).body, HELLO);
  });
}

test("HTTPServer.shutdown() from elsewhere does not wait for an idle connection", async () => {
  await using server = new HTTPServer(ANY, Hello);
  const serving = server.serve_forever();
  using client = await connect(server);
  assertEquals(await ask(client), HELLO);
  await server.shutdown();
  await serving;
  await client.assertClosed();
});

test("HTTPServer.shutdown() from elsewhere lets the running response finish", async () => {
  const gate = new Gate();
  await using server = new HTTPServer(ANY, gated(gate));
  const serving = server.serve_forever();
  using client = await connect(server);
  await client.write(GET);
  await gate.reached;
  await server.shutdown();
  gate.open();
  assertEquals((await client.answer()).body, HELLO);
  await client.assertClosed();
  await serving;
});

test("ThreadingHTTPServer.shutdown() leaves open connections to their handlers", async () => {
  await using server = new ThreadingHTTPServer(ANY, Hello);
  const serving = server.serve_forever();
  using client = await connect(server);
  assertEquals(await ask(client), HELLO);
  await server.shutdown();
  await serving;
  assertEquals(await ask(client), HELLO);
});

/** Counts the calls of `handle_timeout()`. */
class Patient extends HTTPServer {
  timeouts = 0;
  override handle_timeout() {
    this.timeouts++;
  }
}

test("HTTPServer.handle_request() calls handle_timeout() if nobody connects", async () => {
  await using server = new Patient(ANY, Hello);
  server.timeout = 0.1;
  const started = performance.now();
  await server.handle_request();
  assert(performance.now() - started >= 99);
  assertEquals(server.timeouts, 1);
  using client = await connect(server);
  await client.write(GET.replace("1.1", "1.0"));
  server.timeout = 10;
  await server.handle_request();
  assertEquals((await client.answer()).body, HELLO);
  assertEquals(server.timeouts, 1);
});

test("HTTPServer.handle_request() with a timeout of 0 serves a client that is already connected", async () => {
  await using server = new Patient(ANY, Hello);
  server.timeout = 0;
  await server.handle_request();
  assertEquals(server.timeouts, 1);
  using client = await connect(server);
  await client.write(GET.replace("1.1", "1.0"));
  await delay(20);
  await server.handle_request();
  assertEquals((await client.answer()).body, HELLO);
  assertEquals(server.timeouts, 1);
});

test("HTTPServer.serve_forever() ignores the timeout", async () => {
  await using server = new Patient(ANY, Hello);
  server.timeout = 0.01;
  server.serve_forever();
  await delay(50);
  assertEquals(await askOnce(server), HELLO);
  assertEquals(server.timeouts, 0);
});

test("HTTPServer.handle_request() ends when the server is closed", async () => {
  const server = new Patient(ANY, Hello);
  const handling = server.handle_request();
  await delay(5);
  await server.server_close();
  await handling;
  assertEquals(server.timeouts, 0);
});

test("HTTPServer.handle_request() refuses to run during serve_forever()", async () => {
  await using server = new HTTPServer(ANY, Hello);
  server.serve_forever();
  await delay(5);
  await assertRejects(() => server.handle_request(), TypeError, "already");
  assertEquals(await askOnce(server), HELLO);
});

test("a program that calls server_close() on SIGINT, as in docs/from-python.md, ends cleanly", async () => {
  const program = `
    import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "${
    import.meta.resolve("../../mod.ts")
  }";
    class Server extends ThreadingHTTPServer {
      static gracePeriod = 1;
    }
    await using server = new Server(["127.0.0.1", 0], SimpleHTTPRequestHandler);
    Deno.addSignalListener("SIGINT", () => void server.server_close());
    console.log("Serving at port " + server.server_port);
    await server.serve_forever();
    console.log("Nobody is served any more.");`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    await using serving = await startCommand([], { file });
    // It waits for a request.
    using _client = await Deno.connect({ port: serving.port });
    const { code, stdout } = await serving.stop("SIGINT");
    assertEquals(code, 0);
    assertMatch(stdout, /\nNobody is served any more\.$/);
  } finally {
    await Deno.remove(file);
  }
});
