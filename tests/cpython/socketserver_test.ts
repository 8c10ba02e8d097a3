// CPython's test_socketserver.py, with its names, as far as Deno supports it: datagrams,
// forks and file numbers are left out.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as library from "../../mod.ts";
import {
  BaseRequestHandler,
  type Connection,
  StreamRequestHandler,
  TCPServer,
  ThreadingMixIn,
  ThreadingTCPServer,
  ThreadingUnixStreamServer,
  UnixStreamServer,
} from "../../mod.ts";
import { denoArguments } from "../_command.ts";
import { ANY, connect, test } from "../server/_harness.ts";
import {
  connectPath,
  temporaryPath,
  WITHOUT_UNIX_SOCKETS,
} from "../server/_unix.ts";
import { assertClosed, Echo, runServer, strict } from "./_socketserver.ts";

/** The size that CPython's test writes at once, in bytes: more than a socket buffers. */
const LARGE = 16 * 1024 * 1024 + 1;

for (
  const [name, Server] of [
    ["test_TCPServer", TCPServer],
    ["test_ThreadingTCPServer", ThreadingTCPServer],
  ] as const
) {
  test(`SocketServerTest.${name}: three clients are served, and nothing listens after the close`, async () => {
    await using server = new (strict(Server))(ANY, Echo);
    assertEquals(
      server.server_port,
      (server.socket?.addr as Deno.NetAddr).port,
    );
    await runServer(server, () => connect(server));
  });
}

for (
  const [name, Server] of [
    ["test_UnixStreamServer", UnixStreamServer],
    ["test_ThreadingUnixStreamServer", ThreadingUnixStreamServer],
  ] as const
) {
  test(
    `SocketServerTest.${name}: three clients are served, and nothing listens after the close`,
    async () => {
      using place = temporaryPath();
      const { path } = place;
      await using server = new (strict(Server))(path, Echo);
      assertEquals(server.server_address, path);
      await runServer(server, () => connectPath(path));
    },
    WITHOUT_UNIX_SOCKETS,
  );
}

test("SocketServerTest.test_shutdown: shutdown() ends serve_forever() promptly, of twenty servers", async () => {
  const servers = Array.from({ length: 20 }, () => new TCPServer(ANY, Echo));
  const served = [];
  for (const server of servers) {
    served.push(server.serve_forever(0.01));
    await server.shutdown();
  }
  await Promise.all(served);
  for (const server of servers) await server.server_close();
});

test("SocketServerTest.test_close_immediately: a threading server can be closed right after its construction", async () => {
  class MyServer extends ThreadingMixIn(TCPServer) {}
  const server = new MyServer(ANY, BaseRequestHandler);
  await server.server_close();
  await assertClosed(server);
});

test("SocketServerTest.test_tcpserver_bind_leak: 1024 servers that can't bind leave nothing open", async () => {
  await using taken = new TCPServer(ANY, Echo);
  for (let n = 0; n < 1024; n++) {
    assertThrows(() => new TCPServer(["127.0.0.1", -1], Echo), RangeError);
    assertThrows(
      () => new TCPServer(taken.server_address, Echo),
      Deno.errors.AddrInUse,
    );
  }
});

test("SocketServerTest.test_context_manager: the end of the scope closes the server", async () => {
  let server: TCPServer;
  {
    await using scoped = new TCPServer(ANY, Echo);
    server = scoped;
  }
  await assertClosed(server);
  {
    using scoped = new TCPServer(ANY, Echo);
    server = scoped;
  }
  await assertClosed(server);
});

/** How a server handles a failing handler, in the terms of CPython's test. */
async function failing(Server: typeof TCPServer): Promise<string[]> {
  const log: string[] = [];
  const done = Promise.withResolvers<void>();
  class ErrorTestServer extends Server {
    override handle_error() {
      log.push("Error handled");
    }
    override async shutdown_request(request: Connection) {
      await super.shutdown_request(request);
      done.resolve();
    }
  }
  class BadHandler extends BaseRequestHandler {
    override handle() {
      log.push("Handler called");
      throw new RangeError("Test error");
    }
  }
  await using server = new ErrorTestServer(ANY, BadHandler);
  (await connect(server)).close();
  await server.handle_request();
  await done.promise;
  return log;
}

/** Runs a program whose handler ends it; returns the exit code and output. */
async function exiting(Server: string): Promise<[number, string]> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      file,
      `import { BaseRequestHandler, ${Server} } from "${
        import.meta.resolve("../../mod.ts")
      }";
      class Bad extends BaseRequestHandler {
        handle() {
          console.log("Handler called");
          Deno.exit(72);
        }
      }
      class Server extends ${Server} {
        handle_error() {
          console.log("Error handled");
        }
      }
      const server = new Server(["127.0.0.1", 0], Bad);
      const port = server.server_port;
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await server.handle_request();
      await conn.read(new Uint8Array(1));`,
    );
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: denoArguments(file),
      signal: AbortSignal.timeout(15_000),
    }).output();
    return [code, new TextDecoder().decode(stdout)];
  } finally {
    await Deno.remove(file);
  }
}

test("ErrorHandlerTest.test_sync_handled: a handler's error goes to handle_error()", async () => {
  assertEquals(await failing(TCPServer), ["Handler called", "Error handled"]);
});

test("ErrorHandlerTest.test_sync_not_handled: a handler that ends the program is not an error", async () => {
  assertEquals(await exiting("TCPServer"), [72, "Handler called\n"]);
});

test("ErrorHandlerTest.test_threading_handled: a handler's error goes to handle_error()", async () => {
  assertEquals(await failing(ThreadingTCPServer), [
    "Handler called",
    "Error handled",
  ]);
});

test("ErrorHandlerTest.test_threading_not_handled: a handler that ends the program is not an error", async () => {
  assertEquals(await exiting("ThreadingTCPServer"), [72, "Handler called\n"]);
});

test("SocketWriterTest.test_basics: wfile is a writer over the handler's own connection", async () => {
  const seen: boolean[] = [];
  class Looking extends StreamRequestHandler {
    override handle() {
      seen.push(
        this.wfile instanceof library.ResponseWriter,
        this.wfile === this.request.wfile,
        this.connection === this.request,
      );
    }
  }
  await using server = new (strict(TCPServer))(ANY, Looking);
  (await connect(server)).close();
  await server.handle_request();
  assertEquals(seen, [true, true, true]);
});

test("SocketWriterTest.test_write: wfile.write() sends everything without flush(), despite signals", async () => {
  const sent: number[] = [];
  let received = "";
  const writing = Promise.withResolvers<void>();
  class Writing extends StreamRequestHandler {
    override async handle() {
      sent.push(await this.wfile.write("write data\n"));
      received = new TextDecoder().decode(await this.rfile.readline());
      const large = this.wfile.write(new Uint8Array(LARGE));
      writing.resolve();
      sent.push(await large);
    }
  }
  await using server = new (strict(TCPServer))(ANY, Writing);
  const handled = server.handle_request();
  using client = await connect(server);
  assertEquals(await client.readUntil("\n"), "write data\n");
  await client.write("client response\n");
  await writing.promise;
  await client.read(100);
  // The server now waits until the client reads on.
  await interrupt();
  assertEquals((await client.readToEnd()).length, LARGE - 100);
  await handled;
  assertEquals(sent, [11, LARGE]);
  assertEquals(received, "client response\n");
});

/** Sends a signal to this process, if the system has signals. */
async function interrupt(): Promise<void> {
  if (Deno.build.os === "windows") return;
  const came = Promise.withResolvers<void>();
  Deno.addSignalListener("SIGUSR1", came.resolve);
  Deno.kill(Deno.pid, "SIGUSR1");
  await came.promise;
  Deno.removeSignalListener("SIGUSR1", came.resolve);
}

test("MiscTestCase.test_all: every supported name of socketserver is exported", () => {
  const names = [
    "BaseServer",
    "TCPServer",
    "ThreadingTCPServer",
    "BaseRequestHandler",
    "StreamRequestHandler",
    "ThreadingMixIn",
    "UnixStreamServer",
    "ThreadingUnixStreamServer",
  ];
  for (const name of names) {
    assertEquals(typeof library[name as keyof typeof library], "function");
  }
});

test("MiscTestCase.test_shutdown_request_called_if_verify_request_false: shutdown_request() is called if verify_request() is false", async () => {
  let calls = 0;
  class Picky extends TCPServer {
    override verify_request() {
      return false;
    }
    override async shutdown_request(request: Connection) {
      calls++;
      await super.shutdown_request(request);
    }
  }
  await using server = new Picky(ANY, StreamRequestHandler);
  (await connect(server)).close();
  await server.handle_request();
  assertEquals(calls, 1);
});

test("MiscTestCase.test_threads_reaped: handlers that have ended are not kept", async () => {
  class Small extends ThreadingTCPServer {
    static override maxConnections = 2;
  }
  await using server = new (strict(Small))(ANY, StreamRequestHandler);
  // If ended handlers counted, there would be no place for the third.
  server.timeout = 5;
  for (let n = 0; n < 10; n++) {
    using client = await connect(server);
    await server.handle_request();
    await client.assertClosed();
  }
  const closing = performance.now();
  await server.server_close();
  assert(performance.now() - closing < 3_000);
});
