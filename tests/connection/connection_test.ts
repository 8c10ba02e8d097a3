// One accepted socket: deadlines, closing once, and the lingering close.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Connection } from "../../connection/connection.ts";
import { isDisconnect } from "../../connection/errors.ts";
import { bytes, stateOf, text } from "./_memory.ts";
import { boundedTest as test } from "../_lib/bounded.ts";

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
        // The test has already closed it.
      }
    },
  };
}

/** Reads to the end; `null` if the connection was reset. */
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

test("Connection.settimeout() accepts seconds above 0, or null", async () => {
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

test("Connection.read() fails after the timeout, and from then on", async () => {
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
  // A pending read still owns that buffer: another one must not begin.
  const again = assertRejects(
    () => connection.read(into),
    Deno.errors.TimedOut,
  );
  await client.write(bytes("late"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await client.write(bytes("later"));
  await again;
  // The other direction is not affected.
  await connection.wfile.write("408");
  await connection.shutdown();
  assertEquals(await readToEnd(client), "408");
});

test("Connection.read() does not wait beyond its deadline", async () => {
  using pair = await connect();
  const until = performance.now() + 50;
  await assertRejects(
    () => pair.connection.read(new Uint8Array(1), until),
    Deno.errors.TimedOut,
  );
});

test("Connection.read() keeps its deadline while an earlier read is pending", async () => {
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

test("Connection.write() times out if the peer reads nothing", async () => {
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

test("Connection applies one timeout to a whole head that is sent byte by byte", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  connection.settimeout(0.3);
  const head = (async () => {
    await connection.rfile.readRequestLine();
    await connection.rfile.readHeaderBlock();
  })();
  const cut = assertRejects(() => head, Deno.errors.TimedOut);
  // The peer is never silent for the whole timeout, but would go on for ten times as long.
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

test("Connection.close() closes once and calls onClose once", async () => {
  let calls = 0;
  using pair = await connect(() => calls++);
  const { connection, client } = pair;
  assertEquals(connection.closed, false);
  connection.close();
  connection.close();
  connection[Symbol.dispose]();
  await connection.shutdown();
  assertEquals(connection.closed, true);
  assertEquals(calls, 1);
  assertEquals(await readToEnd(client), "");
});

test("Connection.close() fails pending operations as a disconnect", async () => {
  using pair = await connect();
  const { connection } = pair;
  const reading = connection.rfile.readline();
  assertEquals(await stateOf(reading), "pending");
  connection.close();
  assert(isDisconnect(await assertRejects(() => reading, Error)));
});

test("Connection fails after it is closed, without leaving a timer", async () => {
  using pair = await connect();
  const { connection } = pair;
  connection.close();
  // As a handler does after its connection was cut. The sanitizer would report a timer.
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

test("Connection.close() accepts a socket that was closed directly", async () => {
  let calls = 0;
  using pair = await connect(() => calls++);
  pair.connection.conn.close();
  pair.connection.close();
  assertEquals(calls, 1);
});

test("Connection.close() accepts a socket whose stream was read to the end", async () => {
  let calls = 0;
  using pair = await connect(() => calls++);
  await pair.client.write(bytes("tunnelled"));
  pair.client.closeWrite();
  const { conn } = pair.connection;
  assertEquals(await new Response(conn.readable).text(), "tunnelled");
  await pair.connection.shutdown();
  assertEquals(calls, 1);
});

test("Connection marks a peer's reset as a disconnect", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  await connection.write(bytes("unread"));
  await client.write(bytes("x"));
  // Closing with unread input resets the connection.
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

test("Connection.shutdown() sends the bytes buffered in wfile", async () => {
  using pair = await connect();
  const body = "x".repeat(8 * 1024 * 1024);
  pair.connection.wfile.write(body);
  const [, received] = await Promise.all([
    pair.connection.shutdown(),
    readToEnd(pair.client),
  ]);
  assertEquals(received?.length, body.length);
});

test("Connection.shutdown() lets a peer that still sends read the whole response", async () => {
  for (const size of [300 * 1024, 16 * 1024 * 1024]) {
    using pair = await connect();
    const { connection, client } = pair;
    // The larger one exceeds what the system buffers for a peer that reads nothing.
    const sending = writeAll(client, new Uint8Array(size));
    await connection.rfile.readline(1);
    const response = "x".repeat(100_000);
    connection.wfile.write(response);
    const [, received] = await Promise.all([
      connection.shutdown(),
      // It reads only after sending everything, as simple clients do.
      sending.then(() => client.closeWrite()).then(() => readToEnd(client)),
    ]);
    assertEquals(received?.length, response.length, `${size} bytes`);
  }
});

test("Connection.shutdown() does not wait forever for a peer that stays", async () => {
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

test("Connection.shutdown() closes at once if everything was read", async () => {
  using pair = await connect();
  const { connection, client } = pair;
  await client.write(bytes("GET / HTTP/1.0\r\n\r\n"));
  await connection.rfile.readRequestLine();
  await connection.rfile.readHeaderBlock();
  connection.rfile.beginBody({ kind: "none" });
  const started = performance.now();
  await connection.shutdown();
  // The peer keeps its side open; lingering would take two seconds.
  assert(performance.now() - started < 1_500);
  assertEquals(await readToEnd(client), "");
});

test("Connection.shutdown() accepts that the peer has reset the connection", async () => {
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
  "Connection over a Unix socket has no port and ignores setNoDelay()",
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

test("Connection.onClose() calls back once, at once if it is closed already, and not when disposed", async () => {
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

test("Connection.lookAhead() has no time limit until limitRead() sets one", async () => {
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

test("Connection.lookAhead() returns the received bytes, and null at the end", async () => {
  using pair = await connect();
  const into = new Uint8Array(9);
  await pair.client.write(bytes("next"));
  assertEquals(await pair.connection.lookAhead(into), 4);
  assertEquals(text(into.subarray(0, 4)), "next");
  await pair.client.closeWrite();
  assertEquals(await pair.connection.lookAhead(into), null);
});

test("Connection.lookAhead() fails as a disconnect if the connection is closed meanwhile", async () => {
  using pair = await connect();
  const looking = pair.connection.lookAhead(new Uint8Array(9));
  pair.connection.close();
  assert(isDisconnect(await assertRejects(() => looking)));
});
