// HTTP09ServerTestCase of CPython's test_httpservers.py: clients that know no versions.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { serve } from "../_serve.ts";

class OldHandler extends BaseHTTPRequestHandler {
  override log_message(): void {}

  do_GET(): void {
    this.wfile.write(`OK: here is ${this.path}\r\n`);
  }
}

Deno.test("HTTP09ServerTestCase.test_simple_get: GET without a version gets the content alone", async () => {
  await using server = serve(OldHandler);
  assertEquals(
    await server.send("GET /index.html\r\n"),
    "OK: here is /index.html\r\n",
  );
});

Deno.test("HTTP09ServerTestCase.test_invalid_request: another method without a version is told what is wrong, without a head", async () => {
  await using server = serve(OldHandler);
  const sent = await server.send("POST /index.html\r\n");
  assert(sent.startsWith("<!DOCTYPE HTML>"), sent);
  assertStringIncludes(sent, "Bad HTTP/0.9 request type ('POST')");
});

Deno.test("HTTP09ServerTestCase.test_single_request: a connection of HTTP/0.9 takes one request", async () => {
  await using server = serve(OldHandler);
  assertEquals(
    await server.send("GET /foo.html\r\nGET /bar.html\r\n"),
    "OK: here is /foo.html\r\n",
  );
  class Keeping extends OldHandler {
    override protocol_version = "HTTP/1.1";
  }
  await using keeping = serve(Keeping);
  assertEquals(
    await keeping.send("GET /foo.html\r\nGET /bar.html\r\n"),
    "OK: here is /foo.html\r\n",
  );
});
