// Upstreams that misbehave, and clients that leave: what the other side sees.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import { captureLog } from "../../_lib/captured_log.ts";
import { StaticFileHandler } from "../../../handlers/static/mod.ts";
import { type Peer, proxied, upstream, within } from "./_upstream.ts";

const GET = "GET /api/x HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Asks an upstream that sends this after a request, and then ends the connection. */
async function ask(
  bytes: string,
  request = GET,
  end: (peer: Peer) => Promise<void> = (peer) => peer.closeWrite(),
): Promise<{ text: string; log: string }> {
  using log = captureLog();
  let text: string;
  {
    await using server = await upstream(async (peer) => {
      await peer.head();
      await peer.send(bytes);
      await end(peer);
    });
    await using served = await proxied(server, {}, StaticFileHandler);
    using client = await served.served.connect();
    await client.write(request.replace("\r\n\r\n", "\r\nConnection: close$&"));
    text = await client.readToEnd();
  }
  return { text, log: log.text };
}

/** What an upstream sends, and what its client gets to see: a status, and what the log says. */
const INVALID: readonly (readonly [bytes: string, log: RegExp])[] = [
  ["", /closed the connection before its response/],
  ["HTTP/1.1 20", /closed the connection in the head/],
  ["HTTP/1.1 200 OK\r\nContent-", /closed the connection in the head/],
  ["\x15\x03\x03\x00\x02\x02\x46\r\n", /it seems to speak HTTPS/],
  ["SSH-2.0-OpenSSH\r\n\r\n", /Bad status line \('SSH-2\.0-OpenSSH'\)/],
  ["HTTP/2 200\r\n\r\n", /Bad status line/],
  ["HTTP/1.1 200 OK\r\nA : b\r\n\r\n", /no white space/],
  ["HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", /begin with white space/],
  ["HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", /bare CR/],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    /Both Transfer-Encoding and Content-Length/,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
    /values of Content-Length differ/,
  ],
  ["HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", /Bad Content-Length/],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", /transfer coding/],
  [
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    /not allowed before HTTP\/1\.1/,
  ],
  ["HTTP/1.1 101 Switching\r\nUpgrade: a\r\n\r\n", /asks for no other/],
  ["HTTP/1.1 102 A\r\n\r\n".repeat(101), /More than 100 interim/],
  [`HTTP/1.1 200 OK\r\nA: ${"a".repeat(70_000)}\r\n\r\n`, /Line too long/],
  [`HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(200)}\r\n`, /Too many headers/],
];

for (const [bytes, expected] of INVALID) {
  boundedTest(
    `an upstream that sends ${JSON.stringify(bytes.slice(0, 60))} gives 502`,
    async () => {
      const { text, log } = await ask(bytes);
      assertMatch(
        text,
        /^(?:HTTP\/1\.1 102 [^]*)?HTTP\/1\.1 502 Bad Gateway\r\n/,
      );
      assertMatch(text, /<h1><b>502<\/b> Bad Gateway<\/h1>/);
      assertMatch(text, /<p>http:\/\/127\.0\.0\.1:[0-9]+ [^<]*[^.<]\.<\/p>/);
      assertMatch(log, expected);
      assertMatch(log, /Proxy: http:\/\/127\.0\.0\.1:[0-9]+ /);
      assertMatch(log, /" 502 -\n/);
    },
  );
}

boundedTest(
  "a response that ends before its length is cut, and logged",
  async () => {
    const { text, log } = await ask(
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
    );
    assertMatch(text, /\r\nContent-Length: 5\r\n[^]*\r\n\r\nab$/);
    assertMatch(log, /after 2 of 5 bytes of its response/);
  },
);

boundedTest(
  "a response longer than its length is sent without the rest",
  async () => {
    const { text } = await ask(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n\r\n",
    );
    assertMatch(text, /\r\n\r\nab$/);
  },
);

boundedTest(
  "a chunked response that ends early has no last chunk",
  async () => {
    const { text, log } = await ask(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    );
    assertMatch(text, /\r\n\r\n2\r\nab\r\n$/);
    assertMatch(log, /in the middle of its response/);
  },
);

boundedTest("malformed chunks end the response", async () => {
  const { text, log } = await ask(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n",
  );
  assertMatch(text, /\r\n\r\n2\r\nab\r\n$/);
  assertMatch(log, /invalid response: Bad chunked body/);
});

boundedTest(
  "a response without a length ends with the connection, and becomes chunked",
  async () => {
    const { text } = await ask("HTTP/1.0 200 OK\r\n\r\nabc");
    assertMatch(text, /^HTTP\/1\.1 200 OK\r\n/);
    assertMatch(text, /Transfer-Encoding: chunked[^]*3\r\nabc\r\n0\r\n\r\n$/);
  },
);

boundedTest("a reset in the middle of a response cuts it", async () => {
  const { text, log } = await ask(
    "HTTP/1.1 200 OK\r\n\r\nabc",
    GET,
    async (peer) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await peer.reset();
    },
  );
  assertMatch(text, /3\r\nabc\r\n$/);
  assertMatch(log, /lost the connection/);
});

boundedTest("responses without a body have none", async () => {
  for (
    const [request, head] of [
      [GET, "HTTP/1.1 204 No Content\r\n\r\nabc"],
      [GET, "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n"],
      [
        GET.replace("GET", "HEAD"),
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
      ],
      [GET, "HTTP/1.1 205 Reset\r\nContent-Length: 3\r\n\r\nabc"],
      [
        GET,
        "HTTP/1.1 205 Reset\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ],
    ] as const
  ) {
    const { text } = await ask(head, request);
    assertMatch(text, new RegExp(`^${head.split("\r\n", 1)[0]}\r\n`));
    assert(text.endsWith("\r\n\r\n"), text);
  }
});

boundedTest(
  "an upstream that isn't up gives 502 with a page and a log line that say what to do",
  async () => {
    using log = captureLog();
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    {
      await using served = await proxied(
        { url: `http://localhost:${port}` },
        { errorPages: false },
        StaticFileHandler,
      );
      const { status, body } = await served.get("/api/x");
      assertEquals(status, 502);
      const page =
        `Nothing listens at http://localhost:${port}; start it, or check --proxy.`;
      assert(body.includes(page), body);
    }
    assertMatch(
      log.text,
      /Proxy: nothing listens at http:\/\/localhost:[0-9]+; start it, or check --proxy\n[^\n]*" 502 -\n$/,
    );
  },
);

boundedTest("a Unix socket that isn't there gives 502", async () => {
  using log = captureLog();
  {
    await using served = await proxied(
      { url: "unix:/nowhere/app.sock" },
      {},
      StaticFileHandler,
    );
    assertEquals((await served.get("/api/x")).status, 502);
  }
  assertMatch(log.text, /there is no socket \/nowhere\/app\.sock/);
});

boundedTest(
  "an upstream that is silent gives 504 after the time limit",
  async () => {
    using log = captureLog();
    {
      await using server = await upstream((peer) => peer.ended());
      await using served = await proxied(
        server,
        { proxyTimeout: 1 },
        StaticFileHandler,
      );
      assertEquals((await served.get("/api/x")).status, 504);
    }
    assertMatch(log.text, /was silent for 1 seconds; [^\n]* --proxy-timeout\n/);
  },
);

boundedTest("an interim response starts the time limit again", async () => {
  await using server = await upstream(async (peer) => {
    await peer.head();
    for (let count = 0; count < 3; count++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await peer.send("HTTP/1.1 102 Processing\r\n\r\n");
    }
    await peer.respond("done");
    await peer.ended();
  });
  await using served = await proxied(server, { proxyTimeout: 1 });
  const request = GET.replace("\r\n\r\n", "\r\nConnection: close$&");
  const text = await served.served.send(request);
  assertMatch(text, /102 Processing[^]*done$/);
});

boundedTest("a body with a length must go on, a stream may pause", async () => {
  using log = captureLog();
  {
    await using server = await upstream(async (peer) => {
      const head = await peer.head();
      const isStream = head.includes("/stream");
      await peer.send(
        isStream
          ? "HTTP/1.1 200 OK\r\n\r\na"
          : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
      );
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      if (isStream) await peer.send("b");
    });
    await using served = await proxied(
      server,
      { proxyTimeout: 1 },
      StaticFileHandler,
    );
    assertEquals((await served.get("/api/stream")).body, "ab");
    const text = await served.served.send(GET);
    assertMatch(text, /\r\n\r\na$/);
  }
  assertMatch(log.text, /was silent for 1 seconds/);
});

boundedTest(
  "a client that leaves ends the request to the upstream",
  async () => {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<number>();
    await using server = await upstream(async (peer) => {
      await peer.head();
      begun.resolve();
      await peer.ended();
      ended.resolve(performance.now());
    });
    await using served = await proxied(server);
    const client = await served.served.connect();
    await client.write(GET);
    await begun.promise;
    client.close();
    const left = performance.now();
    const time = await within(ended.promise) - left;
    assert(time < 1_500, `${time} ms`);
  },
);

boundedTest("a client that leaves a stream of events ends it", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = await upstream(async (peer) => {
    await peer.head();
    await peer.send("HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n");
    await peer.ended();
    ended.resolve();
  });
  await using served = await proxied(server);
  const client = await served.served.connect();
  await client.write(GET);
  await client.readUntil("data: 1\n\n");
  client.close();
  await within(ended.promise);
});

boundedTest(
  "a server that closes ends streams of events",
  async () => {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    await using server = await upstream(async (peer) => {
      await peer.head();
      await peer.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n",
      );
      begun.resolve();
      await peer.ended();
      ended.resolve();
    });
    const served = await proxied(server);
    using client = await served.served.connect();
    await client.write(GET);
    await begun.promise;
    await within(served[Symbol.asyncDispose]());
    await within(ended.promise);
  },
);

boundedTest(
  "a client that leaves in the middle of an upload ends it",
  async () => {
    const ended = Promise.withResolvers<string>();
    await using server = await upstream(async (peer) => {
      await peer.head();
      ended.resolve(await peer.read(100));
    });
    await using served = await proxied(server);
    const client = await served.served.connect();
    await client.write(
      "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc",
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.close();
    assertEquals(await within(ended.promise), "abc");
  },
);

boundedTest(
  "a response before the end of the upload is sent at once",
  async () => {
    await using server = await upstream(async (peer) => {
      await peer.head();
      await peer.read(3);
      await peer.send(
        "HTTP/1.1 413 Too Large\r\nTransfer-Encoding: chunked\r\n\r\n",
      );
      await peer.send("2\r\nno\r\n0\r\n\r\n");
      await peer.ended();
    });
    await using served = await proxied(server);
    using client = await served.served.connect();
    await client.write(
      "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
    );
    const { status, body } = await client.answer();
    assertEquals([status, body], [413, "no"]);
    // What was missing is dropped, and the connection goes on.
    await client.write("defghij" + GET.replace("/api/x", "/"));
    assertEquals((await client.answer()).body, "page");
  },
);

boundedTest(
  "a malformed request body gets 400, and the upstream no whole one",
  async () => {
    const received = Promise.withResolvers<string>();
    await using server = await upstream(async (peer) => {
      await peer.head();
      received.resolve(await peer.read(1_000));
    });
    await using served = await proxied(server);
    const { status } = await served.served.ask(
      "POST /api/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n",
    );
    assertEquals(status, 400);
    assertEquals(await received.promise, "2\r\nab\r\n");
  },
);

/** An upstream that closes its first connection when the second request arrives on it. */
function closing(): ReturnType<typeof upstream> {
  return upstream(async (peer, number) => {
    await peer.head();
    await peer.respond(`${number}`);
    if (number > 0) return await peer.ended();
    await peer.head();
  });
}

boundedTest(
  "GET is sent again if the upstream closes a kept-open connection",
  async () => {
    await using server = await closing();
    await using served = await proxied(server);
    assertEquals((await served.get("/api/x")).body, "0");
    assertEquals((await served.get("/api/x")).body, "1");
    assertEquals(server.accepted, 2);
  },
);

boundedTest(
  "POST is not sent again if the upstream closes a kept-open connection",
  async () => {
    using log = captureLog();
    {
      await using server = await closing();
      await using served = await proxied(server, {}, StaticFileHandler);
      assertEquals((await served.get("/api/x")).body, "0");
      const { status } = await served.ask(
        "POST",
        "/api/x",
        "Content-Length: 0",
      );
      assertEquals(status, 502);
      assertEquals(server.accepted, 1);
    }
    assertMatch(log.text, /closed the connection before its response/);
  },
);

boundedTest(
  "no request is sent again on a new connection, or after a byte",
  async () => {
    await using server = await upstream(async (peer) => {
      await peer.head();
    });
    await using served = await proxied(server);
    assertEquals((await served.get("/api/x")).status, 502);
    assertEquals(server.accepted, 1);
  },
);
