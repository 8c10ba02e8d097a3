// `serve()`: what it serves, records, expects and reports, and that it leaves nothing open.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  BaseHTTPRequestHandler,
  partial,
  SimpleHTTPRequestHandler,
  staticFiles,
  StreamRequestHandler,
} from "../../handlers/mod.ts";
import { serve, type ServeOptions, type TestSite } from "../../testing/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { captureLog } from "../_lib/captured_log.ts";
import { exchange, get, RawClient } from "./_raw.ts";

class Echo extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  do_GET() {
    this.send_response(200);
    this.send_header("Content-Length", "2");
    this.end_headers();
    this.wfile.write("ok");
  }
  async do_POST() {
    const body = await this.rfile.read();
    this.send_response(201);
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }
}

/** The message of the error that `check()` throws; empty without one. */
function faultsOf(site: TestSite): string {
  try {
    site.check();
    return "";
  } catch (error) {
    assertInstanceOf(error, Error);
    const { name, message } = error as Error;
    assertEquals(name, "AssertionError");
    return message;
  }
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

boundedTest(
  "serve() listens on a free port of 127.0.0.1 until it is closed",
  async () => {
    const site = await serve(Echo);
    assertEquals(site.url, `http://127.0.0.1:${site.port}`);
    assert(site.port > 0);
    assertEquals(await statusOf(site.url), 200);
    await site.close();
    await site.close();
    await assertRejects(
      () => RawClient.connect(site.port),
      Deno.errors.ConnectionRefused,
    );
  },
);

boundedTest(
  "close() closes kept, half-sent and silent connections at once",
  async () => {
    const site = await serve(Echo);
    using kept = await RawClient.connect(site.port);
    await kept.send(get("/"));
    await kept.receive(5_000, "ok");
    using half = await RawClient.connect(site.port);
    await half.send("GET / HTTP/1.1\r\nHo");
    using upload = await RawClient.connect(site.port);
    await upload.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
    );
    using silent = await RawClient.connect(site.port);
    // Until all are accepted.
    using last = await RawClient.connect(site.port);
    await last.send(get("/last"));
    await site.waitFor(({ path }) => path === "/last");
    const began = performance.now();
    await site.close();
    assert(performance.now() - began < 3_000);
    for (const client of [kept, half, upload, silent]) {
      assert((await client.receive()).end !== "open");
    }
  },
);

boundedTest("serve() serves a directory, by path or URL", async () => {
  for (
    const folder of ["examples", new URL("../../examples/", import.meta.url)]
  ) {
    await using site = await serve(folder);
    const response = await fetch(`${site.url}/hello.ts`);
    assertStringIncludes(await response.text(), "class Hello");
    assertEquals(await statusOf(`${site.url}/none`), 404);
    assertEquals(site.requests.map(({ status }) => status), [200, 404]);
  }
});

boundedTest(
  "serve() rejects a directory that is missing or a file",
  async () => {
    await assertRejects(() => serve("examples/none"), Deno.errors.NotFound);
    await assertRejects(() => serve("deno.json"), TypeError, "not a directory");
  },
);

boundedTest(
  "serve() takes what staticFiles() and partial() return",
  async () => {
    const files = staticFiles({ directory: "examples", cleanUrls: true });
    const simple = partial(SimpleHTTPRequestHandler, { directory: "examples" });
    for (const Handler of [files, simple]) {
      await using site = await serve(Handler);
      assertEquals(await statusOf(`${site.url}/hello.ts`), 200);
      assertEquals(site.requests[0]?.status, 200);
    }
  },
);

boundedTest("serve() rejects a handler that is not for HTTP", async () => {
  await assertRejects(
    () => serve(StreamRequestHandler),
    TypeError,
    "StreamRequestHandler: it must extend BaseHTTPRequestHandler",
  );
});

boundedTest(
  "serve() works with SimpleHTTPRequestHandler and HTTP/1.0",
  async () => {
    class Docs extends SimpleHTTPRequestHandler {
      override directory = "examples";
    }
    await using site = await serve(Docs);
    const { text, end } = await exchange(site.port, get("/hello.ts"));
    assertStringIncludes(text, "class Hello");
    assertEquals(end, "fin");
    assertEquals(site.requests[0]?.status, 200);
  },
);

boundedTest("serve() logs nothing, unless the option log is set", async () => {
  const logged = async (options?: ServeOptions) => {
    using log = captureLog();
    {
      await using site = await serve(Echo, options);
      assertEquals(await statusOf(`${site.url}/tea`), 200);
    }
    return log.text;
  };
  assertEquals(await logged(), "");
  assertStringIncludes(await logged({ log: true }), '"GET /tea HTTP/1.1" 200');
});

boundedTest(
  "serve() keeps a log_message() of the handler's class",
  async () => {
    const lines: string[] = [];
    class Noted extends Echo {
      override log_message(template: string) {
        lines.push(template);
      }
    }
    await using site = await serve(Noted);
    assertEquals(await statusOf(site.url), 200);
    assertEquals(lines, ['"%s" %s %s']);
  },
);

boundedTest("a request is recorded with everything that was sent", async () => {
  await using site = await serve(Echo);
  const before = Date.now();
  using client = await RawClient.connect(site.port);
  await client.send(
    "POST //a%20b?x=1&x=2&y HTTP/1.1\r\nHost: a.test\r\nX-B: 1\r\n" +
      "x-a: 2\r\nX-B: 3\r\nContent-Length: 8\r\n\r\n" + '{"n":[]}',
  );
  const response = await client.receive(5_000, "[]}");
  assertStringIncludes(response.text, "201 Created");
  assertStringIncludes(response.text, '\r\n\r\n{"n":[]}');
  const request = site.requests[0]!;
  assertEquals(request.method, "POST");
  assertEquals(request.target, "//a%20b?x=1&x=2&y");
  assertEquals(request.path, "//a%20b");
  assertEquals(request.search, "x=1&x=2&y");
  assertEquals(request.query.getAll("x"), ["1", "2"]);
  assertEquals(request.version, "HTTP/1.1");
  assertEquals(request.headers.items(), [
    ["Host", "a.test"],
    ["X-B", "1"],
    ["x-a", "2"],
    ["X-B", "3"],
    ["Content-Length", "8"],
  ]);
  assertEquals(request.text(), '{"n":[]}');
  assertEquals(request.json(), { n: [] });
  assertEquals(request.complete, true);
  const { localAddr } = client.conn;
  assertEquals(request.client, ["127.0.0.1", localAddr.port]);
  assert(request.time.getTime() >= before);
  assertEquals(request.status, 201);
  assertEquals(`${request}`, "POST //a%20b?x=1&x=2&y");
});

boundedTest(
  "a chunked body is recorded, and the handler reads it too",
  async () => {
    await using site = await serve(Echo);
    const body = ReadableStream.from(["one ", "two"]).pipeThrough(
      new TextEncoderStream(),
    );
    const response = await fetch(site.url, { method: "POST", body });
    assertEquals(await response.text(), "one two");
    assertEquals(site.requests[0]?.text(), "one two");
  },
);

boundedTest(
  "a body that is cut off is recorded as far as it came",
  async () => {
    await using site = await serve(Echo);
    using client = await RawClient.connect(site.port);
    await client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
    );
    await client.conn.closeWrite();
    assertStringIncludes((await client.receive()).text, " 400 ");
    const request = site.requests[0]!;
    assertEquals([request.text(), request.complete], ["abc", false]);
  },
);

boundedTest(
  "a handler that reads lines gets a body of more than a read",
  async () => {
    class Lines extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      async do_POST() {
        let lines = 0;
        for await (const line of this.rfile) lines += line.length === 8 ? 1 : 0;
        this.send_response(200);
        this.endHeadersChunked();
        this.wfile.write(`${lines}`);
      }
    }
    await using site = await serve(Lines);
    const body = "1234567\n".repeat(50_000);
    for (let count = 0; count < 2; count++) {
      const response = await fetch(site.url, { method: "POST", body });
      assertEquals(await response.text(), "50000");
    }
    assertEquals(site.requests.map(({ body }) => body.length), [
      400_000,
      400_000,
    ]);
  },
);

boundedTest(
  "a body of more than 16 MiB reaches the handler, and its start is recorded",
  async () => {
    await using site = await serve(Echo);
    const size = 17 * 1024 * 1024;
    const response = await fetch(site.url, {
      method: "POST",
      body: new Uint8Array(size).fill(7),
    });
    assertEquals((await response.bytes()).length, size);
    const request = site.requests[0]!;
    assertEquals(request.body.length, 16 * 1024 * 1024);
    assertEquals(request.complete, false);
  },
);

boundedTest(
  "with recordBodies: false the handler runs before the body is complete",
  async () => {
    class Duplex extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      async do_POST() {
        this.send_response(200);
        this.endHeadersChunked();
        for await (const line of this.rfile) await this.wfile.write(line);
      }
    }
    await using site = await serve(Duplex, { recordBodies: false });
    using client = await RawClient.connect(site.port);
    await client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na\n",
    );
    assertStringIncludes((await client.receive(5_000, "a\n")).text, "a\n");
    await client.send("b\n");
    assertStringIncludes(
      (await client.receive(5_000, "0\r\n\r\n")).text,
      "b\n",
    );
    assertEquals(site.requests[0]?.body.length, 0);
  },
);

boundedTest(
  "pipelined requests with bodies are recorded in order",
  async () => {
    await using site = await serve(Echo);
    using client = await RawClient.connect(site.port);
    const post = (body: string) =>
      `POST /${body} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    await client.send(post("one") + get("/two") + post("three"));
    await client.receive(5_000, "three");
    assertEquals(
      site.requests.map((request) => `${request} ${request.text()}`),
      ["POST /one one", "GET /two ", "POST /three three"],
    );
  },
);

boundedTest(
  "an expected request with Expect: 100-continue gets 100 first",
  async () => {
    await using site = await serve();
    site.expect({ method: "PUT", body: "ok" }).respond({ status: 204 });
    using client = await RawClient.connect(site.port);
    await client.send(
      "PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n" +
        "Content-Length: 2\r\n\r\n",
    );
    const interim = await client.receive(5_000, "\r\n\r\n");
    assertEquals(interim.text, "HTTP/1.1 100 Continue\r\n\r\n");
    await client.send("ok");
    const { text } = await client.receive(5_000, "\r\n\r\n");
    assertStringIncludes(text, "HTTP/1.1 204 No Content\r\n");
  },
);

boundedTest(
  "respond() sends the status, the fields in order, and a body or JSON",
  async () => {
    await using site = await serve();
    site.expect({ path: "/text" }).respond({ body: "é" });
    site.expect({ path: "/json" }).respond({
      status: 201,
      headers: { "X-A": "1" },
      json: { a: [1] },
    });
    site.expect({ path: "/bytes" }).respond({
      headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]],
      body: new Uint8Array([1, 2]),
    });
    site.expect({ path: "/own" }).respond((request) => ({
      headers: { "Content-Type": "text/html" },
      body: `<p>${request.query.get("name")}`,
    }));
    site.expect({ path: "/plain" });
    const text = await fetch(`${site.url}/text`);
    assertEquals(text.headers.get("Content-Type"), "text/plain; charset=utf-8");
    assertEquals(await text.text(), "é");
    const json = await fetch(`${site.url}/json`);
    assertEquals(
      [json.status, json.headers.get("X-A"), await json.json()],
      [201, "1", { a: [1] }],
    );
    const bytes = await fetch(`${site.url}/bytes`);
    assertEquals(bytes.headers.getSetCookie(), ["a=1", "b=2"]);
    assertEquals(await bytes.bytes(), new Uint8Array([1, 2]));
    const own = await fetch(`${site.url}/own?name=Ada`);
    assertEquals(own.headers.get("Content-Type"), "text/html");
    assertEquals(await own.text(), "<p>Ada");
    const plain = await fetch(`${site.url}/plain`, { method: "DELETE" });
    assertEquals([plain.status, await plain.text()], [200, ""]);
    const head = await fetch(`${site.url}/text`, { method: "HEAD" });
    assertEquals(head.headers.get("Content-Length"), "2");
    site.check();
  },
);

boundedTest(
  "a request that is not expected gets 500 with the reasons, and check() lists it",
  async () => {
    await using site = await serve();
    site.expect({ method: "GET", path: "/a" });
    const response = await fetch(`${site.url}/b?c`);
    const text = await response.text();
    assertEquals(response.status, 500);
    assertEquals(
      text,
      'No expectation matches GET /b?c\n- always: GET /a\n  - path: "/b", not "/a"\n',
    );
    assertStringIncludes(faultsOf(site), "No expectation matches GET /b?c");
  },
);

boundedTest(
  "expectations come before the handler, which gets the other requests",
  async () => {
    await using site = await serve(Echo);
    site.expect({ path: "/down" }).respond({ status: 503 });
    assertEquals(await statusOf(`${site.url}/down`), 503);
    assertEquals(await statusOf(`${site.url}/up`), 200);
    site.check();
  },
);

boundedTest(
  "check() lists expectations that were not met, unused faults and failures",
  async () => {
    await using site = await serve();
    site.expect({ path: "/once" }).once();
    site.expect({ path: "/always" });
    const group = site.inOrder();
    group.expect({ path: "/first" });
    site.fault("cut", { path: "/none" });
    site.expect({ path: "/throws" }).respond(() => {
      throw new Error("no tea");
    });
    assertEquals(await statusOf(`${site.url}/throws`), 500);
    assertEquals(
      faultsOf(site),
      `Expected but not received:
  in order: any method /first
  once: any method /once
Faults that were not applied:
  cut for any method /none
Errors:
  Cannot respond to GET /throws: Error: no tea`,
    );
  },
);

boundedTest("check() reports an error that the handler threw", async () => {
  class Broken extends BaseHTTPRequestHandler {
    do_GET() {
      throw new Error("spilled");
    }
  }
  await using site = await serve(Broken);
  assertEquals(await statusOf(site.url), 500);
  await site.close();
  assertStringIncludes(faultsOf(site), "The handler failed: Error: spilled");
});

boundedTest(
  "disposal throws as check() does only with the option check",
  async () => {
    const use = async (options: ServeOptions) => {
      await using site = await serve(undefined, options);
      assertEquals(await statusOf(site.url), 500);
    };
    await use({});
    const error = await assertRejects(() => use({ check: true }), Error);
    assertStringIncludes(error.message, "No expectation matches GET /");
  },
);

boundedTest(
  "reset() forgets requests, expectations, faults and failures",
  async () => {
    await using site = await serve();
    site.expect({ path: "/a" });
    site.fault("cut", { path: "/none" });
    assertEquals(await statusOf(`${site.url}/a`), 200);
    assertEquals(await statusOf(`${site.url}/b`), 500);
    site.reset();
    site.check();
    assertEquals(site.requests, []);
    assertEquals(await statusOf(`${site.url}/a`), 500);
    assertEquals(site.requests.length, 1);
  },
);

boundedTest("waitFor() waits for a number of requests", async () => {
  await using site = await serve(Echo);
  const waiting = site.waitFor(2);
  assertEquals(await statusOf(`${site.url}/1`), 200);
  assertEquals(await statusOf(`${site.url}/2`), 200);
  assertEquals((await waiting).map(({ path }) => path), ["/1", "/2"]);
  assertEquals((await site.waitFor(1)).length, 2);
});

boundedTest(
  "waitFor() waits for a request that a function accepts, also for its status",
  async () => {
    await using site = await serve(Echo);
    const waiting = site.waitFor(({ status }) => status === 201);
    assertEquals(await statusOf(`${site.url}/1`), 200);
    assertEquals(await statusOf(`${site.url}/2`, { method: "POST" }), 201);
    assertEquals((await waiting).path, "/2");
  },
);

boundedTest(
  "waitFor() rejects after its timeout with the received requests",
  async () => {
    await using site = await serve(Echo);
    assertEquals(await statusOf(`${site.url}/1`), 200);
    const error = await assertRejects(
      () => site.waitFor(2, { timeout: 50 }),
      Deno.errors.TimedOut,
    );
    assertEquals(
      error.message,
      "Waited 50 ms for 2 requests; received 1\n- GET /1: 200",
    );
  },
);

boundedTest(
  "waitFor() rejects when the site closes, and if its function throws",
  async () => {
    const site = await serve(Echo);
    const waiting = assertRejects(() => site.waitFor(1), Error, "is closed");
    await site.close();
    await waiting;
    await assertRejects(() => site.waitFor(0), Error, "is closed");
    await using other = await serve(Echo);
    const throwing = assertRejects(
      () =>
        other.waitFor(() => {
          throw new RangeError("no");
        }),
      RangeError,
    );
    assertEquals(await statusOf(other.url), 200);
    await throwing;
  },
);

boundedTest("at most 1000 requests are kept, and all are counted", async () => {
  await using site = await serve(Echo);
  using client = await RawClient.connect(site.port);
  const batch = Array.from({ length: 100 }, (_, at) => get(`/${at}`)).join("");
  for (let count = 0; count < 11; count++) await client.send(batch);
  await site.waitFor(1_100);
  assertEquals(site.requests.length, 1_000);
  assertEquals(site.requests.at(-1)?.path, "/99");
});

boundedTest("a malformed request gets 400 and is not recorded", async () => {
  await using site = await serve(Echo);
  const { text } = await exchange(site.port, "GET / HTTP/1.1\r\nbad\r\n\r\n");
  assertStringIncludes(text, "HTTP/1.1 400");
  assertEquals(site.requests, []);
});

boundedTest("expect() and fault() reject options that are wrong", async () => {
  await using site = await serve();
  assertThrows(() => site.expect({ path: "/a?b" }), TypeError, '"query"');
  assertThrows(() => site.expect({ path: "a" }), TypeError, 'start with "/"');
  assertThrows(() => site.fault("cut", { after: -1 }), RangeError, '"after"');
  assertThrows(() => site.fault("cut", { times: 0 }), RangeError, '"times"');
  assertThrows(() => site.fault("refuse", { path: "/" }), TypeError, "refuse");
});

boundedTest(
  "a handler that leaves the body unread gets the next request",
  async () => {
    class Lazy extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      do_POST() {
        this.send_response(204);
        this.end_headers();
      }
    }
    await using site = await serve(Lazy);
    using client = await RawClient.connect(site.port);
    for (const body of ["one", "two"]) {
      await client.send(
        `POST /${body} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n${body}`,
      );
      const { text } = await client.receive(5_000, "\r\n\r\n");
      assertStringIncludes(text, " 204 ");
    }
    assertEquals(site.requests.map((request) => request.text()), [
      "one",
      "two",
    ]);
  },
);

boundedTest(
  "a handler can switch protocols and use the raw stream",
  async () => {
    class Upper extends BaseHTTPRequestHandler {
      override protocol_version = "HTTP/1.1";
      async do_GET() {
        this.send_response(101);
        this.send_header("Connection", "Upgrade");
        this.send_header("Upgrade", "upper");
        this.end_headers();
        for await (const line of this.rfile) {
          await this.wfile.write(new TextDecoder().decode(line).toUpperCase());
        }
      }
    }
    await using site = await serve(Upper);
    using client = await RawClient.connect(site.port);
    await client.send(get("/"));
    await client.receive(5_000, "\r\n\r\n");
    await client.send("tea\n");
    assertEquals((await client.receive(5_000, "\n")).text, "TEA\n");
    assertEquals(site.requests[0]?.status, 101);
  },
);

boundedTest(
  "50 clients in parallel get their responses, and each request is recorded",
  async () => {
    await using site = await serve(Echo);
    const texts = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const body = `${at} `.repeat(10_000);
        const response = await fetch(site.url, { method: "POST", body });
        return await response.text() === body;
      }),
    );
    assert(texts.every((same) => same));
    assertEquals(site.requests.length, 50);
  },
);

boundedTest(
  "a script ends by itself once its site is closed, whatever clients and faults do",
  async () => {
    const entry = JSON.stringify(
      new URL("../../testing/mod.ts", import.meta.url).href,
    );
    const script = `
    import { connect } from "node:net";
    import { serve } from ${entry};
    const site = await serve();
    site.expect();
    await (await fetch(site.url)).text();
    site.fault("silence");
    site.fault("delay", { ms: 60_000 });
    const request = "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n";
    for (let count = 0; count < 2; count++) {
      const socket = connect(site.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(request);
      socket.resume();
    }
    await site.waitFor(3);
    site.waitFor(4).catch(() => {});
    await site.close();
    console.log("closed");
  `;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", "--ext=ts"],
        `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
        `--import-map=${
          new URL("../../tools/npm_std.json", import.meta.url).pathname
        }`,
        "-",
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(15_000),
    }).spawn();
    await ReadableStream.from([script]).pipeThrough(new TextEncoderStream())
      .pipeTo(child.stdin);
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    assertEquals(
      [code, decoder.decode(stdout), decoder.decode(stderr)],
      [0, "closed\n", ""],
    );
  },
);
