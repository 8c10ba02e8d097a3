// Late writes after the response: the client must not take them for the next response.

import { assertEquals } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { format } from "../../text/format.ts";
import { serve } from "../_serve.ts";

class Quiet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(_template: string, ..._args: unknown[]) {}

  /** Sends a head with this Content-Length. */
  begin(length: number) {
    this.send_response(200);
    this.send_header("Content-Length", length);
    this.end_headers();
  }

  do_NEXT() {
    this.begin(4);
    this.wfile.write("next");
  }
}

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const NEXT = "NEXT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

Deno.test("wfile.write() after the response sends nothing", async () => {
  const late = Promise.withResolvers<void>();
  class Late extends Quiet {
    do_GET() {
      this.begin(2);
      this.wfile.write("ok");
      late.promise.then(() => this.wfile.write("LATE"));
    }
  }
  await using server = serve(Late);
  using client = await server.connect();
  await client.write(GET);
  assertEquals((await client.answer()).body, "ok");
  late.resolve();
  await client.write(NEXT);
  assertEquals((await client.answer()).body, "next");
});

Deno.test("send_response() after the response sends nothing", async () => {
  const late = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  class Late extends Quiet {
    do_GET() {
      this.begin(2);
      this.wfile.write("ok");
      late.promise.then(() => {
        this.begin(4);
        this.wfile.write("EVIL");
        sent.resolve();
      });
    }
  }
  await using server = serve(Late);
  using client = await server.connect();
  await client.write(GET);
  assertEquals((await client.answer()).body, "ok");
  late.resolve();
  await sent.promise;
  await client.write(NEXT);
  assertEquals((await client.answer()).body, "next");
});

Deno.test("send_response() after the response logs nothing", async () => {
  const lines: string[] = [];
  const late = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  class Late extends Quiet {
    override log_message(template: string, ...args: unknown[]) {
      lines.push(format(template, args));
    }
    do_GET() {
      this.begin(2);
      this.wfile.write("ok");
      late.promise.then(() => {
        this.begin(0);
        sent.resolve();
      });
    }
  }
  await using server = serve(Late);
  using client = await server.connect();
  await client.write(GET);
  assertEquals((await client.answer()).body, "ok");
  late.resolve();
  await sent.promise;
  assertEquals(lines, ['"GET / HTTP/1.1" 200 -']);
});
