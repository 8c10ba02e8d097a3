import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { createSecureContext } from "node:tls";
import type { ServerTlsConn } from "../../server/tls_conn.ts";
import { TlsListener } from "../../server/tls_listener.ts";
import { delay, stderrOf, test } from "./_harness.ts";
import { connectTcp, connectTls, FILES } from "./_tls.ts";

const CONTEXT = createSecureContext({
  cert: Deno.readTextFileSync(FILES.certfile),
  key: Deno.readTextFileSync(FILES.keyfile),
});

function listen(handshakeTimeout = 10_000): TlsListener {
  return new TlsListener(Deno.listen({ hostname: "127.0.0.1", port: 0 }), {
    context: CONTEXT,
    protocols: ["http/1.1"],
    handshakeTimeout,
  });
}

/** Both ends of a connection, which are closed at the end. */
async function withPair(
  run: (client: Deno.TlsConn, served: ServerTlsConn) => Promise<void>,
): Promise<void> {
  const listener = listen();
  const [served, client] = await Promise.all([
    listener.accept(),
    connectTls(listener.addr.port, ["http/1.1"]),
  ]);
  try {
    await run(client, served);
  } finally {
    // Its streams may already have closed it.
    client[Symbol.dispose]();
    served.close();
    listener.close();
    await listener.ended();
  }
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

test("TlsListener.accept() returns a connection after its handshake", () =>
  withPair(async (client, served) => {
    assertEquals((await client.handshake()).alpnProtocol, "http/1.1");
    assertEquals(served.remoteAddr.hostname, "127.0.0.1");
    await client.write(bytes("tea"));
    const buffer = new Uint8Array(9);
    assertEquals(await served.read(buffer), 3);
    assertEquals(text(buffer.subarray(0, 3)), "tea");
  }));

test("TlsListener.accept() is not delayed by silent clients", async () => {
  const listener = listen();
  const accepted = listener.accept();
  const log = await stderrOf(async () => {
    using _first = await connectTcp(listener.addr.port);
    using _second = await connectTcp(listener.addr.port);
    using _client = await connectTls(listener.addr.port);
    using _served = await accepted;
    listener.close();
    await listener.ended();
  });
  assertEquals(log, "");
});

test("TlsListener closes a silent client after the timeout, and logs one line", async () => {
  const listener = listen(100);
  const accepted = assertRejects(
    () => listener.accept(),
    Deno.errors.BadResource,
  );
  const log = await stderrOf(async () => {
    using client = await connectTcp(listener.addr.port);
    await client.assertClosed();
  });
  listener.close();
  await accepted;
  assertMatch(
    log,
    /^127\.0\.0\.1 - - \[[^\]]+\] TLS handshake failed: not done within 0\.1 seconds\n$/,
  );
});

for (
  const [what, sent] of [
    ["speaks plain HTTP", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["sends garbage", "\x16\x03\x01\x00\x05\n\x1b[31mno"],
    ["leaves at once", ""],
  ] as const
) {
  test(`TlsListener logs one line about a client that ${what}`, async () => {
    const listener = listen();
    const accepted = assertRejects(
      () => listener.accept(),
      Deno.errors.BadResource,
    );
    const log = await stderrOf(async () => {
      using client = await connectTcp(listener.addr.port);
      await client.write(sent);
      if (sent === "") await client.closeWrite();
      await client.assertClosed();
      await delay(20);
    });
    listener.close();
    await accepted;
    assertEquals(log.split("\n").length, 2);
    assertStringIncludes(log, "TLS handshake failed: ");
  });
}

test("TlsListener drops the oldest of too many handshakes", async () => {
  const listener = listen();
  const accepted = listener.accept();
  const log = await stderrOf(async () => {
    using stack = new DisposableStack();
    const oldest = stack.use(await connectTcp(listener.addr.port));
    const second = stack.use(await connectTcp(listener.addr.port));
    for (let each = 0; each < 255; each++) {
      stack.use(await connectTcp(listener.addr.port));
    }
    await oldest.assertClosed();
    using _client = await connectTls(listener.addr.port);
    using _served = await accepted;
    await second.assertClosed();
    listener.close();
    await listener.ended();
  });
  assertEquals(log.match(/not done when 256 others had begun\n/g)?.length, 2);
});

test("TlsListener logs ten failures per second, and how many more there were", async () => {
  const listener = listen(200);
  const accepted = assertRejects(
    () => listener.accept(),
    Deno.errors.BadResource,
  );
  const log = await stderrOf(async () => {
    using stack = new DisposableStack();
    const clients = [];
    for (let each = 0; each < 50; each++) {
      clients.push(stack.use(await connectTcp(listener.addr.port)));
    }
    for (const client of clients) await client.assertClosed();
    await delay(1_000);
    using last = await connectTcp(listener.addr.port);
    await last.assertClosed();
    await delay(20);
  });
  listener.close();
  await accepted;
  assertEquals(log.split("\n").length, 12);
  assertMatch(log, /not done within 0\.2 seconds \(40 more before it\)\n$/);
});

test("TlsListener.close() closes pending handshakes, and logs nothing", async () => {
  const listener = listen();
  const accepted = assertRejects(
    () => listener.accept(),
    Deno.errors.BadResource,
  );
  const log = await stderrOf(async () => {
    using client = await connectTcp(listener.addr.port);
    await delay(20);
    listener.close();
    await listener.ended();
    await client.assertClosed();
  });
  await accepted;
  assertEquals(log, "");
});

test("TlsListener.ended() is fulfilled once the address is free", async () => {
  const listener = listen();
  const accepted = listener.accept();
  // The next accept of the TCP listener is pending, though nobody waits.
  using _client = await connectTls(listener.addr.port);
  using served = await accepted;
  const { port } = listener.addr;
  listener.close();
  served.close();
  await listener.ended();
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

test("TlsListener can be iterated until it is closed", async () => {
  const listener = listen();
  let count = 0;
  const loop = (async () => {
    for await (const conn of listener) {
      conn.close();
      if (++count === 2) listener.close();
    }
  })();
  for (let each = 0; each < 2; each++) {
    using client = await connectTls(listener.addr.port);
    assertEquals(await client.read(new Uint8Array(1)), null);
  }
  await loop;
  await listener.ended();
});

test("ServerTlsConn transfers megabytes in both directions", () =>
  withPair(async (client, served) => {
    const sent = new Uint8Array(3_000_000).map((_, index) => index * 7919 >> 3);
    const echo = (async () => {
      const buffer = new Uint8Array(10_007);
      for (let left = sent.length; left > 0;) {
        const count = await served.read(buffer);
        if (count === null) break;
        left -= count;
        await served.write(buffer.subarray(0, count));
      }
    })();
    const writer = (async () => {
      for (let at = 0; at < sent.length;) {
        at += await client.write(sent.subarray(at, at + 50_000));
      }
    })();
    const received = new Uint8Array(sent.length);
    for (let at = 0; at < received.length;) {
      const count = await client.read(received.subarray(at));
      if (count === null) break;
      at += count;
    }
    await Promise.all([echo, writer]);
    assertEquals(received.every((byte, at) => byte === sent[at]), true);
  }));

test("ServerTlsConn.read() returns null when the client closes its side, and can still write", () =>
  withPair(async (client, served) => {
    await client.closeWrite();
    const buffer = new Uint8Array(9);
    assertEquals(await served.read(buffer), null);
    await delay(20);
    await served.write(bytes("still"));
    assertEquals(await client.read(buffer), 5);
  }));

test("ServerTlsConn.closeWrite() closes one side only", () =>
  withPair(async (client, served) => {
    await served.closeWrite();
    const buffer = new Uint8Array(9);
    assertEquals(await client.read(buffer), null);
    await client.write(bytes("late"));
    assertEquals(await served.read(buffer), 4);
  }));

test("ServerTlsConn.close() sends an alert, so the client knows that the response is complete", () =>
  withPair(async (client, served) => {
    await served.write(bytes("all"));
    served.close();
    const buffer = new Uint8Array(9);
    assertEquals(await client.read(buffer), 3);
    // Without the alert, the client's TLS would report a truncation.
    assertEquals(await client.read(buffer), null);
    await served.ended;
  }));

test("ServerTlsConn.close() drops a client that reads nothing", () =>
  withPair(async (_client, served) => {
    const writing = assertRejects(async () => {
      const large = new Uint8Array(1_000_000);
      for (;;) await served.write(large);
    }, Deno.errors.UnexpectedEof);
    await delay(200);
    served.close();
    await writing;
    await served.ended;
  }));

/** Waits until a count has not changed for a while. */
async function untilStill(count: () => number): Promise<void> {
  for (let last = -1; last !== count();) {
    last = count();
    await delay(300);
  }
}

test("ServerTlsConn.write() waits for a client that reads nothing, and closeWrite() waits for a limited time", () =>
  withPair(async (_client, served) => {
    let written = 0;
    const piece = new Uint8Array(65_536);
    const writing = assertRejects(async () => {
      // Far more than the buffers of both systems hold.
      for (; written < 2_000; written++) await served.write(piece);
    });
    await untilStill(() => written);
    await assertRejects(() => served.closeWrite(), Deno.errors.TimedOut);
    served.close();
    await writing;
    assertEquals(written < 2_000, true);
  }));

test("ServerTlsConn reads no more from a client than its reader does", () =>
  withPair(async (client, served) => {
    let sent = 0;
    const piece = new Uint8Array(65_536);
    const sending = assertRejects(async () => {
      for (; sent < 2_000; sent++) await client.write(piece);
    });
    await untilStill(() => sent);
    served.close();
    await served.ended;
    client.close();
    await sending;
    assertEquals(sent < 2_000, true);
  }));

test("ServerTlsConn.close() fails pending and later operations", () =>
  withPair(async (_client, served) => {
    const buffer = new Uint8Array(9);
    const pending = assertRejects(() => served.read(buffer));
    served.close();
    await pending;
    await assertRejects(() => served.read(buffer));
    await assertRejects(() => served.write(buffer));
    served.close();
  }));

test("ServerTlsConn.readable and writable read and write its bytes as web streams", () =>
  withPair(async (client, served) => {
    const echo = served.readable.pipeTo(served.writable);
    await client.write(bytes("to and fro"));
    await client.closeWrite();
    assertEquals(await new Response(client.readable).text(), "to and fro");
    await echo;
  }));
