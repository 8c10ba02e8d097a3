// The kept-open connections to upstreams, and other ways to reach them than by TCP.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import { captureLog } from "../../_lib/captured_log.ts";
import { StaticFileHandler } from "../../../handlers/static/mod.ts";
import { folder } from "../../handlers/_folder.ts";
import { echo, proxied, run, upstream } from "./_upstream.ts";
import { CA, FILES } from "../../server/_tls.ts";

const LEAF = {
  cert: Deno.readTextFileSync(FILES.certfile),
  key: Deno.readTextFileSync(FILES.keyfile),
};

boundedTest("a connection to an upstream is used again", async () => {
  await using server = await echo();
  await using served = await proxied(server);
  for (let count = 0; count < 5; count++) {
    assertEquals((await served.get("/api/x")).status, 200);
    const { status } = await served.ask("POST", "/api/x", "Content-Length: 0");
    assertEquals(status, 200);
  }
  assertEquals(server.accepted, 1);
});

boundedTest(
  "requests in parallel have one connection each, and 64 are kept",
  async () => {
    const all = Promise.withResolvers<void>();
    let waiting = 0;
    await using server = await upstream(async (peer) => {
      for (
        let head = await peer.head();
        head !== "";
        head = await peer.head()
      ) {
        if (++waiting === 70) all.resolve();
        await all.promise;
        await peer.respond("ok");
      }
    });
    await using served = await proxied(server);
    const ask = () => served.get("/api/x");
    await Promise.all(Array.from({ length: 70 }, ask));
    assertEquals(server.accepted, 70);
    await Promise.all(Array.from({ length: 70 }, ask));
    assert(
      server.accepted >= 76 && server.accepted <= 90,
      `${server.accepted}`,
    );
  },
);

boundedTest(
  "a connection that the upstream closed while it was idle is not used",
  async () => {
    await using server = await upstream(async (peer, number) => {
      await peer.head();
      await peer.respond(`${number}`);
    });
    await using served = await proxied(server);
    assertEquals((await served.get("/api/x")).body, "0");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = await served.ask("POST", "/api/x", "Content-Length: 0");
    assertEquals(answer.body, "1");
  },
);

boundedTest(
  "a connection is not kept if the upstream says so, or sends too much",
  async () => {
    const RESPONSES = [
      "Connection: close\r\nContent-Length: 0\r\n\r\n",
      "Keep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n",
      "Content-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
    ];
    for (const response of RESPONSES) {
      await using server = await upstream(async (peer) => {
        await peer.head();
        await peer.send(`HTTP/1.1 200 OK\r\n${response}`);
        await peer.ended();
      });
      await using served = await proxied(server);
      assertEquals((await served.get("/api/x")).status, 200);
      assertEquals((await served.get("/api/x")).status, 200);
      assertEquals(server.accepted, 2, response);
    }
  },
);

boundedTest(
  "a request that can't be repeated takes no connection that was idle for a second",
  async () => {
    await using server = await echo();
    await using served = await proxied(server);
    assertEquals((await served.get("/api/x")).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await served.ask("POST", "/api/x", "Content-Length: 0");
    assertEquals(server.accepted, 2);
  },
);

boundedTest("an upstream on a Unix socket", async () => {
  await using made = await folder();
  const path = made.in("app.sock");
  await using _server = run(
    Deno.listen({ transport: "unix", path }) as unknown as Deno.Listener,
    async (peer) => {
      await peer.respond(await peer.head());
      await peer.ended();
    },
  );
  await using served = await proxied({ url: `unix:${path}:/v1` });
  const { body, status } = await served.get("/api/x");
  assertEquals(status, 200);
  assert(body.startsWith("GET /v1/x HTTP/1.1\r\nHost: localhost\r\n"), body);
}, Deno.build.os === "windows");

boundedTest("localhost is tried in both families", async () => {
  const listener = Deno.listen({ hostname: "::1", port: 0 });
  const { port } = listener.addr;
  await using server = run(listener, async (peer) => {
    await peer.respond("six");
    await peer.ended();
  });
  await using served = await proxied({ url: `http://localhost:${port}` });
  assertEquals((await served.get("/api/x")).body, "six");
  assertEquals(server.accepted, 1);
});

boundedTest(
  "an https: upstream whose certificate is signed by proxyCa",
  async () => {
    const { cert, key } = LEAF;
    const listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert,
      key,
    });
    const { port } = listener.addr as Deno.NetAddr;
    await using server = run(listener, async (peer) => {
      for (
        let head = await peer.head();
        head !== "";
        head = await peer.head()
      ) {
        await peer.respond("secret");
      }
    });
    const url = `https://localhost:${port}`;
    await using served = await proxied({ url }, { proxyCa: CA.join("\n") });
    assertEquals((await served.get("/api/x")).body, "secret");
    assertEquals((await served.get("/api/x")).body, "secret");
    assertEquals(server.accepted, 1);
  },
);

boundedTest(
  "an https: upstream whose certificate nobody has signed gives 502",
  async () => {
    using log = captureLog();
    {
      const { cert, key } = LEAF;
      const listener = Deno.listenTls({
        hostname: "127.0.0.1",
        port: 0,
        cert,
        key,
      });
      const { port } = listener.addr as Deno.NetAddr;
      await using _server = run(listener, async (peer) => {
        await peer.head().catch((error) => {
          if (!(error instanceof Deno.errors.InvalidData)) throw error;
        });
      });
      const url = `https://localhost:${port}`;
      await using served = await proxied({ url }, {}, StaticFileHandler);
      assertEquals((await served.get("/api/x")).status, 502);
    }
    assertMatch(
      log.text,
      /cannot open a TLS connection to https:\/\/localhost/,
    );
  },
);
