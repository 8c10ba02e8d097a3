// One accepted socket: deadlines, the one close, and the gentle end.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Connection } from "../../connection/connection.ts";
import { isDisconnect } from "../../connection/errors.ts";
import { bytes, stateOf, text } from "./_memory.ts";

/** Names a test that leaves nothing behind and ends within a bounded time. */
function test(
  name: string,
  fn: () => Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name,
    fn,
    ignore,
    sanitizeOps: true,
    sanitizeResources: true,
    timeout: 20_000,
  });
}

/** Both ends of a TCP connection, closed at the end of a scope. */
async function connect(onClose?: () => void): Promise<
  & { connection: Connection; client: Deno.TcpConn; local: string }
  & Disposable
> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const [client, conn] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  const connection = new Connection(conn, onClose);
  const { hostname, port: local } = client.localAddr;
  return {
    connection,
    client,
    local: `${hostname}:${local}`,
    [Symbol.dispose]() {
      connection.close();
      try {
        client.close();
      } catch {
        // The test has closed it.
      }
    },
  };
}

/** All that comes until the end, with `null` in place of an end by reset. */
async function readToEnd(conn: Deno.Conn): Promise<string | null> {
  const buffer = new Uint8Array(65_536);
  let all = "";
  try {
    for (;;) {
      const size = await conn.read(buffer);
      if (size === null) return all;
      all += text(buffer.subarray(0, size));
    }
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return null;
    throw error;
  }
}

async function writeAll(conn: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += await conn.write(data.subarray(at));
}

test("Connection.client_address is the peer's host and port", async () => {
  using pair = await connect();
  assertEquals(pair.connection.client_address.join(":"), pair.local);
});

test("Connection reads and writes through rfile and wfile", async () => {
  using pair = await connect();
  await pair.client.write(bytes("hello\n"));
  assertEquals(text(await pair.connection.rfile.readline()), "hello\n");
  await pair.connection.wfile.write("hi");
  await pair.connection.shutdown();
  assertEquals(await readToEnd(pair.client), "hi");
});

test("Connection.settimeout() takes seconds above 0, or null", async () => {
  using pair = await connect();
  const { connection } = pair;
  assertEquals(connection.timeout, 60);
  for (const wrong of [0, -1, NaN]) {
    assertThrows(() => connection.settimeout(wrong), RangeError);
  }
  connection.settimeout(0.5);
  assertEquals(connection.timeout, 0.5);
  connection.settimeout(null);
  assertEquals(connection.timeout, null);
  connection.settimeout(Infinity);
});

test("Connection.read() gives up after the timeout, and for good", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  connection.settimeout(0.1);
  const started = performance.now();
  const into = new Uint8Array(10);
  const error = await assertRejects(
    () => connection.read(into),
    Deno.errors.TimedOut,
  );
  assert(performance.now() - started >= 99);
  assertEquals(isDisconnect(error), false);
  // A read is still on its way to that buffer: another one must not begin.
  const again = assertRejects(
    () => connection.read(into),
    Deno.errors.TimedOut,
  );
  await client.write(bytes("late"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await client.write(bytes("later"));
  await again;
  // The other direction is not touched.
  await connection.wfile.write("408");
  await connection.shutdown();
  assertEquals(await readToEnd(client), "408");
});

test("Connection.read() does not wait beyond the moment it is given", async () => {
  using pair = await connect();
  const until = performance.now() + 50;
  await assertRejects(
    () => pair.connection.read(new Uint8Array(1), until),
    Deno.errors.TimedOut,
  );
});

test("Connection.read() keeps its deadline where an earlier read is still pending", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  const first = connection.read(new Uint8Array(1));
  const second = connection.read(
    new Uint8Array(1),
    performance.now() + 100,
  );
  await client.write(bytes("x"));
  assertEquals(await first, 1);
  await assertRejects(() => second, Deno.errors.TimedOut);
});

test("Connection.write() gives up where the peer reads nothing", async () => {
  using pair = await connect();
  const { connection } = pair;
  connection.settimeout(0.1);
  await assertRejects(
    () => connection.wfile.write(new Uint8Array(64 * 1024 * 1024)),
    Deno.errors.TimedOut,
  );
  await assertRejects(() => connection.wfile.flush(), Deno.errors.TimedOut);
  await assertRejects(
    () => connection.write(new Uint8Array(1)),
    Deno.errors.TimedOut,
  );
});

test("Connection cuts off a peer that sends a head byte by byte, after one timeout in all", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  connection.settimeout(0.3);
  const head = (async () => {
    await connection.rfile.readRequestLine();
    await connection.rfile.readHeaderBlock();
  })();
  const cut = assertRejects(() => head, Deno.errors.TimedOut);
  // It never stays silent as long as the timeout, and would go on for ten times that.
  let over = false;
  let sent = 0;
  const dripping = (async () => {
    for (; !over && sent < 120; sent++) {
      await client.write(bytes("x"));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  })();
  await cut;
  over = true;
  await dripping;
  assert(sent < 110, `${sent} bytes were taken`);
});

test("Connection.close() closes once and tells once", async () => {
  let told = 0;
  using pair = await connect(() => told++);
  const { connection, client } = pair;
  assertEquals(connection.closed, false);
  connection.close();
  connection.close();
  connection[Symbol.dispose]();
  await connection.shutdown();
  assertEquals(connection.closed, true);
  assertEquals(told, 1);
  assertEquals(await readToEnd(client), "");
});

test("Connection.close() ends what is pending, as a disconnect", async () => {
  using pair = await connect();
  const { connection } = pair;
  const reading = connection.rfile.readline();
  assertEquals(await stateOf(reading), "pending");
  connection.close();
  assert(isDisconnect(await assertRejects(() => reading, Error)));
});

test("Connection fails after its close, without a timer that stays behind", async () => {
  using pair = await connect();
  const { connection } = pair;
  connection.close();
  // What a handler does that was cut off. The sanitizer would see a timer.
  assert(
    isDisconnect(
      await assertRejects(() => connection.rfile.read(1), Error),
    ),
  );
  connection.wfile.write("too late");
  assert(
    isDisconnect(await assertRejects(() => connection.wfile.flush(), Error)),
  );
});

test("Connection.close() takes a socket that was closed directly", async () => {
  let told = 0;
  using pair = await connect(() => told++);
  pair.connection.conn.close();
  pair.connection.close();
  assertEquals(told, 1);
});

test("Connection.close() takes a socket whose stream was read to the end", async () => {
  let told = 0;
  using pair = await connect(() => told++);
  await pair.client.write(bytes("tunnelled"));
  pair.client.closeWrite();
  const { conn } = pair.connection;
  assertEquals(await new Response(conn.readable).text(), "tunnelled");
  await pair.connection.shutdown();
  assertEquals(told, 1);
});

test("Connection marks a peer's reset as a disconnect", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  await connection.write(bytes("unread"));
  await client.write(bytes("x"));
  // To close with unread input resets the connection.
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.close();
  const reading = connection.rfile.read();
  const error = await reading.then(() => undefined, (error) => error);
  assert(error === undefined || isDisconnect(error), String(error));
  const writing = (async () => {
    for (let n = 0; n < 100; n++) {
      await connection.wfile.write(new Uint8Array(100_000));
    }
  })();
  assert(isDisconnect(await assertRejects(() => writing, Error)));
});

test("Connection.shutdown() sends what still waits in wfile", async () => {
  using pair = await connect();
  const body = "x".repeat(8 * 1024 * 1024);
  pair.connection.wfile.write(body);
  const [, received] = await Promise.all([
    pair.connection.shutdown(),
    readToEnd(pair.client),
  ]);
  assertEquals(received?.length, body.length);
});

test("Connection.shutdown() lets a peer that still sends read the whole answer", async () => {
  for (const size of [300 * 1024, 16 * 1024 * 1024]) {
    using pair = await connect();
    const { connection, client } = pair;
    // The larger one is more than the system holds for a peer that reads nothing.
    const sending = writeAll(client, new Uint8Array(size));
    await connection.rfile.readline(1);
    const answer = "x".repeat(100_000);
    connection.wfile.write(answer);
    const [, received] = await Promise.all([
      connection.shutdown(),
      // It reads only once it has sent everything, as simple clients do.
      sending.then(() => client.closeWrite()).then(() => readToEnd(client)),
    ]);
    assertEquals(received?.length, answer.length, `${size} bytes`);
  }
});

test("Connection.shutdown() does not wait for ever for a peer that stays", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  connection.settimeout(0.2);
  await client.write(bytes("ab"));
  await connection.rfile.read(1);
  const started = performance.now();
  await connection.shutdown();
  assert(performance.now() - started >= 199);
  assertEquals(connection.closed, true);
});

test("Connection.shutdown() closes at once where all was read", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  await client.write(bytes("GET / HTTP/1.0\r\n\r\n"));
  await connection.rfile.readRequestLine();
  await connection.rfile.readHeaderBlock();
  connection.rfile.beginBody({ kind: "none" });
  const started = performance.now();
  await connection.shutdown();
  // The peer keeps its side open; to linger would take two seconds.
  assert(performance.now() - started < 1_500);
  assertEquals(await readToEnd(client), "");
});

test("Connection.shutdown() takes a peer that has reset the connection", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  await connection.write(bytes("unread"));
  await client.write(bytes("ab"));
  await connection.rfile.read(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.close();
  connection.wfile.write(new Uint8Array(10_000_000));
  await connection.shutdown();
  assertEquals(connection.closed, true);
});

test("Connection.setNoDelay() works on TCP", async () => {
  using pair = await connect();
  pair.connection.setNoDelay(true);
  pair.connection.setNoDelay(false);
});

test(
  "Connection of a Unix socket has no port and nothing to delay",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const address = { transport: "unix", path: `${folder}/s` } as const;
      using listener = Deno.listen(address);
      const [client, conn] = await Promise.all([
        Deno.connect(address),
        listener.accept(),
      ]);
      using _client = client;
      using connection = new Connection(conn);
      connection.setNoDelay(true);
      assertEquals(connection.client_address, ["unix:", 0]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
  Deno.build.os === "windows",
);

test("Connection.onClose() calls back once, also where it is closed already, and not when disposed", async () => {
  using pair = await connect();
  const { connection } = pair;
  const calls: string[] = [];
  connection.onClose(() => calls.push("kept"));
  connection.onClose(() => calls.push("taken off"))[Symbol.dispose]();
  assertEquals(calls, []);
  connection.close();
  connection.close();
  assertEquals(calls, ["kept"]);
  connection.onClose(() => calls.push("late"));
  assertEquals(calls, ["kept", "late"]);
});

test("Connection.lookAhead() has no limit of time until limitRead() sets one", async () => {
  using pair = await connect();
  const { connection } = pair;
  connection.settimeout(0.05);
  const looking = connection.lookAhead(new Uint8Array(9));
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertEquals(await stateOf(looking), "pending");
  connection.limitRead();
  const error = await assertRejects(() => looking, Deno.errors.TimedOut);
  assertEquals(isDisconnect(error), false);
});

test("Connection.lookAhead() gives what comes, and null at the end", async () => {
  using pair = await connect();
  const into = new Uint8Array(9);
  await pair.client.write(bytes("next"));
  assertEquals(await pair.connection.lookAhead(into), 4);
  assertEquals(text(into.subarray(0, 4)), "next");
  await pair.client.closeWrite();
  assertEquals(await pair.connection.lookAhead(into), null);
});

test("Connection.lookAhead() fails as a disconnect where the connection is closed meanwhile", async () => {
  using pair = await connect();
  const looking = pair.connection.lookAhead(new Uint8Array(9));
  pair.connection.close();
  assert(isDisconnect(await assertRejects(() => looking)));
});
