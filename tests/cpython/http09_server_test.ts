// HTTP09ServerTestCase of CPython's test_httpservers.py: clients without versions.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { serve } from "../_serve.ts";
import { quiet } from "../_lib/quiet.ts";

class OldHandler extends quiet(BaseHTTPRequestHandler) {
  do_GET(): void {
    this.wfile.write(`OK: here is ${this.path}\r\n`);
  }
}

Deno.test("HTTP09ServerTestCase.test_simple_get: GET without a version gets only the content", async () => {
  await using server = serve(OldHandler);
  assertEquals(
    await server.send("GET /index.html\r\n"),
    "OK: here is /index.html\r\n",
  );
});

Deno.test("HTTP09ServerTestCase.test_invalid_request: another method without a version gets an error page without a head", async () => {
  await using server = serve(OldHandler);
  const sent = await server.send("POST /index.html\r\n");
  assert(sent.startsWith("<!DOCTYPE HTML>"), sent);
  assertStringIncludes(sent, "Bad HTTP/0.9 request type ('POST')");
});

Deno.test("HTTP09ServerTestCase.test_single_request: an HTTP/0.9 connection serves one request", async () => {
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
