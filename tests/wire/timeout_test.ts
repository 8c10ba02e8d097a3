// Clients that stop midway: those that sent something get 408, the others nothing.
// CPython waits forever by default, and never sends 408 (behaviour 50).

import { assertEquals, assertMatch } from "@std/assert";
import { serve } from "../_serve.ts";
import { Echo, masked, ok, request } from "./_transcript.ts";

class Impatient extends Echo {
  override timeout = 0.3;
}

const TIMED_OUT =
  /^HTTP\/1\.1 408 Request Timeout\r\n[^]*\r\nConnection: close\r\n[^]*<\/html>\n$/;

Deno.test("a client that stops within a head or a body gets 408 (differs from CPython)", async () => {
  const starts = [
    "G",
    "GET / HTTP/1.1",
    "GET / HTTP/1.1\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX",
    request("POST /", ["Content-Length: 5"], "hel"),
    request("POST /", ["Content-Length: 5"]),
    request("POST /", ["Transfer-Encoding: chunked"], "5\r\nhel"),
  ];
  await using server = serve(Impatient);
  await Promise.all(starts.map(async (start) => {
    assertMatch(masked(await server.send(start)), TIMED_OUT, start);
  }));
  assertEquals(server.takeErrors(), []);
});

Deno.test("a client that stops within its second request gets 408 after the first response", async () => {
  await using server = serve(Impatient);
  for (const start of ["G", "GET / HTTP/1.1\r\nHo"]) {
    using client = await server.connect();
    await client.write(request("GET /a"));
    assertEquals((await client.answer()).body, "GET /a\n");
    await client.write(start);
    assertMatch(masked(await client.readToEnd()), TIMED_OUT, start);
  }
  assertEquals(server.takeErrors(), []);
});

Deno.test("a client that sends a head too slowly gets 408, however often it sends a byte", async () => {
  await using server = serve(Impatient);
  using client = await server.connect();
  const response = client.readToEnd();
  let ended = false;
  response.finally(() => ended = true);
  await client.write("GET / HTTP/1.1\r\n");
  while (!ended) {
    await client.write("X").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertMatch(masked(await response), TIMED_OUT);
});

Deno.test("a client that sends nothing is closed without a response", async () => {
  await using server = serve(Impatient);
  using silent = await server.connect();
  using kept = await server.connect();
  await kept.write(request("GET /a"));
  assertEquals((await kept.answer()).body, "GET /a\n");
  await silent.assertClosed();
  await kept.assertClosed();
  assertEquals(server.takeErrors(), []);
});

Deno.test("an unread body that never arrives closes the connection after the response", async () => {
  const logged: string[] = [];
  class Logging extends Impatient {
    override log_message(template: string, ...args: unknown[]) {
      if (!template.startsWith('"')) logged.push([template, ...args].join("|"));
    }
  }
  await using server = serve(Logging);
  assertEquals(
    masked(await server.send(request("GET /a", ["Content-Length: 5"], "hel"))),
    ok("GET /a\n"),
  );
  assertEquals(logged, []);
});

Deno.test("a client that does not read its response times out", async () => {
  const failed = Promise.withResolvers<unknown>();
  class Large extends Impatient {
    override async do_GET() {
      try {
        this.send_response(200);
        this.end_headers();
        for (;;) await this.wfile.write(new Uint8Array(1_000_000));
      } catch (error) {
        failed.resolve(error);
        throw error;
      }
    }
  }
  await using server = serve(Large);
  using client = await server.connect();
  await client.write(request("GET /a"));
  assertEquals((await failed.promise as Error).name, "TimedOut");
  assertEquals(server.takeErrors(), []);
});

Deno.test("a client that neither sends its body nor reads its response times out", async () => {
  const logged = Promise.withResolvers<string>();
  class Large extends Impatient {
    override log_message(template: string, ...args: unknown[]) {
      if (!template.startsWith('"')) {
        logged.resolve([template, ...args].join("|"));
      }
    }
    override do_GET() {
      this.respond("x".repeat(20_000_000));
    }
  }
  await using server = serve(Large);
  using client = await server.connect();
  await client.write(request("GET /a", ["Content-Length: 100"]));
  assertMatch(await logged.promise, /^Request timed out: /);
  assertEquals(server.takeErrors(), []);
});

Deno.test("timeout = null waits without a limit", async () => {
  class Patient extends Echo {
    override timeout = null;
  }
  await using server = serve(Patient);
  using client = await server.connect();
  for (const piece of ["GE", "T /a HTTP/1.1\r\nHo", "st: a\r\n\r\n"]) {
    await client.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertEquals((await client.answer()).body, "GET /a\n");
});
