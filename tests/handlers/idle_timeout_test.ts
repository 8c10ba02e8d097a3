// `idleTimeout`: how long a kept connection is idle, and how that is announced.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { Connection } from "../../connection/connection.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { type Client, serve } from "../_serve.ts";

class Kept extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override idleTimeout: number | undefined = 1.5;
  override log_message(): void {}
  do_GET(): void {
    if (this.path === "/hints") {
      this.send_response_only(103);
      this.end_headers();
    }
    this.send_response(200);
    if (this.path === "/own") this.send_header("Connection", "keep-alive");
    if (this.path === "/endless") this.end_headers();
    else {
      this.send_header("Content-Length", "0");
      this.end_headers();
    }
  }
}

async function ask(client: Client, target: string, ...fields: string[]) {
  const lines = [`GET ${target} HTTP/1.1`, "Host: a", ...fields, "", ""];
  await client.write(lines.join("\r\n"));
  return await client.answer();
}

boundedTest(
  "idleTimeout is announced while the connection stays open, and is then applied",
  async () => {
    await using served = serve(Kept);
    using client = await served.connect();
    const first = await ask(client, "/");
    assertEquals(first.header("connection"), "keep-alive");
    assertEquals(first.header("keep-alive"), "timeout=1");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // A client that uses all of it is still served.
    const second = await ask(client, "/");
    assertEquals(second.header("keep-alive"), "timeout=1");
    const began = performance.now();
    assertEquals(await client.readToEnd(), "");
    const waited = performance.now() - began;
    assert(waited > 2_000, `${waited}`);
  },
);

boundedTest(
  "idleTimeout is not announced if the connection closes, or the handler sends a Connection field",
  async () => {
    await using served = serve(Kept);
    const rows: [target: string, ...fields: string[]][] = [
      ["/", "Connection: close"],
      ["/endless"],
      ["/own"],
    ];
    for (const [target, ...fields] of rows) {
      using client = await served.connect();
      const answer = await ask(client, target, ...fields);
      assertEquals(answer.status, 200);
      assertEquals(answer.header("keep-alive"), undefined, target);
    }
    using client = await served.connect();
    const hints = await ask(client, "/hints");
    assertEquals([hints.status, hints.header("keep-alive")], [103, undefined]);
    assertEquals((await client.answer()).header("keep-alive"), "timeout=1");
  },
);

boundedTest(
  "without idleTimeout nothing is announced to HTTP/1.1 clients",
  async () => {
    await using served = serve(
      class extends Kept {
        override idleTimeout: number | undefined = undefined;
      },
    );
    using client = await served.connect();
    const answer = await ask(client, "/");
    assertEquals(answer.header("connection"), undefined);
    assertEquals(answer.header("keep-alive"), undefined);
  },
);

boundedTest("setup() rejects an idleTimeout below one second", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  using connection = new Connection(await listener.accept());
  listener.close();
  const context = {
    server_address: "",
    server_name: "",
    server_port: 0,
    shutdown: () => Promise.resolve(),
  };
  for (const idleTimeout of [0, 0.5, -1, NaN]) {
    const handler = new Kept(connection, connection.client_address, context);
    handler.idleTimeout = idleTimeout;
    await assertRejects(
      async () => await handler.setup(),
      RangeError,
      "it must be at least 1",
    );
  }
  assertEquals(client.localAddr.transport, "tcp");
});
