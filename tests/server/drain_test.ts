// `drain()`: running responses end, while new connections are still accepted.

import { assert, assertEquals } from "@std/assert";
import { ThreadingHTTPServer, ThreadingHTTPSServer } from "../../mod.ts";
import {
  ANY,
  ask,
  askOnce,
  connect,
  Gate,
  gated,
  GET,
  HELLO,
  Hello,
  test,
  until,
} from "./_harness.ts";

const Server = ThreadingHTTPServer;

test("drain() lets a response end, and serves new connections once each meanwhile", async () => {
  const gate = new Gate();
  await using server = new Server(ANY, gated(gate));
  const serving = server.serve_forever();
  using busy = await connect(server);
  using idle = await connect(server);
  await busy.write(GET);
  await gate.reached;
  assertEquals(server.draining, false);
  let over = false;
  const drained = server.drain().then(() => over = true);
  assertEquals(server.draining, true);
  await idle.assertClosed();
  // A connection without a request does not count.
  using silent = await connect(server);
  await until(() => server.connectionCounts.open === 2, "both are open");
  assertEquals(over, false);
  gate.open();
  const response = await busy.readToEnd();
  assert(response.endsWith(HELLO), response);
  await drained;
  await server.server_close();
  await silent.assertClosed();
  await serving;
});

test("drain() gives new connections one response with Connection: close", async () => {
  const gate = new Gate();
  let requests = 0;
  class Mixed extends gated(gate) {
    override protocol_version = "HTTP/1.1";
    override do_GET() {
      if (++requests === 1) return super.do_GET();
      return Hello.prototype.do_GET.call(this);
    }
  }
  await using server = new Server(ANY, Mixed);
  const serving = server.serve_forever();
  using busy = await connect(server);
  await busy.write(GET);
  await gate.reached;
  const drained = server.drain();
  for (let count = 0; count < 3; count++) {
    using client = await connect(server);
    await client.write(GET + GET);
    const all = await client.readToEnd();
    assertEquals(all.match(/HTTP\/1\.1 200/g)?.length, 1, all);
  }
  gate.open();
  await busy.readToEnd();
  await drained;
  await server.server_close();
  await serving;
});

test("drain() ends at once if nothing is running", async () => {
  await using server = new Server(ANY, Hello);
  const serving = server.serve_forever();
  using client = await connect(server);
  assertEquals(await ask(client), HELLO);
  const began = performance.now();
  await server.drain();
  assert(performance.now() - began < 1_000);
  // Until it is closed, it serves.
  assertEquals(await askOnce(server), HELLO);
  await server.server_close();
  await serving;
});

test("drain() and server_close() share the grace period", async () => {
  class Brief extends Server {
    static override gracePeriod = 0.5;
  }
  const gate = new Gate();
  await using server = new Brief(ANY, gated(gate));
  const serving = server.serve_forever();
  using busy = await connect(server);
  await busy.write(GET);
  await gate.reached;
  const began = performance.now();
  await server.drain();
  const drained = performance.now() - began;
  assert(drained >= 450 && drained < 5_000, `${drained}`);
  const closed = server.server_close();
  await busy.assertClosed();
  gate.open();
  await closed;
  await serving;
});

test("connectionCounts counts open and idle connections", async () => {
  const gate = new Gate();
  await using server = new Server(ANY, gated(gate));
  const serving = server.serve_forever();
  assertEquals(server.connectionCounts, { open: 0, idle: 0, refused: 0 });
  using idle = await connect(server);
  using busy = await connect(server);
  await busy.write(GET);
  await gate.reached;
  await until(() => server.connectionCounts.open === 2, "both are open");
  assertEquals(server.connectionCounts, { open: 2, idle: 1, refused: 0 });
  gate.open();
  assertEquals((await busy.answer()).body, HELLO);
  await server.server_close();
  await idle.assertClosed();
  await serving;
});

test("drain() keeps an HTTPS server accepting", async () => {
  const certfile = "tests/data/tls/ssl_cert.pem";
  const options = { certfile, keyfile: "tests/data/tls/ssl_key.pem" };
  await using server = new ThreadingHTTPSServer(ANY, Hello, true, options);
  const serving = server.serve_forever();
  await server.drain();
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(certfile)],
  });
  const response = await fetch(`https://localhost:${server.server_port}/`, {
    client,
  });
  assertEquals(await response.text(), "hello /\n");
  await server.server_close();
  await serving;
});
