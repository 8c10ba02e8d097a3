// `NodeConn`, over real sockets of `node:net`.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer, type Socket } from "node:net";
import { NodeConn } from "../../server/node_conn.ts";
import { boundedTest } from "../_lib/bounded.ts";

/** A server's connection, and its client's side. */
interface Pair extends AsyncDisposable {
  readonly conn: NodeConn;
  readonly client: Deno.TcpConn;
}

async function connected(): Promise<Pair> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  const accepted = Promise.withResolvers<Socket>();
  server.on("connection", accepted.resolve);
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve())
  );
  const { port } = server.address() as { port: number };
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const conn = new NodeConn(await accepted.promise);
  return {
    conn,
    client,
    async [Symbol.asyncDispose]() {
      conn.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);

boundedTest("NodeConn reads and writes, in pieces that fit", async () => {
  await using pair = await connected();
  const { conn, client } = pair;
  using _client = client;
  await client.write(bytes("abcdef"));
  const small = new Uint8Array(4);
  assertEquals(await conn.read(small), 4);
  assertEquals(await conn.read(small), 2);
  assertEquals(await conn.write(bytes("answer")), 6);
  const received = new Uint8Array(10);
  assertEquals(await client.read(received), 6);
  assertEquals(conn.remoteAddr, client.localAddr);
  assertEquals(conn.localAddr, client.remoteAddr);
});

boundedTest(
  "NodeConn still writes after the client has ended its side",
  async () => {
    await using pair = await connected();
    const { conn, client } = pair;
    await client.closeWrite();
    assertEquals(await conn.read(new Uint8Array(4)), null);
    await conn.write(bytes("late"));
    await conn.closeWrite();
    assertEquals(await new Response(client.readable).text(), "late");
  },
);

boundedTest(
  "NodeConn.write() waits for a client that doesn't read",
  async () => {
    await using pair = await connected();
    const { conn, client } = pair;
    using _client = client;
    const written = conn.write(new Uint8Array(32 * 1024 * 1024))
      .then(() => "written", () => "failed");
    const first = await Promise.race([
      written,
      new Promise((resolve) => setTimeout(() => resolve("waits"), 200)),
    ]);
    assertEquals(first, "waits");
    conn.close();
    assertEquals(await written, "failed");
  },
);

boundedTest("NodeConn.close() fails pending and later operations", async () => {
  await using pair = await connected();
  const { conn, client } = pair;
  using _client = client;
  const reading = assertRejects(
    () => conn.read(new Uint8Array(1)),
    Deno.errors.UnexpectedEof,
  );
  conn.close();
  conn.close();
  await reading;
  await assertRejects(() => conn.read(new Uint8Array(1)));
  await assertRejects(() => conn.write(new Uint8Array(1)));
  await assertRejects(() => conn.closeWrite());
});

boundedTest("NodeConn.write() fails once its client has reset", async () => {
  await using pair = await connected();
  const { conn, client } = pair;
  await conn.write(bytes("unread"));
  // Closing with unread bytes sends a reset.
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.close();
  const error = await assertRejects(async () => {
    for (;;) await conn.write(bytes("more"));
  });
  assert(error instanceof Error, String(error));
});
