// Each fault, as a client sees it on the wire.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { serve } from "../../testing/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { exchange, get, RawClient } from "./_raw.ts";

/** Responds with bytes that a test can count: the head is always the same. */
class Exact extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  do_GET() {
    this.send_response_only(200);
    this.send_header("Content-Length", "5");
    this.end_headers();
    this.wfile.write("hello");
  }
  do_POST() {
    this.do_GET();
  }
}

const WHOLE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/** Connects and sends nothing. The reset may arrive before the runtime has set up the connection. */
async function connectAndReceive(port: number): Promise<[string, string]> {
  try {
    using client = await RawClient.connect(port);
    const { text, end } = await client.receive();
    return [text, end];
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    return ["", "reset"];
  }
}

boundedTest(
  "without a fault the response is whole and the connection stays open",
  async () => {
    await using site = await serve(Exact);
    using client = await RawClient.connect(site.port);
    await client.send(get("/"));
    assertEquals((await client.receive(5_000, "hello")).text, WHOLE);
    await client.send(get("/again"));
    assertEquals((await client.receive(5_000, "hello")).text, WHOLE);
  },
);

boundedTest('"cut" sends exactly N bytes, then FIN', async () => {
  await using site = await serve(Exact);
  for (const after of [1, 10, WHOLE.length - 1]) {
    site.fault("cut", { after });
    const { text, end } = await exchange(site.port, get("/"));
    assertEquals([text, end], [WHOLE.slice(0, after), "fin"]);
  }
});

boundedTest(
  '"cut" after 0 bytes sends FIN without calling the handler',
  async () => {
    await using site = await serve(Exact);
    site.fault("cut");
    const { text, end } = await exchange(site.port, get("/"));
    assertEquals([text, end], ["", "fin"]);
    assertEquals(site.requests[0]?.status, undefined);
    assertEquals(site.requests[0]?.fault, "cut");
  },
);

boundedTest(
  '"cut" after more bytes than the response has sends all of it, then FIN',
  async () => {
    await using site = await serve(Exact);
    site.fault("cut", { after: 1_000 });
    const { text, end } = await exchange(site.port, get("/"));
    assertEquals([text, end], [WHOLE, "fin"]);
  },
);

boundedTest(
  '"cut" ends with FIN also while the client sends an upload',
  async () => {
    await using site = await serve(Exact, { recordBodies: false });
    site.fault("cut", { after: 3 });
    using client = await RawClient.connect(site.port);
    await client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" +
        "x".repeat(100_000),
    );
    const { text, end } = await client.receive();
    assertEquals([text, end], ["HTT", "fin"]);
  },
);

boundedTest('"cut" ends a response without end, and its handler', async () => {
  let ended = false;
  class Endless extends BaseHTTPRequestHandler {
    override protocol_version = "HTTP/1.1";
    async do_GET() {
      try {
        this.send_response(200);
        this.endHeadersChunked();
        for (;;) await this.wfile.write("x".repeat(1_000));
      } finally {
        ended = true;
      }
    }
  }
  await using site = await serve(Endless);
  site.fault("cut", { after: 100_000 });
  const { text, end } = await exchange(site.port, get("/"));
  assertEquals([text.length, end], [100_000, "fin"]);
  await site.close();
  assert(ended);
});

boundedTest('"reset" sends RST without a byte', async () => {
  await using site = await serve(Exact);
  site.fault("reset");
  const { text, end } = await exchange(site.port, get("/"));
  assertEquals([text, end], ["", "reset"]);
});

boundedTest('"reset" sends exactly N bytes, then RST', async () => {
  await using site = await serve(Exact);
  for (const after of [1, 10, WHOLE.length]) {
    site.fault("reset", { after });
    const { text, end } = await exchange(site.port, get("/"));
    assertEquals([text, end], [WHOLE.slice(0, after), "reset"]);
  }
});

boundedTest(
  '"reset" on a kept connection leaves the response before it whole',
  async () => {
    await using site = await serve(Exact);
    site.fault("reset", { path: "/second" });
    using client = await RawClient.connect(site.port);
    await client.send(get("/first"));
    assertEquals((await client.receive(5_000, "hello")).text, WHOLE);
    await client.send(get("/second"));
    const { text, end } = await client.receive();
    assertEquals([text, end], ["", "reset"]);
  },
);

boundedTest('"refuse" resets a connection before it is read', async () => {
  await using site = await serve(Exact);
  site.fault("refuse", { times: 2 });
  for (let count = 0; count < 2; count++) {
    assertEquals(await connectAndReceive(site.port), ["", "reset"]);
  }
  assertEquals(site.requests, []);
  using client = await RawClient.connect(site.port);
  await client.send(get("/"));
  assertEquals((await client.receive(5_000, "hello")).text, WHOLE);
});

boundedTest(
  '"silence" reads the request and sends nothing, until the site closes',
  async () => {
    const site = await serve(Exact);
    site.fault("silence");
    using client = await RawClient.connect(site.port);
    await client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nread this",
    );
    const [request] = await site.waitFor(1);
    assertEquals(request?.text(), "read this");
    const silent = await client.receive(300);
    assertEquals([silent.text, silent.end], ["", "open"]);
    await site.close();
  },
);

boundedTest('"silence" ends when the client leaves', async () => {
  await using site = await serve(Exact);
  site.fault("silence");
  const { end } = await exchange(site.port, get("/"), 100);
  assertEquals(end, "open");
  const { text } = await exchange(site.port, get("/"), 300);
  assertEquals(text, WHOLE);
});

boundedTest('"silence" outlasts the timeout of the handler', async () => {
  class Hasty extends Exact {
    override timeout = 0.1;
  }
  await using site = await serve(Hasty);
  site.fault("silence");
  const { text, end } = await exchange(site.port, get("/"), 500);
  assertEquals([text, end], ["", "open"]);
});

boundedTest(
  '"garbage" sends its bytes instead of a response, then FIN',
  async () => {
    await using site = await serve(Exact);
    site.fault("garbage");
    const plain = await exchange(site.port, get("/"));
    assertEquals([plain.text, plain.end], ["This is not HTTP.\r\n", "fin"]);
    site.fault("garbage", { bytes: new Uint8Array([0, 255, 10]) });
    const { text, end } = await exchange(site.port, get("/"));
    assertEquals([text, end], ["\0\xff\n", "fin"]);
  },
);

boundedTest('"delay" waits before the head', async () => {
  await using site = await serve(Exact);
  site.fault("delay", { ms: 300 });
  using client = await RawClient.connect(site.port);
  await client.send(get("/"));
  const { text, times } = await client.receive(5_000, "hello");
  assertEquals(text, WHOLE);
  // Timers have whole milliseconds.
  assert(times[0]! >= 299, `${times}`);
});

boundedTest('"delay" waits between the head and the body', async () => {
  await using site = await serve(Exact);
  site.fault("delay", { ms: 300, before: "body" });
  using client = await RawClient.connect(site.port);
  await client.send(get("/"));
  const head = await client.receive(5_000, "\r\n\r\n");
  assertEquals(head.text + "hello", WHOLE);
  const body = await client.receive(5_000, "hello");
  assertEquals(body.text, "hello");
  assert(body.times[0]! >= 200, `${body.times}`);
});

boundedTest(
  '"delay" outlasts the timeout of the handler, and keeps the connection',
  async () => {
    class Hasty extends Exact {
      override timeout = 0.1;
    }
    await using site = await serve(Hasty);
    site.fault("delay", { ms: 400 });
    using client = await RawClient.connect(site.port);
    await client.send(get("/"));
    assertEquals((await client.receive(5_000, "hello")).text, WHOLE);
    // The timeout applies again.
    assertEquals((await client.receive()).end, "fin");
  },
);

boundedTest('"delay" ends when the site closes', async () => {
  const site = await serve(Exact);
  site.fault("delay", { ms: 60_000 });
  using client = await RawClient.connect(site.port);
  await client.send(get("/"));
  await site.waitFor(1);
  const began = performance.now();
  await site.close();
  assert(performance.now() - began < 5_000);
  assertEquals((await client.receive()).text, "");
});

boundedTest('"dribble" sends a piece at a time', async () => {
  await using site = await serve(Exact);
  site.fault("dribble", { bytes: 10, every: 50 });
  using client = await RawClient.connect(site.port);
  await client.send(get("/"));
  const { text, times } = await client.receive(5_000, "hello");
  assertEquals(text, WHOLE);
  const pieces = Math.ceil(WHOLE.length / 10);
  assert(times.length > 1 && times.length <= pieces, `${times.length}`);
  assert(times.at(-1)! >= (pieces - 1) * 49, `${times}`);
});

boundedTest(
  '"malformed-chunk" sends the body as chunks and no last chunk, then FIN',
  async () => {
    await using site = await serve(Exact);
    site.fault("malformed-chunk");
    const { text, end } = await exchange(site.port, get("/"));
    assertEquals([text, end], [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "5\r\nhello\r\nnot a chunk size\r\n",
      "fin",
    ]);
  },
);

boundedTest(
  '"malformed-chunk" replaces the last chunk of a chunked response',
  async () => {
    class Chunked extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      async do_GET() {
        this.send_response_only(200);
        this.endHeadersChunked();
        for (const word of ["one", "two"]) {
          await this.wfile.write(word);
          await this.wfile.flush();
        }
      }
    }
    await using site = await serve(Chunked);
    site.fault("malformed-chunk");
    const { text, end } = await exchange(site.port, get("/"));
    assertEquals([text, end], [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3\r\none\r\n3\r\ntwo\r\nnot a chunk size\r\n",
      "fin",
    ]);
  },
);

boundedTest(
  '"malformed-chunk" announces HTTP/1.1 for a response of HTTP/1.0',
  async () => {
    class Old extends Exact {
      override protocol_version = "HTTP/1.0";
    }
    await using site = await serve(Old);
    site.fault("malformed-chunk");
    const { text } = await exchange(site.port, get("/"));
    assertMatch(text, /^HTTP\/1\.1 200 OK\r\nTransfer-Encoding: chunked\r\n/);
  },
);

boundedTest(
  '"wrong-length" announces more or fewer bytes than it sends, then FIN',
  async () => {
    await using site = await serve(Exact);
    for (const [by, length] of [[3, 8], [-2, 3], [-9, 0]] as const) {
      site.fault("wrong-length", { by });
      const { text, end } = await exchange(site.port, get("/"));
      assertEquals([text, end], [
        `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nhello`,
        "fin",
      ]);
    }
  },
);

boundedTest(
  'check() reports a "wrong-length" for a response without Content-Length',
  async () => {
    class Plain extends BaseHTTPRequestHandler {
      do_GET() {
        this.send_response_only(200);
        this.end_headers();
        this.wfile.write("hello");
      }
    }
    await using site = await serve(Plain);
    site.fault("wrong-length", { by: 1 });
    const { text } = await exchange(site.port, get("/tea"));
    assertEquals(text, "HTTP/1.0 200 OK\r\n\r\nhello");
    let message = "";
    try {
      site.check();
    } catch (error) {
      ({ message } = error as Error);
    }
    assertStringIncludes(
      message,
      "A fault can't be applied to GET /tea: the response has no Content-Length",
    );
  },
);

boundedTest("a fault is not applied to an interim response", async () => {
  await using site = await serve(Exact);
  site.fault("cut", { after: 10 });
  using client = await RawClient.connect(site.port);
  await client.send(
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n" +
      "Content-Length: 2\r\n\r\n",
  );
  const interim = await client.receive(5_000, "\r\n\r\n");
  assertEquals(interim.text, "HTTP/1.1 100 Continue\r\n\r\n");
  await client.send("ok");
  const { text, end } = await client.receive();
  assertEquals([text, end], [WHOLE.slice(0, 10), "fin"]);
});

boundedTest("a fault is applied to an expected response", async () => {
  await using site = await serve();
  const tea = site.expect({ path: "/tea" }).respond({ body: "hot" });
  site.fault("wrong-length", { by: 1 });
  const { text } = await exchange(site.port, get("/tea"));
  assertStringIncludes(text, "Content-Length: 4\r\n");
  assertEquals(tea.count, 1);
});

boundedTest(
  "a fault that sends nothing of the response uses up no expectation",
  async () => {
    await using site = await serve();
    site.expect({ path: "/tea" }).once().respond({ body: "hot" });
    site.fault("reset");
    assertEquals((await exchange(site.port, get("/tea"))).end, "reset");
    using client = await RawClient.connect(site.port);
    await client.send(get("/tea"));
    assertStringIncludes((await client.receive(5_000, "hot")).text, "200 OK");
    site.check();
  },
);

boundedTest(
  "a fault is applied as often as it says, to the requests that it names",
  async () => {
    await using site = await serve(Exact);
    const fault = site.fault("cut", {
      after: 4,
      method: "GET",
      path: /^\/b/,
      times: 2,
    });
    const texts: string[] = [];
    for (const path of ["/a", "/b", "/bb", "/b"]) {
      using client = await RawClient.connect(site.port);
      await client.send(get(path));
      texts.push((await client.receive(200)).text);
    }
    assertEquals(texts, [WHOLE, "HTTP", "HTTP", WHOLE]);
    assertEquals(fault.count, 2);
  },
);

boundedTest("a fault that was disposed is not applied", async () => {
  await using site = await serve(Exact);
  {
    using _cut = site.fault("cut", { times: Infinity });
    assertEquals((await exchange(site.port, get("/"))).text, "");
  }
  using client = await RawClient.connect(site.port);
  await client.send(get("/"));
  assertEquals((await client.receive(5_000, "hello")).text, WHOLE);
});
