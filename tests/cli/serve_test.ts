// `test()`, in this process.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { test } from "../../cli.ts";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { HTTPServer, ThreadingHTTPServer } from "../../server/mod.ts";
import { captureConsole } from "../_lib/captured_console.ts";
import { quiet } from "../_lib/quiet.ts";

class Hello extends quiet(BaseHTTPRequestHandler) {
  override protocol_version = "HTTP/1.1";
  do_GET() {
    this.send_response(200);
    this.send_header("Content-Length", "5");
    this.end_headers();
    this.wfile.write("hello");
  }
}

/** Runs a function and returns the text that it printed. */
async function printed(run: () => Promise<void>): Promise<string> {
  using output = captureConsole("log");
  await run();
  return output.text;
}

/** A server class, and a promise of the server once it serves. */
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

Deno.test("test() serves with the given classes until its signal, and prints its URL", async () => {
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

Deno.test("test() sets the version of its handlers, but does not change their class", async () => {
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
      const response = await new Response(conn.readable).text();
      assertEquals(response.split(" ", 1)[0], protocol ?? "HTTP/1.1");
      stop.abort();
      await served;
    });
  }
});

Deno.test("test() rejects with the reason if it can't listen", async () => {
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

Deno.test("test() does nothing if its signal is already aborted", async () => {
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
