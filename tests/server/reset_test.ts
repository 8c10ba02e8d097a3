// Clients that reset their connection before it is accepted.

import { fromFileUrl } from "@std/path";
import net from "node:net";
import { once } from "node:events";
import { assert, assertEquals } from "@std/assert";
import type { TCPServer } from "../../server/mod.ts";
import {
  HTTPServer,
  HTTPSServer,
  ThreadingHTTPServer,
  ThreadingHTTPSServer,
} from "../../server/mod.ts";
import { ANY, askOnce, HELLO, Hello, test } from "./_harness.ts";

/** As many as fit into the backlog. */
const RESETS = 300;

/** Connects, sends a few bytes and resets (SO_LINGER 0), a number of times before the server accepts. */
async function reset(server: TCPServer, count: number): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: count }, async () => {
    const socket = net.connect(server.server_port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET");
    return socket;
  }));
  for (const socket of sockets) {
    socket.resetAndDestroy();
    await once(socket, "close");
  }
}

for (const Server of [HTTPServer, ThreadingHTTPServer]) {
  test(`${Server.name} serves a client at once after ${RESETS} that reset`, async () => {
    await using server = new Server(ANY, Hello);
    await reset(server, RESETS);
    const began = performance.now();
    server.serve_forever();
    assertEquals(await askOnce(server), HELLO);
    const elapsed = performance.now() - began;
    assert(elapsed < 5_000, `responded after ${elapsed} ms`);
  });
}

for (const Server of [HTTPSServer, ThreadingHTTPSServer]) {
  test(`${Server.name} serves a client at once after ${RESETS} that reset`, async () => {
    const data = fromFileUrl(new URL("../data/tls/", import.meta.url));
    const certfile = `${data}ssl_cert.pem`;
    await using server = new Server(ANY, Hello, true, {
      certfile,
      keyfile: `${data}ssl_key.pem`,
    });
    await reset(server, RESETS);
    const began = performance.now();
    server.serve_forever();
    using client = Deno.createHttpClient({
      caCerts: [await Deno.readTextFile(certfile)],
    });
    const url = `https://127.0.0.1:${server.server_port}/tea`;
    const response = await fetch(url, { client });
    assertEquals(await response.text(), HELLO);
    const elapsed = performance.now() - began;
    assert(elapsed < 5_000, `responded after ${elapsed} ms`);
  });
}

test("HTTPServer.handle_request() returns after a client that reset", async () => {
  await using server = new HTTPServer(ANY, Hello);
  await reset(server, 1);
  let served = false;
  server.verify_request = () => served = true;
  await server.handle_request();
  assertEquals(served, false);
  const response = askOnce(server);
  await server.handle_request();
  assertEquals(await response, HELLO);
});

test("ThreadingHTTPServer serves others while clients reset", async () => {
  await using server = new ThreadingHTTPServer(ANY, Hello);
  server.serve_forever();
  let resetting = true;
  const resets = (async () => {
    while (resetting) await reset(server, 10);
  })();
  const began = performance.now();
  for (let n = 0; n < 5; n++) assertEquals(await askOnce(server), HELLO);
  const elapsed = performance.now() - began;
  resetting = false;
  await resets;
  assert(elapsed < 10_000, `5 requests took ${elapsed} ms`);
});
