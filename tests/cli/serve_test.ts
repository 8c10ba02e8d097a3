// deno-lint-ignore-file no-console -- what is printed is what is tested.

// `test()`, in this process.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { test } from "../../cli.ts";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { HTTPServer, ThreadingHTTPServer } from "../../server/mod.ts";

class Hello extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  do_GET() {
    this.send_response(200);
    this.send_header("Content-Length", "5");
    this.end_headers();
    this.wfile.write("hello");
  }
  override log_message() {}
}

/** Runs what prints, and gives what it printed. */
async function printed(run: () => Promise<void>): Promise<string> {
  const { log } = console;
  let text = "";
  console.log = (line: string) => void (text += `${line}\n`);
  try {
    await run();
  } finally {
    console.log = log;
  }
  return text;
}

/** A server class that tells where it listens. */
function watched() {
  const listening = Promise.withResolvers<Watched>();
  class Watched extends HTTPServer {
    override async serve_forever() {
      listening.resolve(this);
      await super.serve_forever();
    }
  }
  return { Watched, listening: listening.promise };
}

Deno.test("test() serves with the given classes until its signal, and prints where", async () => {
  const { Watched, listening } = watched();
  const stop = new AbortController();
  const text = await printed(async () => {
    const served = test(Hello, Watched, {
      bind: "127.0.0.1",
      port: 0,
      signal: stop.signal,
    });
    const { server_port, constructor } = await listening;
    assertEquals(Object.getPrototypeOf(constructor), Watched);
    const response = await fetch(`http://127.0.0.1:${server_port}/`);
    assertEquals(await response.text(), "hello");
    stop.abort();
    await served;
  });
  assertMatch(
    text,
    /^Serving HTTP on 127\.0\.0\.1 port (\d+) \(http:\/\/127\.0\.0\.1:\1\/\) \.\.\.\n$/,
  );
});

Deno.test("test() lets handlers speak the version it is given, and leaves their class alone", async () => {
  for (const protocol of [undefined, "HTTP/1.0"]) {
    const { Watched, listening } = watched();
    const stop = new AbortController();
    await printed(async () => {
      const served = test(Hello, Watched, {
        bind: "127.0.0.1",
        port: 0,
        signal: stop.signal,
        ...(protocol !== undefined && { protocol }),
      });
      const { server_port } = await listening;
      using conn = await Deno.connect({
        hostname: "127.0.0.1",
        port: server_port,
      });
      await conn.write(
        new TextEncoder().encode(
          "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        ),
      );
      const answer = await new Response(conn.readable).text();
      assertEquals(answer.split(" ", 1)[0], protocol ?? "HTTP/1.1");
      stop.abort();
      await served;
    });
  }
});

Deno.test("test() rejects where it can't listen, and says why", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await assertRejects(
    () => test(Hello, undefined, { bind: "127.0.0.1", port }),
    Deno.errors.AddrInUse,
    `Cannot listen on port ${port}: it is in use`,
  );
  await assertRejects(
    () => test(Hello, undefined, { bind: "127.0.0.1", port: -1 }),
    RangeError,
    "Cannot listen: -1 is not a port",
  );
  await assertRejects(
    () => test(Hello, undefined, { port: 0, tls_cert: "/no/such/file" }),
    Deno.errors.NotFound,
    "/no/such/file",
  );
});

Deno.test("test() does nothing where its signal is aborted already", async () => {
  const text = await printed(() =>
    test(Hello, undefined, { port: 0, signal: AbortSignal.abort() })
  );
  assertEquals(text, "");
});

Deno.test("test() refuses a certificate for a server class without HTTPS, before it listens", async () => {
  const { Watched } = watched();
  for (const ServerClass of [HTTPServer, ThreadingHTTPServer, Watched]) {
    const text = await printed(async () => {
      await assertRejects(
        () => test(Hello, ServerClass, { port: 0, tls_cert: "/no/such" }),
        TypeError,
        `Cannot serve HTTPS: ${ServerClass.name} must extend HTTPSServer`,
      );
    });
    assertEquals(text, "");
  }
});
