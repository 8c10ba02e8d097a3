// Behaviours of CPython's `socketserver` that its tests don't cover, by the numbers of
// docs/parity.md.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Address,
  BaseRequestHandler,
  type Connection,
  StreamRequestHandler,
  TCPServer,
  type TCPServerClass,
  ThreadingHTTPServer,
  ThreadingTCPServer,
} from "../../mod.ts";
import {
  ANY,
  connect,
  delay,
  Gate,
  test,
  until,
  Upper,
} from "../server/_harness.ts";
import { Echo, runServer, strict } from "./_socketserver.ts";

test("behaviour 161: server_address is the bound address, with its real port", async () => {
  await using server = new TCPServer(ANY, Echo);
  const { hostname, port } = server.socket?.addr as Deno.NetAddr;
  assertEquals(server.server_address, [hostname, port]);
  assert(port > 0);
});

test("behaviour 172: serve_forever() ignores timeout and calls service_actions() each time", async () => {
  const calls = { service_actions: 0, handle_timeout: 0 };
  class Counting extends TCPServer {
    override timeout = 0.001;
    override service_actions() {
      calls.service_actions++;
    }
    override handle_timeout() {
      calls.handle_timeout++;
    }
  }
  await using server = new Counting(ANY, Echo);
  const serving = server.serve_forever(0.01);
  await until(() => calls.service_actions >= 3, "it was called three times");
  await server.shutdown();
  await serving;
  assertEquals(calls.handle_timeout, 0);
});

test("behaviour 172: handle_request() calls handle_timeout() if nobody connects in time", async () => {
  let timeouts = 0;
  class Counting extends TCPServer {
    override timeout = 0.05;
    override handle_timeout() {
      timeouts++;
    }
  }
  await using server = new Counting(ANY, Echo);
  const started = performance.now();
  await server.handle_request();
  assert(performance.now() - started >= 49);
  assertEquals(timeouts, 1);
});

test("behaviour 172: a connection that can't be accepted is skipped", async () => {
  let failures = 1;
  class Unlucky extends TCPServer {
    override listen() {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const accept = listener.accept.bind(listener);
      listener.accept = () =>
        failures-- > 0
          ? Promise.reject(new Deno.errors.ConnectionAborted("gone"))
          : accept();
      return listener;
    }
  }
  await using server = new (strict(Unlucky))(ANY, Echo);
  // As in CPython, it returns without having served a client.
  await server.handle_request();
  await runServer(server, () => connect(server));
});

test("behaviour 172: an error in process_request() goes to handle_error(), then shutdown_request()", async () => {
  const calls: string[] = [];
  class Failing extends TCPServer {
    override process_request(): Promise<void> {
      throw new RangeError("not this one");
    }
    override handle_error(_request: Connection, _: Address, error: unknown) {
      calls.push(String(error));
    }
    override async shutdown_request(request: Connection) {
      calls.push("shutdown_request");
      await super.shutdown_request(request);
    }
  }
  await using server = new Failing(ANY, Echo);
  using client = await connect(server);
  await server.handle_request();
  await client.assertClosed();
  assertEquals(calls, ["RangeError: not this one", "shutdown_request"]);
});

test("behaviour 173: a constructor that fails closes the server and throws the same error", async () => {
  const failure = new RangeError("not today");
  const sockets: Deno.Listener[] = [];
  let closed = 0;
  class Failing extends TCPServer {
    override server_activate() {
      sockets.push(this.socket!);
      throw failure;
    }
    override server_close() {
      closed++;
      return super.server_close();
    }
  }
  const thrown = assertThrows(() => new Failing(ANY, Echo));
  assertStrictEquals(thrown, failure);
  assertEquals(closed, 1);
  await assertRejects(() => sockets[0]!.accept(), Deno.errors.BadResource);
});

test("behaviour 173: shutdown() can be awaited in a handler, where CPython's deadlocks", async () => {
  class Last extends StreamRequestHandler {
    override async handle() {
      await this.server.shutdown();
      this.wfile.write("was the last\n");
    }
  }
  for (const Server of [TCPServer, ThreadingTCPServer]) {
    await using server = new (strict(Server))(ANY, Last);
    const serving = server.serve_forever();
    using client = await connect(server);
    assertEquals(await client.readToEnd(), "was the last\n");
    await serving;
  }
});

test("behaviour 174: shutdown_request() ends the stream to the client, which receives all of it", async () => {
  class Careless extends StreamRequestHandler {
    override async handle() {
      await this.rfile.readline();
      // The rest of the client's data is never read.
      this.wfile.write("x".repeat(300_000));
    }
  }
  await using server = new (strict(TCPServer))(ANY, Careless);
  server.serve_forever();
  using client = await connect(server);
  await client.write("y\n".repeat(5_000));
  assertEquals((await client.readToEnd()).length, 300_000);
});

test("behaviour 174: shutdown_request() accepts that the client has disconnected", async () => {
  const gate = new Gate();
  const ended: boolean[] = [];
  class Waiting extends BaseRequestHandler {
    override async handle() {
      this.request.wfile.write("x".repeat(1_000));
      await this.request.wfile.flush();
      await gate.pass();
    }
  }
  class Recording extends TCPServer {
    override async shutdown_request(request: Connection) {
      await super.shutdown_request(request);
      ended.push(request.closed);
    }
  }
  await using server = new (strict(Recording))(ANY, Waiting);
  const handled = server.handle_request();
  const client = await connect(server);
  await client.read(1);
  await gate.reached;
  // Closing with unread input resets the connection.
  client.close();
  await delay(10);
  gate.open();
  await handled;
  assertEquals(ended, [true]);
});

/** Whether `server_close()` waits for a handler that has been running for longer than the grace period. */
async function waitsForHandlers(
  Server: TCPServerClass,
): Promise<boolean> {
  const gate = new Gate();
  class Slow extends Upper {
    override async handle() {
      await gate.pass();
    }
  }
  const server = new Server(ANY, Slow);
  const serving = server.serve_forever();
  using _client = await connect(server);
  await gate.reached;
  let closed = false;
  const closing = server.server_close().then(() => closed = true);
  await delay(100);
  const waited = !closed;
  gate.open();
  await closing;
  await serving;
  return waited;
}

test("behaviour 175: server_close() waits for handlers that are not daemons, with block_on_close", async () => {
  class Joining extends ThreadingTCPServer {
    static override gracePeriod = 0.01;
  }
  class Leaving extends Joining {
    static override block_on_close = false;
  }
  assertEquals(await waitsForHandlers(Joining), true);
  assertEquals(await waitsForHandlers(Leaving), false);
});

test("behaviour 175: the handlers of ThreadingHTTPServer are daemons, which are cut after gracePeriod", async () => {
  assertEquals(ThreadingHTTPServer.daemon_threads, true);
  const gate = new Gate();
  class Hasty extends ThreadingHTTPServer {
    static override gracePeriod = 0.01;
  }
  class Slow extends Upper {
    override handle() {
      return gate.pass();
    }
  }
  const server = new Hasty(ANY, Slow);
  const serving = server.serve_forever();
  using client = await connect(server);
  await gate.reached;
  const closing = server.server_close();
  await client.assertClosed();
  gate.open();
  await closing;
  await serving;
});
