// Servers that serve in parallel, and how closing them affects running handlers.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  HTTPServer,
  StreamRequestHandler,
  TCPServer,
  ThreadingHTTPServer,
  ThreadingMixIn,
  ThreadingTCPServer,
} from "../../mod.ts";
import { threadingClosePlan } from "../../server/threading.ts";
import { denoArguments } from "../_command.ts";
import {
  ANY,
  ask,
  askOnce,
  connect,
  delay,
  Gate,
  HELLO,
  Hello,
  test,
  until,
  Upper,
} from "./_harness.ts";
import { pureTest } from "../_lib/pure.ts";

/** A line handler that responds once its gate is open, even after its server has closed. */
function gatedLine(gate: Gate): typeof Upper {
  return class extends Upper {
    override async handle() {
      await gate.pass();
      await super.handle();
    }
  };
}

/** The four kinds of threading servers, with a grace period that a test can outlast. */
function serverClass(
  daemon_threads: boolean,
  block_on_close: boolean,
): typeof ThreadingTCPServer {
  return class extends ThreadingTCPServer {
    static override daemon_threads = daemon_threads;
    static override block_on_close = block_on_close;
    static override gracePeriod = 0.05;
  };
}

/** Whether a promise settles within three times the grace period above. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true);
  await delay(150);
  return settled;
}

pureTest(
  "threadingClosePlan() bounds only daemons, and waits if asked to",
  () => {
    const gracePeriod = 5;
    for (const block_on_close of [true, false]) {
      assertEquals(
        threadingClosePlan({
          daemon_threads: true,
          block_on_close,
          gracePeriod,
        }),
        { grace: 5, wait: block_on_close },
      );
      assertEquals(
        threadingClosePlan({
          daemon_threads: false,
          block_on_close,
          gracePeriod,
        }),
        { grace: Infinity, wait: block_on_close },
      );
    }
  },
);

test("ThreadingMixIn() has CPython's defaults, and does not change its base class", () => {
  const Mixed = ThreadingMixIn(TCPServer);
  assertEquals([Mixed.daemon_threads, Mixed.block_on_close], [false, true]);
  assertEquals(
    [ThreadingTCPServer.daemon_threads, ThreadingTCPServer.block_on_close],
    [false, true],
  );
  assertEquals(
    [ThreadingHTTPServer.daemon_threads, ThreadingHTTPServer.block_on_close],
    [true, true],
  );
  assert(!("daemon_threads" in TCPServer) && !("daemon_threads" in HTTPServer));
  assertStrictEquals(Object.getPrototypeOf(Mixed), TCPServer);
  assertEquals(
    ThreadingHTTPServer.request_queue_size,
    HTTPServer.request_queue_size,
  );
});

test("ThreadingMixIn() extends a user's class and keeps its hooks", async () => {
  const seen: string[] = [];
  class Picky extends HTTPServer {
    override verify_request() {
      seen.push("verify_request");
      return true;
    }
  }
  class Mine extends ThreadingMixIn(Picky) {
    static override daemon_threads = true;
    override finish_request(...args: Parameters<Picky["finish_request"]>) {
      seen.push("finish_request");
      return super.finish_request(...args);
    }
  }
  await using server = new Mine(ANY, Hello);
  server.serve_forever();
  using first = await connect(server);
  assertEquals(await ask(first), HELLO);
  // The first one is still open.
  assertEquals(await askOnce(server), HELLO);
  assertEquals(seen, [
    "verify_request",
    "finish_request",
    "verify_request",
    "finish_request",
  ]);
});

test("ThreadingTCPServer serves its connections in parallel", async () => {
  const gate = new Gate();
  let running = 0;
  class Together extends Upper {
    override async handle() {
      if (++running === 5) gate.open();
      await gate.pass();
      await super.handle();
    }
  }
  await using server = new ThreadingTCPServer(ANY, Together);
  server.serve_forever();
  const replies = await Promise.all(Array.from({ length: 5 }, async () => {
    using client = await connect(server);
    await client.write("tea\n");
    return await client.readToEnd();
  }));
  assertEquals(replies, Array(5).fill("TEA\n"));
});

test("ThreadingTCPServer.server_close() waits for its handlers, however long they take", async () => {
  const gate = new Gate();
  const server = new (serverClass(false, true))(ANY, gatedLine(gate));
  const serving = server.serve_forever();
  using client = await connect(server);
  await client.write("tea\n");
  await gate.reached;
  const closing = server.server_close();
  assertEquals(await settles(closing), false);
  gate.open();
  await closing;
  assertEquals(await client.readToEnd(), "TEA\n");
  await serving;
});

test("ThreadingTCPServer.server_close() cuts off daemons that outlast gracePeriod", async () => {
  const gate = new Gate();
  const server = new (serverClass(true, true))(ANY, gatedLine(gate));
  const serving = server.serve_forever();
  using client = await connect(server);
  await gate.reached;
  const closing = server.server_close();
  await client.assertClosed();
  gate.open();
  await closing;
  await serving;
});

test("ThreadingTCPServer.server_close() without block_on_close does not wait for its handlers", async () => {
  const gate = new Gate();
  const server = new (serverClass(false, false))(ANY, gatedLine(gate));
  const serving = server.serve_forever();
  using client = await connect(server);
  await client.write("tea\n");
  await gate.reached;
  await server.server_close();
  await serving;
  // Longer than the grace period, which only applies to daemons.
  await delay(100);
  gate.open();
  assertEquals(await client.readToEnd(), "TEA\n");
});

test("ThreadingTCPServer.server_close() without block_on_close frees the address at once", async () => {
  const gate = new Gate();
  const first = new (serverClass(false, false))(ANY, gatedLine(gate));
  first.serve_forever();
  using client = await connect(first);
  await client.write("tea\n");
  await gate.reached;
  await first.server_close();
  await using second = new TCPServer(first.server_address, Upper);
  assertEquals(second.server_port, first.server_port);
  gate.open();
  assertEquals(await client.readToEnd(), "TEA\n");
});

test("ThreadingTCPServer.server_close() without block_on_close cuts off daemons after gracePeriod", async () => {
  const gate = new Gate();
  const server = new (serverClass(true, false))(ANY, gatedLine(gate));
  const serving = server.serve_forever();
  using client = await connect(server);
  await gate.reached;
  await server.server_close();
  const cut = client.assertClosed();
  assertEquals(await settles(cut), true);
  gate.open();
  await serving;
  await cut;
});

test("ThreadingTCPServer at the end of an await using scope waits for its handlers", async () => {
  const gate = new Gate();
  let ended = false;
  class Slow extends Upper {
    override async handle() {
      await gate.pass();
      await delay(100);
      ended = true;
    }
  }
  let client;
  {
    await using server = new (serverClass(false, true))(ANY, Slow);
    server.serve_forever();
    client = await connect(server);
    await gate.reached;
    gate.open();
  }
  assert(ended);
  client.close();
});

test("ThreadingTCPServer at the end of a using scope does not wait", async () => {
  const gate = new Gate();
  const { client, server } = await (async () => {
    using server = new ThreadingTCPServer(ANY, gatedLine(gate));
    server.serve_forever();
    const client = await connect(server);
    await client.write("tea\n");
    await gate.reached;
    return { client, server };
  })();
  gate.open();
  assertEquals(await client.readToEnd(), "TEA\n");
  client.close();
  await server.server_close();
});

test("ThreadingTCPServer aborts connection.signal of its handlers when it closes", async () => {
  const begun = Promise.withResolvers<void>();
  class Endless extends StreamRequestHandler {
    override async handle() {
      const { signal } = this.connection;
      const aborted = new Promise((resolve) =>
        signal.addEventListener("abort", resolve)
      );
      begun.resolve();
      await aborted;
      this.wfile.write("bye\n");
    }
  }
  const server = new ThreadingTCPServer(ANY, Endless);
  server.serve_forever();
  using client = await connect(server);
  await begun.promise;
  await server.server_close();
  assertEquals(await client.readToEnd(), "bye\n");
});

test("ThreadingTCPServer.handle_error() receives a handler's error, and the next connection is served", async () => {
  const errors: unknown[] = [];
  const failure = new RangeError("not for me");
  class Recording extends ThreadingTCPServer {
    override handle_error(_request: unknown, _address: unknown, e: unknown) {
      errors.push(e);
    }
  }
  class Choosy extends Upper {
    override async handle() {
      const line = await this.rfile.readline();
      if (line.length === 1) throw failure;
      this.wfile.write(line);
    }
  }
  await using server = new Recording(ANY, Choosy);
  server.serve_forever();
  for (const [line, reply] of [["\n", ""], ["tea\n", "tea\n"]] as const) {
    using client = await connect(server);
    await client.write(line);
    assertEquals(await client.readToEnd(), reply);
  }
  await until(() => errors.length > 0, "the error was reported");
  assertEquals(errors, [failure]);
});

test("ThreadingTCPServer without block_on_close keeps a program alive until its handlers end, and no longer", async () => {
  const program = `
    import { StreamRequestHandler, ThreadingTCPServer } from "${
    import.meta.resolve("../../mod.ts")
  }";
    class Slow extends StreamRequestHandler {
      async handle() {
        begun();
        await new Promise((resolve) => setTimeout(resolve, 100));
        console.log("handled");
      }
    }
    class Server extends ThreadingTCPServer {
      static block_on_close = false;
    }
    let begun;
    const running = new Promise((resolve) => begun = resolve);
    const server = new Server(["127.0.0.1", 0], Slow);
    server.serve_forever();
    await Deno.connect({ hostname: "127.0.0.1", port: server.server_port });
    await running;
    await server.server_close();
    console.log("closed");`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: denoArguments(file),
      signal: AbortSignal.timeout(15_000),
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "closed\nhandled\n");
    assertEquals(code, 0);
  } finally {
    await Deno.remove(file);
  }
});

test("ThreadingMixIn() also reads daemon_threads and block_on_close from fields of the server", () => {
  class Static extends ThreadingTCPServer {
    static override daemon_threads = true;
    static override gracePeriod = 2;
  }
  class Field extends ThreadingTCPServer {
    daemon_threads = true;
    block_on_close = false;
  }
  const plans = [ThreadingTCPServer, Static, Field].map((Server) =>
    new Server(["127.0.0.1", 0], StreamRequestHandler, false).closePlan()
  );
  assertEquals(plans, [
    { grace: Infinity, wait: true },
    { grace: 2, wait: true },
    { grace: 5, wait: false },
  ]);
  const set = new ThreadingTCPServer(ANY, StreamRequestHandler, false);
  Object.assign(set, { daemon_threads: true, block_on_close: false });
  assertEquals(set.closePlan(), { grace: 5, wait: false });
});
