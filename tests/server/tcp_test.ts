// Addresses, binding, and the life of a server.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Address,
  HTTPServer,
  type ListenOptions,
  TCPServer,
  ThreadingHTTPServer,
} from "../../mod.ts";
import { denoArguments } from "../_command.ts";
import {
  ANY,
  ask,
  askOnce,
  connect,
  HAS_IPV6,
  HELLO,
  Hello,
  SERVERS,
  test,
  Upper,
} from "./_harness.ts";

const ON_WINDOWS = Deno.build.os === "windows";

/** Sends the client's address as the handler sees it. */
class WhoAmI extends Hello {
  override do_GET() {
    this.path = this.client_address[0];
    super.do_GET();
  }
}

/** Asserts that connections to a server's port are refused. */
async function assertNobodyListens(server: TCPServer): Promise<void> {
  await assertRejects(() => connect(server), Deno.errors.ConnectionRefused);
}

/** A temporary folder, which is removed at the end of the scope. */
function temporaryFolder(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync();
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

test("TCPServer.server_address has the real port if 0 was requested", async () => {
  await using server = new TCPServer(ANY, Upper);
  const [host, port] = server.server_address as Address;
  assertEquals(host, "127.0.0.1");
  assert(port > 0);
  assertEquals(server.server_name, "127.0.0.1");
  assertEquals(server.server_port, port);
  assertEquals((server.socket?.addr as Deno.NetAddr).port, port);
});

test("TCPServer serves any handler, such as a line protocol", async () => {
  await using server = new TCPServer(ANY, Upper);
  server.serve_forever();
  using client = await connect(server);
  await client.write("tea, please\n");
  assertEquals(await client.readToEnd(), "TEA, PLEASE\n");
});

test("TCPServer listens on IPv6", async () => {
  await using server = new HTTPServer(["::1", 0], WhoAmI);
  server.serve_forever();
  assertEquals((server.server_address as Address)[0], "::1");
  const response = await fetch(`http://[::1]:${server.server_port}/`);
  assertEquals(await response.text(), "hello ::1\n");
}, !HAS_IPV6);

test(
  "TCPServer on :: also serves IPv4 clients, and shows their addresses as IPv4",
  async () => {
    await using server = new ThreadingHTTPServer(["::", 0], WhoAmI);
    server.serve_forever();
    assertEquals(await askOnce(server), "hello 127.0.0.1\n");
  },
  !HAS_IPV6,
);

test("TCPServer.address_family decides which addresses an empty host means", async () => {
  await using four = new ThreadingHTTPServer(["", 0], WhoAmI);
  assertEquals(four.server_name, "0.0.0.0");
  four.serve_forever();
  assertEquals(await askOnce(four), "hello 127.0.0.1\n");
  if (!HAS_IPV6) return;
  class Both extends ThreadingHTTPServer {
    static override address_family = "AF_INET6" as const;
  }
  await using six = new Both(["", 0], WhoAmI);
  assertEquals(six.server_name, "::");
});

test(
  "TCPServer listens on a Unix socket and removes its file at the end",
  async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/s`;
    for (let round = 0; round < 2; round++) {
      await using server = new ThreadingHTTPServer(path, WhoAmI);
      server.serve_forever();
      assertEquals(server.server_address, path);
      assertEquals(server.server_name, path);
      assertEquals(server.server_port, 0);
      using conn = await Deno.connect({ transport: "unix", path });
      await conn.write(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
      const response = await new Response(conn.readable).text();
      assert(response.endsWith("\r\n\r\nhello unix:\n"), response);
      await server.server_close();
      assertThrows(() => Deno.lstatSync(path), Deno.errors.NotFound);
    }
  },
  ON_WINDOWS,
);

test("TCPServer throws if it can't bind, and leaks nothing", async () => {
  await using first = new HTTPServer(ANY, Hello);
  for (let n = 0; n < 300; n++) {
    const Server = SERVERS[n % 2]!;
    assertThrows(
      () => new Server(first.server_address, Hello),
      Deno.errors.AddrInUse,
    );
  }
  await first.server_close();
  await using second = new HTTPServer(first.server_address, Hello);
  assertEquals(second.server_port, first.server_port);
});

test("TCPServer closes its socket if server_activate() fails", async () => {
  let port = 0;
  class Failing extends HTTPServer {
    override server_activate() {
      port = this.server_port;
      throw new RangeError("not today");
    }
  }
  assertThrows(() => new Failing(ANY, Hello), RangeError, "not today");
  await using server = new HTTPServer(["127.0.0.1", port], Hello);
  assertEquals(server.server_port, port);
});

test("TCPServer refuses an invalid port", () => {
  assertThrows(() => new TCPServer(["127.0.0.1", 70_000], Upper), RangeError);
});

test("TCPServer binds later if asked to", async () => {
  await using server = new HTTPServer(ANY, Hello, false);
  assertEquals(server.socket, undefined);
  assertEquals(server.server_address, ANY);
  await assertRejects(() => server.serve_forever(), TypeError, "not bound");
  await assertRejects(() => server.handle_request(), TypeError, "not bound");
  await server.shutdown();
  server.server_bind();
  server.server_activate();
  server.serve_forever();
  assertEquals(await askOnce(server), HELLO);
});

test("TCPServer can be closed without being bound", async () => {
  const server = new HTTPServer("/nowhere/s", Hello, false);
  await server.server_close();
});

test("TCPServer reads its settings from static fields of the class", async () => {
  const asked: ListenOptions[] = [];
  class Asking extends TCPServer {
    override listen(options: ListenOptions) {
      asked.push(options);
      return super.listen(options);
    }
  }
  class Mine extends Asking {
    static override request_queue_size = 50;
    static override address_family = "AF_INET6" as const;
  }
  await using _usual = new Asking(ANY, Upper);
  await using _mine = new Mine(ANY, Upper);
  assertEquals(asked, [
    { family: "AF_INET", backlog: 5, reusePort: false },
    { family: "AF_INET6", backlog: 50, reusePort: false },
  ]);
  assertEquals(HTTPServer.request_queue_size, 511);
  assertEquals(ThreadingHTTPServer.allow_reuse_address, true);
  assertEquals(ThreadingHTTPServer.daemon_threads, true);
});

test("TCPServer.listen() can be overridden", async () => {
  class Elsewhere extends HTTPServer {
    override listen() {
      return Deno.listen({ hostname: "127.0.0.1", port: 0 });
    }
  }
  await using server = new Elsewhere(["192.0.2.1", 80], Hello);
  server.serve_forever();
  assertEquals(server.server_name, "127.0.0.1");
  assertEquals(await askOnce(server), HELLO);
});

for (const Server of SERVERS) {
  test(`${Server.name}.server_close() works right after construction`, async () => {
    const server = new Server(ANY, Hello);
    const closed = server.server_close();
    assertStrictEquals(server.server_close(), closed);
    await closed;
    await assertNobodyListens(server);
    await assertRejects(() => server.serve_forever(), TypeError, "closed");
    await assertRejects(() => server.handle_request(), TypeError, "closed");
  });

  test(`${Server.name} is closed at the end of an await using scope`, async () => {
    const { server, serving } = await (async () => {
      await using server = new Server(ANY, Hello);
      const serving = server.serve_forever();
      assertEquals(await askOnce(server), HELLO);
      return { server, serving };
    })();
    await assertNobodyListens(server);
    await serving;
  });

  test(`${Server.name} is closed at the end of a using scope`, async () => {
    const { server, serving } = await (async () => {
      using server = new Server(ANY, Hello);
      const serving = server.serve_forever();
      assertEquals(await askOnce(server), HELLO);
      return { server, serving };
    })();
    await serving;
    // The end of the scope does not wait; this call does.
    await server.server_close();
    await assertNobodyListens(server);
  });

  test(`${Server.name}.server_close() leaves the address free`, async () => {
    await using first = new Server(ANY, Hello);
    for (let n = 0; n < 20; n++) {
      await using server = new Server(first.server_address, Hello, false);
      if (n === 0) await first.server_close();
      server.server_bind();
      const serving = server.serve_forever();
      if (n % 2 === 0) assertEquals(await askOnce(server), HELLO);
      await server.server_close();
      await serving;
    }
  });

  test(`${Server.name} is closed by its signal`, async () => {
    const abort = new AbortController();
    const server = new Server(ANY, Hello, true, { signal: abort.signal });
    const serving = server.serve_forever();
    using client = await connect(server);
    assertEquals(await ask(client), HELLO);
    abort.abort();
    await serving;
    await client.assertClosed();
    await server.server_close();
    await assertNobodyListens(server);
  });
}

test("TCPServer does not start with an aborted signal", () => {
  const reason = new RangeError("changed my mind");
  const signal = AbortSignal.abort(reason);
  assertThrows(
    () => new HTTPServer(ANY, Hello, true, { signal }),
    RangeError,
    "changed my mind",
  );
});

test("TCPServer is closed by a signal before it serves", async () => {
  const abort = new AbortController();
  const { signal } = abort;
  const server = new HTTPServer(ANY, Hello, true, { signal });
  abort.abort();
  await assertRejects(() => server.serve_forever(), TypeError, "closed");
  await assertNobodyListens(server);
});

test("TCPServer removes its listener from the signal when it is closed", async () => {
  const abort = new AbortController();
  const { signal } = abort;
  let listeners = 0;
  const add = signal.addEventListener;
  const remove = signal.removeEventListener;
  signal.addEventListener = (...args: unknown[]) => {
    listeners++;
    add.apply(signal, args as never);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    listeners--;
    remove.apply(signal, args as never);
  };
  const server = new HTTPServer(ANY, Hello, true, { signal });
  assertEquals(listeners, 1);
  await server.server_close();
  assertEquals(listeners, 0);
});

test("TCPServer.serve_forever() throws if its socket was closed directly", async () => {
  const server = new HTTPServer(ANY, Hello);
  const serving = server.serve_forever();
  server.socket?.close();
  await assertRejects(() => serving, Deno.errors.BadResource);
  await server.server_close();
});

test("TCPServer refuses to serve twice at a time", async () => {
  await using server = new HTTPServer(ANY, Hello);
  server.serve_forever();
  await assertRejects(() => server.serve_forever(), TypeError, "already");
  assertEquals(await askOnce(server), HELLO);
});

test("TCPServer does not keep a program alive that served without closing it", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/program.ts`;
  await Deno.writeTextFile(
    file,
    `import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "${
      import.meta.resolve("../../mod.ts")
    }";
    const server = new ThreadingHTTPServer(["127.0.0.1", 0], BaseHTTPRequestHandler);
    const serving = server.serve_forever();
    setTimeout(() => server.shutdown(), 20);
    await serving;
    server.timeout = 0.02;
    await server.handle_request();
    console.log("served");`,
  );
  const output = await new Deno.Command(Deno.execPath(), {
    args: denoArguments(file),
    signal: AbortSignal.timeout(15_000),
  }).output();
  assertEquals(new TextDecoder().decode(output.stdout), "served\n");
  assertEquals(output.code, 0);
});

test("TCPServer shows the settings of its class, and refuses to change them", async () => {
  class Own extends TCPServer {
    static override request_queue_size = 7;
    static override gracePeriod = 0.5;
  }
  await using server = new Own(ANY, Hello);
  assertEquals(
    [
      server.address_family,
      server.request_queue_size,
      server.allow_reuse_address,
      server.allow_reuse_port,
      server.maxConnections,
      server.gracePeriod,
    ],
    ["AF_INET", 7, false, false, 4096, 0.5],
  );
  assertThrows(() => Object.assign(server, { gracePeriod: 9 }), TypeError);
});

test("TCPServer.socket can't be set, and the error names HTTPSServer", async () => {
  for (const bound of [true, false]) {
    await using server = new TCPServer(ANY, Upper, bound);
    const { socket } = server;
    // As in Python's `server.socket = context.wrap_socket(server.socket)`.
    assertThrows(
      () => Object.assign(server, { socket: undefined }),
      TypeError,
      "Cannot set server.socket: use HTTPSServer",
    );
    assertEquals(server.socket, socket);
    assertEquals(socket !== undefined, bound);
  }
});
