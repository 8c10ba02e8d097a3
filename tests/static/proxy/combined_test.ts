// The proxy next to uploads, health and metrics pages, and access control.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import { echo, proxied } from "./_upstream.ts";

const BODY = "abc";
const LENGTH = `Content-Length: ${BODY.length}`;

boundedTest(
  "an upload below a forwarded path goes to the upstream, elsewhere it is stored",
  async () => {
    await using server = await echo();
    await using served = await proxied(server, { upload: true });
    const put = async (target: string, ...fields: string[]) => {
      const head = [
        `PUT ${target} HTTP/1.1`,
        "Host: localhost",
        "Connection: close",
        LENGTH,
        ...fields,
      ];
      return await served.served.ask(head.join("\r\n") + "\r\n\r\n" + BODY);
    };
    const there = await put("/api/new.txt");
    assertEquals(there.status, 200);
    assertStringIncludes(there.body, "PUT /api/new.txt HTTP/1.1");
    assertEquals(there.body.endsWith(BODY), true);
    assertEquals((await put("/new.txt")).status, 201);
    assertEquals(await Deno.readTextFile(served.folder.in("new.txt")), BODY);
    const names = await Array.fromAsync(
      Deno.readDir(served.folder.in("api")),
    );
    assertEquals(names.map(({ name }) => name), ["a.txt"]);
    // Each asks for the body itself.
    using client = await served.served.connect();
    for (const [target, status] of [["/api/b", 200], ["/b", 201]] as const) {
      await client.write(
        `PUT ${target} HTTP/1.1\r\nHost: localhost\r\n${LENGTH}\r\nExpect: 100-continue\r\n\r\n`,
      );
      await client.readUntil("HTTP/1.1 100 Continue\r\n\r\n");
      await client.write(BODY);
      assertEquals((await client.answer()).status, status);
    }
  },
);

boundedTest(
  "the health and the metrics page come before the proxy",
  async () => {
    await using server = await echo();
    await using served = await proxied(server, {
      proxy: [`/=${server.url}`],
      health: "/api/health",
      metrics: "/api/metrics",
    });
    assertEquals((await served.get("/api/health")).body, "ok\n");
    assertStringIncludes((await served.get("/api/metrics")).body, "# HELP");
    assertStringIncludes((await served.get("/api/x")).body, "GET /api/x HTTP");
  },
);

boundedTest("nobody whom the site refuses gets to the upstream", async () => {
  await using server = await echo();
  const methods = ["GET", "POST", "OPTIONS", "REPORT"];
  for (
    const [options, status] of [
      [{ allow: ["10.0.0.0/8"] }, 403],
      [{ users: "a:{PLAIN}b\n" }, 401],
      [{ hosts: ["only.test"] }, 421],
    ] as const
  ) {
    for (const proxy of [`/api=${server.url}`, server.url]) {
      await using served = await proxied(server, {
        ...options,
        proxy: [proxy],
      });
      for (const method of methods) {
        const head = [
          `${method} /api/x HTTP/1.1`,
          `Host: ${status === 421 ? "other.test" : "localhost"}`,
          "Content-Length: 0",
          "Connection: close",
        ];
        const answer = await served.served.ask(head.join("\r\n") + "\r\n\r\n");
        assertEquals(answer.status, status, `${method} ${proxy}`);
      }
    }
  }
  assertEquals(server.accepted, 0);
});
