// Handlers that leave something undone, and how the server copes.

import { assert, assertEquals } from "@std/assert";
import { HTTPServer, type TCPServer, ThreadingHTTPServer } from "../../mod.ts";
import {
  ANY,
  ask,
  askOnce,
  connect,
  delay,
  Gate,
  GET,
  HELLO,
  Hello,
  SERVERS,
  test,
  until,
} from "./_harness.ts";

const PIECE = new Uint8Array(300_000);

for (const Server of SERVERS) {
  test(`${Server.name} survives a handler that awaits nothing and whose client disconnects`, async () => {
    const begun = new Gate();
    let failed = 0;
    class Careless extends Hello {
      override do_GET(): void {
        if (this.path !== "/careless") return void super.do_GET();
        this.send_response(200);
        this.end_headers();
        this.work();
      }
      async work(): Promise<void> {
        await begun.pass();
        try {
          for (let piece = 0; piece < 100; piece++) {
            await this.wfile.write(PIECE);
          }
        } catch (error) {
          failed++;
          throw error;
        }
      }
    }
    await using server = new Server(ANY, Careless);
    server.serve_forever();
    {
      using client = await connect(server);
      await client.write("GET /careless HTTP/1.1\r\nHost: a\r\n\r\n");
      await begun.reached;
    }
    begun.open();
    await until(() => failed === 1, "the forgotten work failed");
    // An unhandled rejection is reported in a later turn.
    await delay(20);
    assertEquals(await askOnce(server), HELLO);
  });
}

test("ThreadingHTTPServer.server_close() waits for finish() of its handlers", async () => {
  let finished = false;
  class Late extends Hello {
    override async finish() {
      await super.finish();
      await delay(20);
      finished = true;
    }
  }
  await using server = new ThreadingHTTPServer(ANY, Late);
  server.serve_forever();
  using client = await connect(server);
  assertEquals(await ask(client), HELLO);
  await server.server_close();
  assert(finished);
});

test("HTTPServer can be disposed of by its own handler", async () => {
  class Brief extends HTTPServer {
    static override gracePeriod = 0.1;
  }
  let disposed = false;
  class Fatal extends Hello {
    override async do_GET(): Promise<void> {
      super.do_GET();
      await (this.server as unknown as TCPServer)[Symbol.asyncDispose]();
      disposed = true;
    }
  }
  const server = new Brief(ANY, Fatal);
  const serving = server.serve_forever();
  using client = await connect(server);
  await client.write(GET);
  assertEquals((await client.answer()).body, HELLO);
  await serving;
  assert(disposed);
});

for (const body of ["5\r\nhe", "zz\r\n"]) {
  test(`ThreadingHTTPServer survives a handler that reads the body ${JSON.stringify(body)} without awaiting`, async () => {
    class Careless extends Hello {
      do_POST(): void {
        this.rfile.read();
        super.do_GET();
      }
    }
    await using server = new ThreadingHTTPServer(ANY, Careless);
    server.serve_forever();
    {
      using client = await connect(server);
      await client.write(
        `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
      );
      await client.closeWrite();
      await client.readToEnd();
    }
    await delay(20);
    assertEquals(await askOnce(server), HELLO);
  });
}

test("Connection.signal is aborted when the server closes", async () => {
  let ended = false;
  const begun = new Gate();
  class Endless extends Hello {
    override async do_GET(): Promise<void> {
      const { signal } = this.connection;
      this.send_response(200);
      this.end_headers();
      const closing = new Promise((resolve) =>
        signal.addEventListener("abort", resolve)
      );
      begun.pass();
      await closing;
      ended = true;
    }
  }
  await using server = new ThreadingHTTPServer(ANY, Endless);
  server.serve_forever();
  using client = await connect(server);
  await client.write(GET);
  await begun.reached;
  const started = performance.now();
  await server.server_close();
  assert(ended);
  assert(performance.now() - started < 3_000);
});

test("TCPServer.service_actions() may await shutdown()", async () => {
  class Acting extends HTTPServer {
    override async service_actions(): Promise<void> {
      await this.shutdown();
    }
  }
  await using server = new Acting(ANY, Hello);
  await server.serve_forever(0.01);
});
