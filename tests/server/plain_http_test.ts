// Plain HTTP on the port of an HTTPS server.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { HTTPSServer, staticFiles, ThreadingHTTPSServer } from "../../mod.ts";
import { LineReader, parseRequest } from "../../parser/mod.ts";
import {
  CA_PATH,
  type PlainHttp,
  plainResponse,
} from "../../server/plain_http.ts";
import { pureTest } from "../_lib/pure.ts";
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
import { connectTcp, FILES, tlsClient } from "./_tls.ts";

const AUTHORITY = new Uint8Array([0x30, 0x01, 0xff]);

/** The response to a request that a client sends to 192.0.2.1, port 8443. */
function responseTo(
  text: string,
  options: PlainHttp = { authority: AUTHORITY },
  address = "192.0.2.1",
) {
  const reader = new LineReader();
  reader.feed(Uint8Array.from(text, (each) => each.charCodeAt(0)));
  const request = parseRequest(reader, { requiresHost: false });
  return plainResponse(request!, [address, 8443], options);
}

function locationOf(...args: Parameters<typeof responseTo>): string {
  const { status, fields } = responseTo(...args);
  assertEquals(status, "308 Permanent Redirect");
  return new Headers(fields.map(([name, value]) => [name, value]))
    .get("location")!;
}

const ROWS: readonly [line: string, host: string | undefined, url: string][] = [
  ["GET / HTTP/1.1", "a.test:8443", "https://a.test:8443/"],
  ["GET /x?y=/z HTTP/1.1", "localhost:9", "https://localhost:9/x?y=/z"],
  ["POST /form HTTP/1.1", "A.test:8443", "https://A.test:8443/form"],
  // A client omits the default port of http, and the port speaks both.
  ["GET / HTTP/1.1", "a.test", "https://a.test:80/"],
  ["GET / HTTP/1.1", "[::1]:8443", "https://[::1]:8443/"],
  ["GET / HTTP/1.1", undefined, "https://192.0.2.1:8443/"],
  ["GET / HTTP/1.0", undefined, "https://192.0.2.1:8443/"],
  ["GET / HTTP/1.1", "", "https://192.0.2.1:8443/"],
  ["GET / HTTP/1.1", "a.test:99999", "https://192.0.2.1:8443/"],
  ["GET / HTTP/1.1", "a.test:", "https://192.0.2.1:8443/"],
  ["GET / HTTP/1.1", "a!b$c;d", "https://192.0.2.1:8443/"],
  ["GET / HTTP/1.1", "%61.test", "https://192.0.2.1:8443/"],
  ["GET //evil.test/x HTTP/1.1", "a.test:1", "https://a.test:1/evil.test/x"],
  ["GET http://b.test:1/x HTTP/1.1", "a.test", "https://b.test:1/x"],
  ["GET http://b.test:1?x HTTP/1.1", "a.test", "https://b.test:1/?x"],
  ["GET http://u@b.test/x HTTP/1.1", "a.test", "https://192.0.2.1:8443/x"],
  ['GET /\xe9" HTTP/1.1', "a.test:1", 'https://a.test:1/%E9"'],
  ["OPTIONS * HTTP/1.1", "a.test:1", "https://a.test:1/"],
  [`POST ${CA_PATH} HTTP/1.1`, "a.test:1", `https://a.test:1${CA_PATH}`],
  [`GET ${CA_PATH}/x HTTP/1.1`, "a.test:1", `https://a.test:1${CA_PATH}/x`],
];

for (const [line, host, url] of ROWS) {
  pureTest(
    `plainResponse() redirects ${JSON.stringify(line)} of ${host}`,
    () => {
      const field = host === undefined ? "" : `Host: ${host}\r\n`;
      assertEquals(locationOf(`${line}\r\n${field}\r\n`), url);
    },
  );
}

pureTest("plainResponse() puts an IPv6 address into brackets", () => {
  const request = "GET /a HTTP/1.0\r\n\r\n";
  assertEquals(
    locationOf(request, { authority: null }, "fd00::2"),
    "https://[fd00::2]:8443/a",
  );
});

pureTest(
  "plainResponse() sends the certificate of the authority, if there is one",
  () => {
    for (const target of [CA_PATH, `${CA_PATH}?x`, `http://a${CA_PATH}`]) {
      const request = `GET ${target} HTTP/1.1\r\nHost: a:1\r\n\r\n`;
      const { status, fields, body } = responseTo(request);
      assertEquals([status, body], ["200 OK", AUTHORITY]);
      assertEquals(fields, [["Content-Type", "application/x-x509-ca-cert"]]);
      assertStringIncludes(locationOf(request, { authority: null }), CA_PATH);
    }
  },
);

pureTest("plainResponse() refuses other schemes, CONNECT and HTTP/0.9", () => {
  for (
    const request of [
      "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET javascript:alert(1) HTTP/1.1\r\nHost: a\r\n\r\n",
      "CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\r\n",
    ]
  ) assertEquals(responseTo(request).status, "400 Bad Request", request);
});

/** Serves with options, and returns what was logged. */
async function serving(
  run: (
    server: HTTPSServer,
    log: { readonly text: string },
  ) => Promise<void>,
  options: { redirect_http?: boolean; ca_certificate?: Uint8Array } = {
    redirect_http: true,
  },
  Server: typeof HTTPSServer = ThreadingHTTPSServer,
): Promise<string> {
  return await stderrOf(async (log) => {
    await using server = new Server(ANY, Hello, true, { ...FILES, ...options });
    server.serve_forever();
    await run(server, log);
  });
}

for (const Server of [HTTPSServer, ThreadingHTTPSServer]) {
  test(`${Server.name} redirects plain HTTP, and still serves over TLS`, async () => {
    const log = await serving(
      async ({ server_port: port }) => {
        using client = await connectTcp(port);
        await client.write(
          `GET /a?b HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`,
        );
        const response = await client.answer();
        assertEquals(response.status, 308);
        assertEquals(
          response.header("location"),
          `https://localhost:${port}/a?b`,
        );
        assertEquals(response.header("cache-control"), "no-store");
        assertEquals(response.header("strict-transport-security"), undefined);
        await client.assertClosed();
        using secure = await tlsClient(port);
        assertEquals(await ask(secure, GET), HELLO);
      },
      { redirect_http: true },
      Server,
    );
    assertEquals(log, "");
  });
}

test("HTTPSServer sends 403 over plain HTTP to clients that the handler class doesn't allow", async () => {
  for (const [allow, status] of [["10.0.0.0/8", 403], ["localhost", 200]]) {
    const Handler = staticFiles({ allow: [String(allow)] });
    const options = { ...FILES, ca_certificate: AUTHORITY };
    const log = await stderrOf(async () => {
      await using server = new ThreadingHTTPSServer(
        ANY,
        Handler,
        true,
        options,
      );
      server.serve_forever();
      using client = await connectTcp(server.server_port);
      await client.write(`GET ${CA_PATH} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const response = await client.answer();
      assertEquals(response.status, status);
      assertEquals(response.header("location"), undefined);
      await client.assertClosed();
      using other = await connectTcp(server.server_port);
      await other.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals((await other.answer()).status, status === 403 ? 403 : 308);
    });
    assertEquals(log, "");
  }
});

test("HTTPSServer reads a plain request that comes byte by byte, and its body", async () => {
  await serving(async ({ server_port: port }) => {
    using client = await connectTcp(port);
    for (const byte of "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9000") {
      await client.write(byte);
    }
    await client.write("\r\n\r\n" + "x".repeat(9000));
    const { status, header } = await client.answer();
    assertEquals([status, header("location")], [308, "https://a:80/a"]);
    await client.assertClosed();
  });
});

test("HTTPSServer sends the head only to HEAD", async () => {
  await serving(async ({ server_port: port }) => {
    using client = await connectTcp(port);
    await client.write(`HEAD ${CA_PATH} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const { status, header } = await client.answer("HEAD");
    assertEquals([status, header("content-length")], [200, "3"]);
    await client.assertClosed();
  }, { ca_certificate: AUTHORITY });
});

for (
  const [what, sent, status, logged] of [
    ["without a valid request line", "GET / FUBAR\r\n\r\n", 400, "FUBAR"],
    [
      "with two hosts",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      400,
      "Host",
    ],
    [
      "whose Host has a control character",
      "GET / HTTP/1.1\r\nHost: a\x01b\r\n\r\n",
      400,
      "refused",
    ],
    [
      "with a line that is too long",
      `GET /${"a".repeat(66_000)} HTTP/1.1\r\n\r\n`,
      414,
      "URI Too Long",
    ],
  ] as const
) {
  test(`HTTPSServer refuses a plain request ${what}`, async () => {
    const log = await serving(async ({ server_port: port }, log) => {
      {
        using client = await connectTcp(port);
        await client.write(sent);
        const response = await client.answer();
        assertEquals(response.status, status);
        assertEquals(response.header("location"), undefined);
        await client.assertClosed();
      }
      // The line may come after the connection is closed.
      for (let n = 0; n < 200 && !log.text.includes(logged); n++) {
        await delay(20);
      }
    });
    assertStringIncludes(log, "] plain HTTP refused: ");
    assertStringIncludes(log, logged);
  });
}

test("HTTPSServer closes a client that never completes its plain request", async () => {
  class Impatient extends ThreadingHTTPSServer {
    static override handshakeTimeout = 0.2;
  }
  const log = await serving(
    async ({ server_port: port }) => {
      using client = await connectTcp(port);
      await client.write("GET / HTTP/1.1\r\nHost: a\r\n");
      await client.assertClosed();
      using silent = await connectTcp(port);
      await silent.assertClosed();
    },
    { redirect_http: true },
    Impatient,
  );
  assertEquals(log.match(/not done within 0\.2 seconds\n/g)?.length, 2);
});

test("HTTPSServer closes while a plain request is incomplete", async () => {
  using stack = new DisposableStack();
  let client: Awaited<ReturnType<typeof connectTcp>> | undefined;
  const log = await serving(async ({ server_port: port }) => {
    client = stack.use(await connectTcp(port));
    await client.write("GET / HTTP/1.1\r\n");
    await delay(20);
  });
  await client?.assertClosed();
  assertEquals(log, "");
});

test("HTTPSServer logs a client that leaves in its plain request, and garbage", async () => {
  const log = await serving(async ({ server_port: port }) => {
    using client = await connectTcp(port);
    await client.write("GET / HTTP/1.1\r\n");
    await client.closeWrite();
    await client.assertClosed();
    using other = await connectTcp(port);
    await other.write("\x16\x03\x01\x00\x05\n\x1b[31mno");
    await other.assertClosed();
    using zeros = await connectTcp(port);
    await zeros.write("\0".repeat(50));
    await zeros.closeWrite();
    await zeros.assertClosed();
    await delay(20);
  });
  assert(
    /plain HTTP refused: the client left before its request was complete\n/
      .test(log),
    log,
  );
  assertEquals(log.match(/\] TLS handshake failed: /g)?.length, 2, log);
  assertEquals(log.split("\n").length, 4);
});

test("HTTPSServer refuses plain HTTP without redirect_http", async () => {
  const log = await serving(async ({ server_port: port }) => {
    using client = await connectTcp(port);
    await client.write(GET);
    await client.assertClosed();
    await delay(20);
  }, {});
  assertStringIncludes(log, "TLS handshake failed: ");
});
