// `serve()`: what it serves, and that it leaves nothing open.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  partial,
  SimpleHTTPRequestHandler,
  staticFiles,
  StreamRequestHandler,
} from "../../handlers/mod.ts";
import { serve, type ServeOptions } from "../../testing/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { captureLog } from "../_lib/captured_log.ts";
import { Echo, statusOf } from "./_echo.ts";
import { exchange, get, RawClient } from "./_raw.ts";

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
