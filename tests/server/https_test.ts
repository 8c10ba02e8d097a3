import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  BaseHTTPRequestHandler,
  HTTPServer,
  HTTPSServer,
  type HTTPSServerOptions,
  ThreadingHTTPSServer,
} from "../../mod.ts";
import {
  ANY,
  ask,
  delay,
  GET,
  HELLO,
  Hello,
  stderrOf,
  test,
} from "./_harness.ts";
import { connectTcp, connectTls, FILES, tlsClient, tlsFile } from "./_tls.ts";
import { quiet } from "../_lib/quiet.ts";

const SERVERS: readonly (typeof HTTPSServer)[] = [
  HTTPSServer,
  ThreadingHTTPSServer,
];

/** Serves while something runs, and returns what was logged. */
async function serving(
  Server: typeof HTTPSServer,
  run: (server: HTTPSServer) => Promise<void>,
  Handler = Hello,
): Promise<string> {
  return await stderrOf(async () => {
    const server = new Server(ANY, Handler, true, FILES);
    const served = server.serve_forever();
    try {
      await run(server);
    } finally {
      await server.server_close();
      await served;
    }
  });
}

Deno.test("HTTPSServer names the missing certificate in its error", () => {
  assertThrows(
    () => new HTTPSServer(ANY, Hello, true, {} as HTTPSServerOptions),
    TypeError,
    "Cannot serve HTTPS: the option certfile is missing",
  );
});

for (const Server of SERVERS) {
  test(`${Server.name} serves over TLS`, async () => {
    const log = await serving(Server, async (server) => {
      assertInstanceOf(server, HTTPServer);
      using client = await tlsClient(server.server_port);
      for (let each = 0; each < 3; each++) {
        assertEquals(await ask(client), HELLO);
      }
    });
    assertEquals(log, "");
  });

  test(`${Server.name} is not delayed by silent clients, and logs one line for one that sends garbage`, async () => {
    const log = await serving(Server, async (server) => {
      using _silent = await connectTcp(server.server_port);
      using garbage = await connectTcp(server.server_port);
      await garbage.write("no TLS at all\r\n\r\n");
      using client = await tlsClient(server.server_port);
      assertEquals(await ask(client), HELLO);
      await garbage.assertClosed();
    });
    assertEquals(log.split("\n").length, 2);
    assertStringIncludes(log, "TLS handshake failed: ");
  });

  test(`${Server.name}.server_close() frees the address and leaves nothing open`, async () => {
    let port = 0;
    await serving(Server, async (server) => {
      port = server.server_port;
      using client = await tlsClient(port);
      assertEquals(await ask(client), HELLO);
      using _silent = await connectTcp(port);
      await server.server_close();
      await client.assertClosed();
    });
    new Server(["127.0.0.1", port], Hello, true, FILES)[Symbol.dispose]();
    await delay(20);
  });

  test(`${Server.name} logs no traceback for a client that disconnects without a TLS alert`, async () => {
    const log = await serving(Server, async (server) => {
      const tcp = await Deno.connect({
        hostname: "127.0.0.1",
        port: server.server_port,
      });
      // A TLS connection can't be closed without an alert, so the TCP connection is cut.
      const relay = relayTo(tcp);
      using client = await tlsClient(relay.port);
      assertEquals(await ask(client), HELLO);
      relay.cut();
      await relay.ended;
      await delay(20);
    });
    assertEquals(log, "");
  });

  test(`${Server.name} treats a malformed record as a disconnect`, async () => {
    const log = await serving(Server, async (server) => {
      const tcp = await Deno.connect({
        hostname: "127.0.0.1",
        port: server.server_port,
      });
      const relay = relayTo(tcp);
      using client = await tlsClient(relay.port);
      assertEquals(await ask(client), HELLO);
      await tcp.write(new TextEncoder().encode("no record of TLS"));
      assertEquals(await client.readToEnd().catch(() => ""), "");
      relay.cut();
      await relay.ended;
    });
    assertEquals(log, "");
  });
}

/** A relay between a client and a server that can be cut without a TLS alert. */
function relayTo(tcp: Deno.TcpConn) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let near: Deno.TcpConn | undefined;
  const ended = (async () => {
    near = await listener.accept();
    await Promise.allSettled([
      near.readable.pipeTo(tcp.writable),
      tcp.readable.pipeTo(near.writable),
    ]);
  })();
  return {
    port: listener.addr.port,
    ended,
    cut() {
      listener.close();
      near?.[Symbol.dispose]();
      tcp[Symbol.dispose]();
    },
  };
}

test("HTTPSServer keeps its arguments under CPython's names, and hides the password", async () => {
  const options = {
    certfile: tlsFile("ssl_cert.pem"),
    keyfile: tlsFile("ssl_key.passwd.pem"),
    password: "somepass",
  };
  await using server = new HTTPSServer(ANY, Hello, true, options);
  assertEquals(server.certfile, options.certfile);
  assertEquals(server.keyfile, options.keyfile);
  assertEquals(server.password, options.password);
  assertEquals(server.alpn_protocols, ["http/1.1"]);
  const shown = Deno.inspect(server, { depth: 9, showHidden: false });
  assertEquals(shown.includes("somepass"), false);
  assertEquals(shown.includes("PRIVATE"), false);
});

test("HTTPSServer reads key and certificate from one file", async () => {
  const certfile = tlsFile("keycert.pem");
  await using server = new HTTPSServer(ANY, Hello, true, { certfile });
  assertEquals(server.keyfile, null);
});

test("HTTPSServer fails in its constructor, bound or not, and leaves nothing open", () => {
  const options: HTTPSServerOptions = { certfile: tlsFile("no.pem") };
  for (const bind of [true, false]) {
    assertThrows(
      () => new HTTPSServer(ANY, Hello, bind, options),
      Deno.errors.NotFound,
      "no.pem",
    );
  }
});

test("HTTPSServer fails if the address is in use, and leaves nothing open", async () => {
  await using server = new HTTPSServer(ANY, Hello, true, FILES);
  const address = ["127.0.0.1", server.server_port] as const;
  assertThrows(
    () => new HTTPSServer(address, Hello, true, FILES),
    Deno.errors.AddrInUse,
  );
});

test("HTTPSServer can be bound later", async () => {
  await using server = new HTTPSServer(ANY, Hello, false, FILES);
  assertEquals(server.socket, undefined);
  server.server_bind();
  server.server_activate();
  const handled = server.handle_request();
  using client = await tlsClient(server.server_port);
  assertEquals(await ask(client), HELLO);
  client.close();
  await handled;
});

test("HTTPSServer closes when its signal is aborted", async () => {
  const { signal, abort } = controller();
  const server = new HTTPSServer(ANY, Hello, true, { ...FILES, signal });
  const served = server.serve_forever();
  abort();
  await served;
  await server.server_close();
});

function controller() {
  const control = new AbortController();
  return { signal: control.signal, abort: () => control.abort() };
}

test("HTTPSServer.alpn_protocols lists the protocols that clients can choose", async () => {
  const options = { ...FILES, alpn_protocols: ["tea/2", "tea/1"] };
  await stderrOf(async () => {
    const server = new HTTPSServer(ANY, Hello, true, options);
    const served = server.serve_forever();
    using client = await connectTls(server.server_port, ["tea/1", "other"]);
    assertEquals((await client.handshake()).alpnProtocol, "tea/1");
    await assertRejects(() => connectTls(server.server_port, ["h2"]));
    await server.server_close();
    await served;
  });
});

test("HTTPSServer speaks HTTP/1.0 with a client that offers nothing newer", async () => {
  await serving(HTTPSServer, async (server) => {
    using client = await connectTls(server.server_port, ["http/1.0"]);
    assertEquals((await client.handshake()).alpnProtocol, "http/1.0");
  });
});

test("HTTPSServer refuses a protocol whose name is empty or too long", () => {
  for (const name of ["", "x".repeat(256)]) {
    assertThrows(
      () =>
        new HTTPSServer(ANY, Hello, true, { ...FILES, alpn_protocols: [name] }),
      RangeError,
      "Cannot announce a protocol",
    );
  }
});

test("HTTPSServer.handshakeTimeout bounds the handshake", async () => {
  class Hasty extends HTTPSServer {
    static override handshakeTimeout = 0.1;
  }
  const log = await serving(Hasty, async (server) => {
    using client = await connectTcp(server.server_port);
    await client.assertClosed();
  });
  assertStringIncludes(log, "not done within 0.1 seconds\n");
});

test("ThreadingHTTPSServer serves its connections in parallel", async () => {
  await serving(ThreadingHTTPSServer, async (server) => {
    using first = await tlsClient(server.server_port);
    assertEquals(await ask(first), HELLO);
    using second = await tlsClient(server.server_port);
    assertEquals(await ask(second), HELLO);
  });
});

test("ThreadingHTTPSServer sends a response in two writes without delay", async () => {
  class Slow extends Hello {
    override async do_GET(): Promise<void> {
      this.send_response(200);
      this.send_header("Content-Length", "8");
      this.end_headers();
      await this.wfile.flush();
      this.wfile.write("one ");
      await this.wfile.flush();
      this.wfile.write("two\n");
    }
  }
  await serving(ThreadingHTTPSServer, async (server) => {
    using client = await tlsClient(server.server_port);
    const start = performance.now();
    for (let each = 0; each < 50; each++) {
      assertEquals(await ask(client), "one two\n");
    }
    // Nagle's algorithm would delay each response by some 40 ms.
    assertEquals(performance.now() - start < 1_500, true);
  }, Slow);
});

test("HTTPSServer ends a response without a length with a TLS alert, unlike a truncated one", async () => {
  class Endless extends quiet(BaseHTTPRequestHandler) {
    do_GET(): void {
      this.send_response(200);
      this.end_headers();
      this.wfile.write("to the end");
    }
  }
  await serving(HTTPSServer, async (server) => {
    using client = await tlsClient(server.server_port);
    await client.write(GET);
    assertEquals((await client.answer()).body, "to the end");
  }, Endless as unknown as typeof Hello);
});
