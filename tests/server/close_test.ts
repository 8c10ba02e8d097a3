// Graceful shutdown, and the limits on connections.

import { assert, assertEquals } from "@std/assert";
import { HTTPServer, ThreadingHTTPServer } from "../../mod.ts";
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
  until,
} from "./_harness.ts";

/** A subclass of `Hello` that counts its connections. */
function counted(): { Handler: typeof Hello; begun: () => number } {
  let begun = 0;
  class Counted extends Hello {
    override setup() {
      begun++;
      return super.setup();
    }
  }
  return { Handler: Counted, begun: () => begun };
}

for (const Server of SERVERS) {
  test(`${Server.name}.server_close() closes an idle connection at once`, async () => {
    await using server = new Server(ANY, Hello);
    const serving = server.serve_forever();
    using client = await connect(server);
    assertEquals(await ask(client), HELLO);
    const started = performance.now();
    await server.server_close();
    await serving;
    assert(performance.now() - started < 3_000);
    await client.assertClosed();
  });

  test(`${Server.name}.server_close() closes a connection that has sent nothing`, async () => {
    await using server = new Server(ANY, Hello);
    const serving = server.serve_forever();
    using client = await connect(server);
    await delay(20);
    await server.server_close();
    await serving;
    await client.assertClosed();
  });

  test(`${Server.name}.server_close() closes a connection that was not accepted yet`, async () => {
    const gate = new Gate();
    class One extends Server {
      static override maxConnections = 1;
    }
    const server = new One(ANY, gated(gate));
    const serving = server.serve_forever();
    using first = await connect(server);
    await first.write(GET);
    await gate.reached;
    using second = await connect(server);
    await second.write(GET);
    const closed = server.server_close();
    gate.open();
    assertEquals((await first.answer()).body, HELLO);
    await closed;
    await serving;
    // Its request was not read, so it may also end by a reset.
    assertEquals(await second.readToEnd().catch(() => ""), "");
  });

  test(`${Server.name}.server_close() lets a running response finish`, async () => {
    const gate = new Gate();
    await using server = new Server(ANY, gated(gate));
    const serving = server.serve_forever();
    using client = await connect(server);
    // The second request on the connection gets no response.
    await client.write(GET + GET);
    await gate.reached;
    let closed = false;
    const closing = server.server_close().then(() => closed = true);
    await delay(20);
    assertEquals(closed, false);
    gate.open();
    assertEquals((await client.answer()).body, HELLO);
    await client.assertClosed();
    client.close();
    await closing;
    await serving;
  });

  test(`${Server.name}.server_close() waits for a request that has partly arrived`, async () => {
    await using server = new Server(ANY, Hello);
    const serving = server.serve_forever();
    using client = await connect(server);
    await client.write(GET.slice(0, 20));
    await delay(50);
    const closing = server.server_close();
    await delay(20);
    await client.write(GET.slice(20));
    assertEquals((await client.answer()).body, HELLO);
    await client.assertClosed();
    await closing;
    await serving;
  });

  test(`${Server.name}.server_close() cuts a response that outlasts gracePeriod`, async () => {
    const gate = new Gate();
    class Hasty extends Server {
      static override gracePeriod = 0.1;
    }
    await using server = new Hasty(ANY, gated(gate));
    const serving = server.serve_forever();
    using client = await connect(server);
    await client.write(GET);
    await gate.reached;
    const started = performance.now();
    await server.server_close();
    assert(performance.now() - started >= 99);
    await client.assertClosed();
    gate.open();
    await serving;
  });

  test(`${Server.name}.gracePeriod can be Infinity`, async () => {
    const gate = new Gate();
    class Patient extends Server {
      static override gracePeriod = Infinity;
    }
    await using server = new Patient(ANY, gated(gate));
    const serving = server.serve_forever();
    using client = await connect(server);
    await client.write(GET);
    await gate.reached;
    const closing = server.server_close();
    await delay(30);
    gate.open();
    assertEquals((await client.answer()).body, HELLO);
    await closing;
    await serving;
  });
}

test("HTTPServer finishes one connection before it accepts the next", async () => {
  const { Handler, begun } = counted();
  await using server = new HTTPServer(ANY, Handler);
  server.serve_forever();
  using first = await connect(server);
  assertEquals(await ask(first), HELLO);
  using second = await connect(server);
  await second.write(GET);
  await delay(60);
  assertEquals(begun(), 1);
  // The first is still served.
  assertEquals(await ask(first), HELLO);
  first.close();
  assertEquals((await second.answer()).body, HELLO);
});

test("ThreadingHTTPServer serves its connections in parallel", async () => {
  const gate = new Gate();
  let running = 0;
  class Together extends Hello {
    override async do_GET() {
      if (++running === 20) gate.open();
      await gate.pass();
      super.do_GET();
    }
  }
  await using server = new ThreadingHTTPServer(ANY, Together);
  server.serve_forever();
  const bodies = await Promise.all(
    Array.from({ length: 20 }, () => askOnce(server)),
  );
  assertEquals(bodies, Array(20).fill(HELLO));
});

test("ThreadingHTTPServer.maxConnections delays further connections while all are busy", async () => {
  const { Handler, begun } = counted();
  class Two extends ThreadingHTTPServer {
    static override maxConnections = 2;
  }
  await using server = new Two(ANY, Handler);
  server.serve_forever();
  // A connection whose request head has begun is not idle.
  const half = GET.slice(0, 10);
  using first = await connect(server);
  using second = await connect(server);
  await first.write(half);
  await second.write(half);
  await until(() => begun() === 2, "both are served");
  await delay(20);
  using third = await connect(server);
  await third.write(GET);
  await delay(60);
  assertEquals(begun(), 2);
  first.close();
  assertEquals((await third.answer()).body, HELLO);
  assertEquals(begun(), 3);
  await second.write(GET.slice(10));
  assertEquals((await second.answer()).body, HELLO);
});

test("ThreadingHTTPServer.maxConnections closes the oldest idle connection for a new one", async () => {
  class Two extends ThreadingHTTPServer {
    static override maxConnections = 2;
  }
  await using server = new Two(ANY, Hello);
  server.serve_forever();
  using first = await connect(server);
  using second = await connect(server);
  assertEquals(await ask(first), HELLO);
  assertEquals(await ask(second), HELLO);
  using third = await connect(server);
  assertEquals(await ask(third), HELLO);
  await first.assertClosed();
  assertEquals(await ask(second), HELLO);
});

test("ThreadingHTTPServer leaves nothing open after 300 connections at once", async () => {
  let open = 0;
  let most = 0;
  class Counted extends Hello {
    override setup() {
      most = Math.max(most, ++open);
      return super.setup();
    }
    override async finish() {
      await super.finish();
      open--;
    }
  }
  await using server = new ThreadingHTTPServer(ANY, Counted);
  server.serve_forever();
  const clients = await Promise.all(
    Array.from({ length: 300 }, () => connect(server)),
  );
  const bodies = await Promise.all(clients.map((client) => ask(client)));
  assertEquals(bodies, Array(300).fill(HELLO));
  assertEquals(most, 300);
  for (const client of clients.slice(0, 150)) client.close();
  await until(() => open === 150, "those that left were let go");
  await server.server_close();
  await until(() => open === 0, "all were let go");
  for (const client of clients) client.close();
});
