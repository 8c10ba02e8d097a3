// What scripts of an HTTPS server get.

import { assertEquals } from "@std/assert";
import { HTTPSServer } from "../../mod.ts";
import { CGIHTTPRequestHandler, partial } from "../../handlers/mod.ts";
import { FILES, tlsClient } from "../server/_tls.ts";
import { scriptFolder, test } from "./_scripts.ts";

class Quiet extends CGIHTTPRequestHandler {
  override log_message(): void {}
}

test("CGIHTTPRequestHandler sets HTTPS for the scripts of an HTTPSServer", async () => {
  await using scripts = await scriptFolder({
    "cgi-bin/x": `printf 'Content-Type: text/plain\\n\\n'
echo "HTTPS=$HTTPS"`,
  });
  await using server = new HTTPSServer(
    ["127.0.0.1", 0],
    partial(Quiet, { directory: scripts.path }),
    true,
    FILES,
  );
  server.serve_forever();
  using client = await tlsClient(server.server_port);
  await client.write("GET /cgi-bin/x HTTP/1.0\r\n\r\n");
  const { body } = await client.answer();
  assertEquals(body, "HTTPS=on\n");
});
