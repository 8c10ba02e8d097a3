// Connections that switch protocols.

import { assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { boundedTest } from "../../_lib/bounded.ts";
import { proxied, upstream, within } from "./_upstream.ts";

const UPGRADE =
  "GET /api/socket HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n";

const SWITCHED =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-A: b\r\n\r\n";

boundedTest("an upgrade is forwarded, and then bytes both ways", async () => {
  await using server = await upstream(async (peer) => {
    const head = await peer.head();
    assertMatch(head, /\r\nUpgrade: echo\r\nConnection: Upgrade\r\n/);
    // Its first bytes come with the head.
    await peer.send(SWITCHED + "hello");
    for (
      let text = await peer.read(3);
      text !== "";
      text = await peer.read(3)
    ) {
      await peer.send(text.toUpperCase());
    }
    await peer.send("bye");
  });
  await using served = await proxied(server);
  using client = await served.served.connect();
  // So do those of the client.
  await client.write(UPGRADE + "abc");
  const head = await client.readUntil("\r\n\r\n");
  assertMatch(head, /^HTTP\/1\.1 101 Switching Protocols\r\nX-A: b\r\n/);
  assertMatch(head, /\r\nUpgrade: echo\r\nConnection: Upgrade\r\n/);
  assertEquals(await client.read(8), "helloABC");
  await client.write("def");
  assertEquals(await client.read(3), "DEF");
  // Each side may end before the other.
  await client.closeWrite();
  assertEquals(await client.readToEnd(), "bye");
});

boundedTest(
  "the end of the upstream's side reaches the client, which may still send",
  async () => {
    const rest = Promise.withResolvers<string>();
    await using server = await upstream(async (peer) => {
      await peer.head();
      await peer.send(SWITCHED);
      await peer.closeWrite();
      rest.resolve(await peer.read(100));
    });
    await using served = await proxied(server);
    using client = await served.served.connect();
    await client.write(UPGRADE);
    await client.readUntil("\r\n\r\n");
    await client.assertClosed();
    await client.write("more");
    await client.closeWrite();
    assertEquals(await within(rest.promise), "more");
  },
);

boundedTest(
  "a reset of the upstream ends the client's connection",
  async () => {
    await using server = await upstream(async (peer) => {
      await peer.head();
      await peer.send(SWITCHED);
      await peer.reset();
    });
    await using served = await proxied(server);
    using client = await served.served.connect();
    await client.write(UPGRADE);
    await client.readUntil("\r\n\r\n");
    await client.readToEnd().catch((error) => {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    });
  },
);

boundedTest("a client that leaves ends the upstream's connection", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = await upstream(async (peer) => {
    await peer.head();
    await peer.send(SWITCHED);
    await peer.ended();
    ended.resolve();
  });
  await using served = await proxied(server);
  const client = await served.served.connect();
  await client.write(UPGRADE);
  await client.readUntil("\r\n\r\n");
  client.close();
  await within(ended.promise);
});

boundedTest("a server that closes ends its tunnels", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = await upstream(async (peer) => {
    await peer.head();
    await peer.send(SWITCHED);
    await peer.ended();
    ended.resolve();
  });
  const served = await proxied(server);
  using client = await served.served.connect();
  await client.write(UPGRADE);
  await client.readUntil("\r\n\r\n");
  await within(served[Symbol.asyncDispose](), 3_000);
  await within(ended.promise);
});

boundedTest("a refused upgrade is an ordinary response", async () => {
  await using server = await upstream(async (peer) => {
    for (let head = await peer.head(); head !== ""; head = await peer.head()) {
      await peer.respond("no");
    }
  });
  await using served = await proxied(server);
  using client = await served.served.connect();
  await client.write(UPGRADE);
  assertEquals((await client.answer()).body, "no");
  await client.write(UPGRADE);
  assertEquals((await client.answer()).body, "no");
});

boundedTest(
  "a switch to a protocol that the client didn't ask for is 502",
  async () => {
    const fields = [
      "Upgrade: other\r\n",
      "Upgrade: echo, other\r\n",
      "Upgrade: echo/2\r\n",
      "Upgrade: ,\r\n",
      "",
    ];
    for (const field of fields) {
      await using server = await upstream(async (peer) => {
        await peer.head();
        await peer.send(
          `HTTP/1.1 101 Switching Protocols\r\n${field}Connection: Upgrade\r\n\r\n`,
        );
        await peer.ended();
      });
      await using served = await proxied(server);
      using client = await served.served.connect();
      await client.write(UPGRADE);
      assertEquals((await client.answer()).status, 502, field);
    }
  },
);

boundedTest("the names of protocols are compared without case", async () => {
  await using server = await upstream(async (peer) => {
    await peer.head();
    await peer.send(SWITCHED.replace("echo", "ECHO") + "hello");
  });
  await using served = await proxied(server);
  using client = await served.served.connect();
  await client.write(UPGRADE.replace("echo", "other, Echo"));
  await client.readUntil("\r\n\r\n");
  assertEquals(await client.read(5), "hello");
});

boundedTest("HTTP/2 over an upgraded connection is not asked for", async () => {
  await using server = await upstream(async (peer) => {
    await peer.respond(await peer.head());
    await peer.ended();
  });
  await using served = await proxied(server);
  const { body } = await served.served.ask(
    "GET /api/x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
  );
  assertEquals(/upgrade|settings/i.test(body), false);
});

boundedTest("a WebSocket of the runtime works through the proxy", async () => {
  await using server = await upstream(async (peer) => {
    const head = await peer.head();
    const key = /^Sec-WebSocket-Key: (.*)$/im.exec(head)![1]!.trim();
    const accept = createHash("sha1")
      .update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    await peer.send(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    // A masked text frame of three bytes, sent back without its mask.
    const frame = await peer.read(9);
    const code = (at: number) => frame.charCodeAt(at);
    const text = [0, 1, 2].map((at) => code(6 + at) ^ code(2 + at));
    await peer.send(Uint8Array.of(0x81, 3, ...text));
    // A masked close frame, and the one in response.
    await peer.read(6);
    await peer.send(Uint8Array.of(0x88, 0));
  });
  await using served = await proxied(server);
  const socket = new WebSocket(
    `ws://127.0.0.1:${served.served.port}/api/socket`,
  );
  const next = (event: string) =>
    within(
      new Promise<Event>((resolve) =>
        socket.addEventListener(event, resolve, { once: true })
      ),
    );
  await next("open");
  socket.send("tea");
  assertEquals((await next("message") as MessageEvent).data, "tea");
  const closed = next("close");
  socket.close();
  await closed;
});
