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
  ANSWER,
  ANY,
  ask,
  delay,
  GET,
  Hello,
  stderrOf,
  test,
} from "./_harness.ts";
import { connectTcp, connectTls, FILES, tlsClient, tlsFile } from "./_tls.ts";

const SERVERS: readonly (typeof HTTPSServer)[] = [
  HTTPSServer,
  ThreadingHTTPSServer,
];

/** Serves while something runs, and gives what was logged. */
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

Deno.test("HTTPSServer says what is missing where it is given no certificate", () => {
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
        assertEquals(await ask(client), ANSWER);
      }
    });
    assertEquals(log, "");
  });

  test(`${Server.name} is not delayed by silent clients, and one that sends garbage costs one line`, async () => {
    const log = await serving(Server, async (server) => {
      using _silent = await connectTcp(server.server_port);
      using garbage = await connectTcp(server.server_port);
      await garbage.write("no TLS at all\r\n\r\n");
      using client = await tlsClient(server.server_port);
      assertEquals(await ask(client), ANSWER);
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
      assertEquals(await ask(client), ANSWER);
      using _silent = await connectTcp(port);
      await server.server_close();
      await client.assertClosed();
    });
    new Server(["127.0.0.1", port], Hello, true, FILES)[Symbol.dispose]();
    await delay(20);
  });

  test(`${Server.name} lets a client that vanishes without an alert go without a traceback`, async () => {
    const log = await serving(Server, async (server) => {
      const tcp = await Deno.connect({
        hostname: "127.0.0.1",
        port: server.server_port,
      });
      // Handed over, it can't be closed without an alert; so it is cut from beneath.
      const relay = relayTo(tcp);
      using client = await tlsClient(relay.port);
      assertEquals(await ask(client), ANSWER);
      relay.cut();
      await relay.ended;
      await delay(20);
    });
    assertEquals(log, "");
  });

  test(`${Server.name} takes a malformed record in the midst for the client's leaving`, async () => {
    const log = await serving(Server, async (server) => {
      const tcp = await Deno.connect({
        hostname: "127.0.0.1",
        port: server.server_port,
      });
      const relay = relayTo(tcp);
      using client = await tlsClient(relay.port);
      assertEquals(await ask(client), ANSWER);
      await tcp.write(new TextEncoder().encode("no record of TLS"));
      assertEquals(await client.readToEnd().catch(() => ""), "");
      relay.cut();
      await relay.ended;
    });
    assertEquals(log, "");
  });
}

/** A way between a client and a connection that can be cut without any goodbye of TLS. */
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

test("HTTPSServer keeps its arguments under CPython's names, and does not show the password", async () => {
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

test("HTTPSServer takes key and certificate from one file", async () => {
  const certfile = tlsFile("keycert.pem");
  await using server = new HTTPSServer(ANY, Hello, true, { certfile });
  assertEquals(server.keyfile, null);
});

test("HTTPSServer fails in its constructor, bound or not, and leaves nothing behind", () => {
  const options: HTTPSServerOptions = { certfile: tlsFile("no.pem") };
  for (const bind of [true, false]) {
    assertThrows(
      () => new HTTPSServer(ANY, Hello, bind, options),
      Deno.errors.NotFound,
      "no.pem",
    );
  }
});

test("HTTPSServer fails where the address is taken, and leaves nothing behind", async () => {
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
  assertEquals(await ask(client), ANSWER);
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

test("HTTPSServer.alpn_protocols are what clients may choose from", async () => {
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

test("HTTPSServer speaks HTTP/1.0 with a client that announces nothing newer", async () => {
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

test("HTTPSServer.handshakeTimeout is how long a client may be silent", async () => {
  class Hasty extends HTTPSServer {
    static override handshakeTimeout = 0.1;
  }
  const log = await serving(Hasty, async (server) => {
    using client = await connectTcp(server.server_port);
    await client.assertClosed();
  });
  assertStringIncludes(log, "not done within 0.1 seconds\n");
});

test("ThreadingHTTPSServer serves its connections side by side", async () => {
  await serving(ThreadingHTTPSServer, async (server) => {
    using first = await tlsClient(server.server_port);
    assertEquals(await ask(first), ANSWER);
    using second = await tlsClient(server.server_port);
    assertEquals(await ask(second), ANSWER);
  });
});

test("ThreadingHTTPSServer sends an answer in two writes without delay", async () => {
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
    // Nagle's algorithm would hold each answer back for some 40 ms.
    assertEquals(performance.now() - start < 1_500, true);
  }, Slow);
});

test("HTTPSServer ends an answer without a length so that it can be told from one cut short", async () => {
  class Endless extends BaseHTTPRequestHandler {
    override log_message(): void {}
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
