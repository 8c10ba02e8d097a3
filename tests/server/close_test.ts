// Graceful stop, and how many connections are served at a time.

import { assert, assertEquals } from "@std/assert";
import { HTTPServer, ThreadingHTTPServer } from "../../mod.ts";
import {
  ANSWER,
  ANY,
  ask,
  askOnce,
  connect,
  delay,
  Gate,
  gated,
  GET,
  Hello,
  SERVERS,
  test,
  until,
} from "./_harness.ts";

/** `Hello` that counts its connections. */
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
    assertEquals(await ask(client), ANSWER);
    const started = performance.now();
    await server.server_close();
    await serving;
    assert(performance.now() - started < 3_000);
    await client.assertClosed();
  });

  test(`${Server.name}.server_close() closes a connection of which nothing has come`, async () => {
    await using server = new Server(ANY, Hello);
    const serving = server.serve_forever();
    using client = await connect(server);
    await delay(20);
    await server.server_close();
    await serving;
    await client.assertClosed();
  });

  test(`${Server.name}.server_close() closes a connection that was not taken yet`, async () => {
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
    assertEquals((await first.answer()).body, ANSWER);
    await closed;
    await serving;
    // Its request was not read, so it may end by a reset too.
    assertEquals(await second.readToEnd().catch(() => ""), "");
  });

  test(`${Server.name}.server_close() lets a running answer finish`, async () => {
    const gate = new Gate();
    await using server = new Server(ANY, gated(gate));
    const serving = server.serve_forever();
    using client = await connect(server);
    // The second request of the connection is not answered any more.
    await client.write(GET + GET);
    await gate.reached;
    let closed = false;
    const closing = server.server_close().then(() => closed = true);
    await delay(20);
    assertEquals(closed, false);
    gate.open();
    assertEquals((await client.answer()).body, ANSWER);
    await client.assertClosed();
    client.close();
    await closing;
    await serving;
  });

  test(`${Server.name}.server_close() waits for a request that has begun to come`, async () => {
    await using server = new Server(ANY, Hello);
    const serving = server.serve_forever();
    using client = await connect(server);
    await client.write(GET.slice(0, 20));
    await delay(50);
    const closing = server.server_close();
    await delay(20);
    await client.write(GET.slice(20));
    assertEquals((await client.answer()).body, ANSWER);
    await client.assertClosed();
    await closing;
    await serving;
  });

  test(`${Server.name}.server_close() cuts off an answer that outlasts gracePeriod`, async () => {
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

  test(`${Server.name}.gracePeriod may be endless`, async () => {
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
    assertEquals((await client.answer()).body, ANSWER);
    await closing;
    await serving;
  });
}

test("HTTPServer finishes one connection before it accepts the next", async () => {
  const { Handler, begun } = counted();
  await using server = new HTTPServer(ANY, Handler);
  server.serve_forever();
  using first = await connect(server);
  assertEquals(await ask(first), ANSWER);
  using second = await connect(server);
  await second.write(GET);
  await delay(60);
  assertEquals(begun(), 1);
  // The first is still served.
  assertEquals(await ask(first), ANSWER);
  first.close();
  assertEquals((await second.answer()).body, ANSWER);
});

test("ThreadingHTTPServer serves its connections side by side", async () => {
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
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => askOnce(server)),
  );
  assertEquals(answers, Array(20).fill(ANSWER));
});

test("ThreadingHTTPServer.maxConnections holds further ones while all are busy", async () => {
  const { Handler, begun } = counted();
  class Two extends ThreadingHTTPServer {
    static override maxConnections = 2;
  }
  await using server = new Two(ANY, Handler);
  server.serve_forever();
  // Of a request whose head has begun, the connection is not idle.
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
  assertEquals((await third.answer()).body, ANSWER);
  assertEquals(begun(), 3);
  await second.write(GET.slice(10));
  assertEquals((await second.answer()).body, ANSWER);
});

test("ThreadingHTTPServer.maxConnections lets the oldest idle one give way", async () => {
  class Two extends ThreadingHTTPServer {
    static override maxConnections = 2;
  }
  await using server = new Two(ANY, Hello);
  server.serve_forever();
  using first = await connect(server);
  using second = await connect(server);
  assertEquals(await ask(first), ANSWER);
  assertEquals(await ask(second), ANSWER);
  using third = await connect(server);
  assertEquals(await ask(third), ANSWER);
  await first.assertClosed();
  assertEquals(await ask(second), ANSWER);
});

test("ThreadingHTTPServer leaves nothing behind after 300 connections at once", async () => {
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
  const answers = await Promise.all(clients.map((client) => ask(client)));
  assertEquals(answers, Array(300).fill(ANSWER));
  assertEquals(most, 300);
  for (const client of clients.slice(0, 150)) client.close();
  await until(() => open === 150, "those that left were let go");
  await server.server_close();
  await until(() => open === 0, "all were let go");
  for (const client of clients) client.close();
});
