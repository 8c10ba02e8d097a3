// The hooks of a server that a subclass can override, and how their errors are handled.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Address,
  type Connection,
  HTTPServer,
  TCPServer,
  ThreadingHTTPServer,
} from "../../mod.ts";
import {
  ANY,
  ask,
  askOnce,
  connect,
  delay,
  GET,
  HELLO,
  Hello,
  SERVERS,
  stderrOf,
  test,
  until,
  Upper,
} from "./_harness.ts";

/** A server class that records the calls of `handle_error()`. */
function recording(Server: typeof HTTPServer) {
  return class extends Server {
    readonly errors: unknown[] = [];
    override handle_error(
      _request: Connection,
      _client_address: Address,
      error: unknown,
    ) {
      this.errors.push(error);
    }
  };
}

/** Sends a request on a new connection and reads until the server closes it. */
async function askToEnd(server: TCPServer, request = GET): Promise<string> {
  using client = await connect(server);
  await client.write(request);
  return await client.readToEnd();
}

test("TCPServer calls its hooks, and those of the handler, in CPython's order", async () => {
  const calls: string[] = [];
  class Server extends TCPServer {
    override get_request() {
      calls.push("get_request");
      return super.get_request();
    }
    override verify_request(request: Connection, address: Address) {
      calls.push("verify_request");
      assertEquals(request.client_address, address);
      return super.verify_request(request, address);
    }
    override process_request(request: Connection, address: Address) {
      calls.push("process_request");
      return super.process_request(request, address);
    }
    override finish_request(request: Connection, address: Address) {
      calls.push("finish_request");
      return super.finish_request(request, address);
    }
    override shutdown_request(request: Connection) {
      calls.push("shutdown_request");
      return super.shutdown_request(request);
    }
    override close_request(request: Connection) {
      calls.push("close_request");
      super.close_request(request);
    }
  }
  class Handler extends Upper {
    override setup() {
      calls.push("setup");
      super.setup();
    }
    override async handle() {
      calls.push("handle");
      await super.handle();
    }
    override async finish() {
      calls.push("finish");
      await super.finish();
    }
  }
  await using server = new Server(ANY, Handler);
  const serving = server.serve_forever();
  assertEquals(await askToEnd(server, "tea\n"), "TEA\n");
  await server.shutdown();
  await serving;
  assertEquals(calls, [
    "get_request",
    "verify_request",
    "process_request",
    "finish_request",
    "setup",
    "handle",
    "finish",
    "shutdown_request",
    "close_request",
  ]);
});

for (const Server of SERVERS) {
  const Recording = recording(Server);

  test(`${Server.name} calls shutdown_request() if verify_request() returns false`, async () => {
    const ended: Connection[] = [];
    class Picky extends Recording {
      override async verify_request(request: Connection) {
        await delay(1);
        request.wfile.write("no\n");
        return ended.length > 0;
      }
      override async shutdown_request(request: Connection) {
        ended.push(request);
        await super.shutdown_request(request);
      }
    }
    await using server = new Picky(ANY, Hello);
    server.serve_forever();
    // It has not sent anything yet.
    using client = await connect(server);
    assertEquals(await client.readToEnd(), "no\n");
    assertEquals(ended.map((request) => request.closed), [true]);
    const second = await askToEnd(server, GET.replace("1.1", "1.0"));
    assert(second.startsWith("no\nHTTP/1.1 200"), second);
    assertEquals(server.errors, []);
  });

  test(`${Server.name} reports an error in verify_request(), and keeps serving`, async () => {
    const error = new RangeError("cannot decide");
    let calls = 0;
    class Torn extends Recording {
      override verify_request() {
        if (++calls === 1) throw error;
        return true;
      }
    }
    await using server = new Torn(ANY, Hello);
    server.serve_forever();
    assertEquals(await askToEnd(server), "");
    assertEquals(await askOnce(server), HELLO);
    assertEquals(server.errors, [error]);
  });

  test(`${Server.name} reports an error in any handler method once, and keeps serving`, async () => {
    for (const place of ["constructor", "setup", "handle", "finish"]) {
      const error = new RangeError(`thrown in ${place}`);
      let calls = 0;
      const fail = (here: string) => {
        if (here === place && ++calls === 1) throw error;
      };
      class Clumsy extends Hello {
        readonly made = fail("constructor");
        override setup() {
          fail("setup");
          return super.setup();
        }
        override async handle() {
          fail("handle");
          await super.handle();
        }
        override async finish() {
          await super.finish();
          fail("finish");
        }
      }
      await using server = new Recording(ANY, Clumsy);
      server.serve_forever();
      const request = GET.replace("1.1", "1.0");
      const response = await askToEnd(server, request);
      assertEquals(response !== "", place === "finish", response);
      assert((await askToEnd(server, request)).endsWith(HELLO));
      assertEquals(server.errors, [error]);
    }
  });

  test(`${Server.name} calls finish() even if handle() throws`, async () => {
    let finished = 0;
    class Clumsy extends Upper {
      override handle() {
        this.wfile.write("so far\n");
        return Promise.reject(new RangeError("no further"));
      }
      override finish() {
        finished++;
        return super.finish();
      }
    }
    await using server = new Recording(ANY, Clumsy);
    server.serve_forever();
    assertEquals(await askToEnd(server, "tea\n"), "so far\n");
    assertEquals(finished, 1);
    assertEquals(server.errors.length, 1);
  });

  test(`${Server.name} reports an error in process_request() once, and keeps serving`, async () => {
    let calls = 0;
    class Failing extends Recording {
      override process_request(request: Connection, address: Address) {
        if (++calls === 1) throw new RangeError("not this one");
        return super.process_request(request, address);
      }
    }
    await using server = new Failing(ANY, Hello);
    server.serve_forever();
    assertEquals(await askToEnd(server), "");
    assertEquals(await askOnce(server), HELLO);
    assertEquals(server.errors.map(String), ["RangeError: not this one"]);
  });

  test(`${Server.name}.get_request() can be overridden`, async () => {
    const seen: Address[] = [];
    class Renaming extends Recording {
      override async get_request(): Promise<[Connection, Address]> {
        const [request, address] = await super.get_request();
        seen.push(address);
        return [request, ["198.51.100.7", 7]];
      }
    }
    class Named extends Hello {
      override do_GET() {
        this.path = this.client_address.join(":");
        super.do_GET();
      }
    }
    await using server = new Renaming(ANY, Named);
    server.serve_forever();
    assertEquals(await askOnce(server), "hello 198.51.100.7:7\n");
    assertEquals(seen.map(([host]) => host), ["127.0.0.1"]);
  });

  test(`${Server.name} reports an overridden get_request() that fails with a connection, and closes the connection`, async () => {
    const error = new RangeError("not from there");
    let calls = 0;
    class Failing extends Recording {
      override async get_request() {
        const taken = await super.get_request();
        if (++calls === 1) throw error;
        return taken;
      }
    }
    await using server = new Failing(ANY, Hello);
    server.serve_forever();
    assertEquals(await askToEnd(server), "");
    assertEquals(await askOnce(server), HELLO);
    assertEquals(server.errors, [error]);
  });

  test(`${Server.name}.serve_forever() throws the error of an overridden get_request() that fails without a connection`, async () => {
    class Failing extends Recording {
      override get_request(): never {
        throw new RangeError("never");
      }
    }
    await using server = new Failing(ANY, Hello);
    const serving = server.serve_forever();
    const ended = assertRejects(() => serving, RangeError, "never");
    using _client = await connect(server);
    await ended;
  });

  test(`${Server.name} keeps serving if a connection can't be accepted`, async () => {
    let failures = 2;
    class Unlucky extends Recording {
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
    await using server = new Unlucky(ANY, Hello);
    server.serve_forever();
    assertEquals(await askOnce(server), HELLO);
    assertEquals(server.errors, []);
  });

  test(`${Server.name} reports no error if a client disconnects midway`, async () => {
    const seen: string[] = [];
    class Large extends Hello {
      override async do_GET() {
        this.send_response(200);
        this.send_header("Content-Length", 50_000_000);
        this.end_headers();
        for (let n = 0; n < 50; n++) {
          await this.wfile.write(new Uint8Array(1_000_000));
        }
      }
      async do_POST() {
        await this.rfile.read();
        await this.do_GET();
      }
      override finish() {
        seen.push("finish");
        return super.finish();
      }
    }
    const written = await stderrOf(async () => {
      await using server = new Recording(ANY, Large);
      const serving = server.serve_forever();
      const leave = async (request: string, then?: () => Promise<unknown>) => {
        const client = await connect(server);
        await client.write(request);
        await then?.call(undefined);
        client.close();
      };
      await leave("");
      await leave("GET / HT");
      await leave("GET / HTTP/1.1\r\nHost: a\r\n");
      await leave("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
      // It disconnects with unread input, which resets the connection.
      const client = await connect(server);
      await client.write(GET);
      await client.read(100);
      client.close();
      await until(() => seen.length === 5, "all were finished");
      await server.shutdown();
      await serving;
      assertEquals(server.errors, []);
    });
    assertEquals(written, "");
  });

  test(`${Server.name}.service_actions() is called while there are no connections`, async () => {
    let calls = 0;
    class Busy extends Recording {
      override service_actions() {
        calls++;
      }
    }
    await using server = new Busy(ANY, Hello);
    server.serve_forever(0.01);
    await until(() => calls >= 3, "it was called three times");
  });

  test(`${Server.name}.service_actions() is called after each connection`, async () => {
    let calls = 0;
    class Busy extends Recording {
      override async service_actions() {
        await delay(1);
        calls++;
      }
    }
    await using server = new Busy(ANY, Hello);
    server.serve_forever(1_000);
    assertEquals(
      await askToEnd(server, GET.replace("1.1", "1.0")) !== "",
      true,
    );
    await until(() => calls === 1, "it was called");
    assertEquals(
      await askToEnd(server, GET.replace("1.1", "1.0")) !== "",
      true,
    );
    await until(() => calls === 2, "it was called again");
  });

  test(`${Server.name}.handle_error() logs the error`, async () => {
    class Clumsy extends Hello {
      override do_GET() {
        throw new RangeError("oh");
      }
    }
    const written = await stderrOf(async () => {
      await using server = new Server(ANY, Clumsy);
      const serving = server.serve_forever();
      const response = await askToEnd(server);
      assert(response.startsWith("HTTP/1.1 500"), response);
      assert(!response.includes("oh"), response);
      await server.shutdown();
      await serving;
    });
    const [frame, head, error, trace] = written.split("\n");
    assertEquals(frame, "-".repeat(40));
    assert(
      head!.startsWith("Exception occurred during processing of request from"),
      head,
    );
    assertEquals(error, "RangeError: oh");
    assert(trace!.includes("hooks_test.ts"), trace);
    // It is logged once.
    assertEquals(written.split("RangeError: oh").length, 2);
  });
}

/** A handler and a server that both fail. */
class Clumsy extends Upper {
  override handle(): Promise<void> {
    throw new RangeError("oh");
  }
}

test("HTTPServer.serve_forever() throws the error of handle_error(), and closes the connection", async () => {
  class Strict extends HTTPServer {
    override handle_error(): never {
      throw new TypeError("enough");
    }
  }
  await using server = new Strict(ANY, Clumsy);
  const serving = server.serve_forever();
  const ended = assertRejects(() => serving, TypeError, "enough");
  assertEquals(await askToEnd(server, "tea\n"), "");
  await ended;
});

test("ThreadingHTTPServer logs the error of handle_error(), and keeps serving", async () => {
  class Strict extends ThreadingHTTPServer {
    override handle_error(): never {
      throw new TypeError("enough");
    }
  }
  let requests = 0;
  class Sometimes extends Hello {
    override setup() {
      if (++requests === 1) throw new RangeError("oh");
      return super.setup();
    }
  }
  const written = await stderrOf(async () => {
    await using server = new Strict(ANY, Sometimes);
    const serving = server.serve_forever();
    assertEquals(await askToEnd(server, ""), "");
    using client = await connect(server);
    assertEquals(await ask(client), HELLO);
    await server.shutdown();
    await serving;
  });
  assert(written.includes("TypeError: enough"), written);
});
