// Bodies, interim responses and events through the proxy, as they are on the wire.

import { assertEquals, assertMatch } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import { captureLog } from "../../_lib/captured_log.ts";
import { StaticFileHandler } from "../../../handlers/static/mod.ts";
import { proxied, upstream } from "./_upstream.ts";

boundedTest("a request body is forwarded by length and in chunks", async () => {
  await using server = await upstream(async (peer) => {
    for (let head = await peer.head(); head !== ""; head = await peer.head()) {
      const body = /^content-length/im.test(head)
        ? await peer.read(5)
        : await peer.readUntil("0\r\n\r\n");
      await peer.respond(body);
    }
  });
  await using served = await proxied(server);
  using client = await served.served.connect();
  await client.write(
    "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
  );
  assertEquals((await client.answer()).body, "hello");
  await client.write(
    "POST /api/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n",
  );
  const { body } = await client.answer();
  assertMatch(body, /^(?:[0-9]\r\n[a-e]+\r\n)+0\r\n\r\n$/);
});

boundedTest("100 is asked of the upstream, and passed on", async () => {
  await using server = await upstream(async (peer) => {
    const head = await peer.head();
    if (/^Expect: 100-continue$/m.test(head)) {
      await peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    }
    await peer.respond(await peer.read(2));
    await peer.ended();
  });
  await using served = await proxied(server);
  using client = await served.served.connect();
  await client.write(
    "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
  );
  assertEquals((await client.answer()).status, 100);
  await client.write("ab");
  assertEquals((await client.answer()).body, "ab");
});

boundedTest(
  "an upstream that never sends 100 gets the body after a second",
  async () => {
    await using server = await upstream(async (peer) => {
      await peer.head();
      await peer.respond(await peer.read(2));
      await peer.ended();
    });
    await using served = await proxied(server);
    using client = await served.served.connect();
    await client.write(
      "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
    );
    assertEquals((await client.answer()).status, 100);
    await client.write("ab");
    assertEquals((await client.answer()).body, "ab");
  },
);

boundedTest("a final response before the body gets no 100", async () => {
  await using server = await upstream(async (peer) => {
    await peer.head();
    await peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    await peer.ended();
  });
  await using served = await proxied(server);
  using client = await served.served.connect();
  await client.write(
    "PUT /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
  );
  assertEquals((await client.answer()).status, 413);
  await client.assertClosed();
});

boundedTest("interim responses and trailer fields are passed on", async () => {
  await using server = await upstream(async (peer) => {
    const head = await peer.head();
    assertMatch(head, /\r\nTE: trailers\r\nConnection: TE\r\n/);
    await peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
    await peer.send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\nHost: b\r\n\r\n",
    );
    await peer.ended();
  });
  await using served = await proxied(server);
  using client = await served.served.connect();
  await client.write(
    "GET /api/x HTTP/1.1\r\nHost: localhost\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n",
  );
  const early = await client.answer();
  assertEquals([early.status, early.fields], [103, ["Link: </a.css>"]]);
  const rest = await client.readToEnd();
  assertMatch(rest, /^HTTP\/1\.1 200 OK\r\n/);
  assertMatch(rest, /\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n$/);
});

boundedTest(
  "a client of HTTP/1.0 gets a chunked response until the end of the connection",
  async () => {
    await using server = await upstream(async (peer) => {
      assertMatch(await peer.head(), /^GET \/api\/x HTTP\/1\.1\r\n/);
      await peer.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
      );
      await peer.ended();
    });
    await using served = await proxied(server);
    const text = await served.served.send("GET /api/x HTTP/1.0\r\n\r\n");
    assertMatch(text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nab$/);
    assertEquals(/transfer-encoding/i.test(text), false);
  },
);

boundedTest("events arrive one by one", async () => {
  const steps = [0, 1, 2].map(() => Promise.withResolvers<void>());
  await using server = await upstream(async (peer) => {
    await peer.head();
    await peer.send(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for (const [at, step] of steps.entries()) {
      await step.promise;
      await peer.send(`9\r\ndata: ${at}\n\n\r\n`);
    }
    await peer.send("0\r\n\r\n");
    await peer.ended();
  });
  await using served = await proxied(server);
  using client = await served.served.connect();
  await client.write("GET /api/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await client.readUntil("\r\n\r\n");
  for (const [at, step] of steps.entries()) {
    step.resolve();
    assertEquals(await client.readUntil("\n\n"), `9\r\ndata: ${at}\n\n`);
    await client.read(2);
  }
  assertEquals(await client.read(5), "0\r\n\r\n");
});

boundedTest(
  "the log has the line of any request, with the upstream's status",
  async () => {
    using log = captureLog();
    {
      await using server = await upstream(async (peer) => {
        await peer.head();
        await peer.send("HTTP/1.1 418 Tea\r\nContent-Length: 0\r\n\r\n");
        await peer.ended();
      });
      await using served = await proxied(server, {}, StaticFileHandler);
      assertEquals((await served.get("/api/x")).status, 418);
    }
    assertMatch(log.text, /"GET \/api\/x HTTP\/1\.1" 418 -\n$/);
  },
);
