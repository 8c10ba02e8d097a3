// Requests and responses through the proxy, as they are on the wire.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import { StaticFileHandler } from "../../../handlers/static/mod.ts";
import { site } from "../_site.ts";
import { echo, proxied, upstream } from "./_upstream.ts";

/** The lines of a request that `echo()` sent back. */
function lines(body: string): string[] {
  return body.replace(/\r\n\r\n$/, "").split("\r\n");
}

boundedTest(
  "a proxied request has the fields of the client, and those of a proxy",
  async () => {
    await using server = await echo();
    await using served = await proxied(server);
    const { status, body } = await served.get(
      "/api/x?y=1",
      "Accept: text/html",
      "Cookie: a=b",
      "Keep-Alive: timeout=5",
      "X-Forwarded-For: 1.2.3.4",
      "X-Forwarded-Host: evil.test",
      "X-Real-IP: 1.2.3.4",
      "Forwarded: for=1.2.3.4",
    );
    assertEquals(status, 200);
    const [line, ...fields] = lines(body);
    assertEquals(line, "GET /api/x?y=1 HTTP/1.1");
    const via = fields.pop();
    assertMatch(via!, /^Via: 1\.1 httpserver-[0-9a-f]{8}$/);
    assertEquals(fields, [
      `Host: 127.0.0.1:${server.port}`,
      "Accept: text/html",
      "Cookie: a=b",
      "X-Forwarded-For: 127.0.0.1",
      "X-Forwarded-Proto: http",
      "X-Forwarded-Host: localhost",
    ]);
  },
);

boundedTest(
  "what a trusted proxy says of its client is passed on",
  async () => {
    await using server = await echo();
    await using served = await proxied(server, { trustProxy: ["127.0.0.1"] });
    const { body } = await served.get(
      "/api/x",
      "X-Forwarded-For: 192.0.2.1",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: a.test",
      "X-Forwarded-Prefix: /b",
    );
    for (
      const line of [
        "X-Forwarded-For: 192.0.2.1, 127.0.0.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: a.test",
        "X-Forwarded-Prefix: /b",
      ]
    ) assert(lines(body).includes(line), `${line} in ${body}`);
  },
);

boundedTest(
  "a proxied response has the fields of the upstream, and none of its connection",
  async () => {
    await using server = await upstream(async (peer) => {
      await peer.head();
      await peer.send(
        [
          "HTTP/1.1 203 Fine",
          "Server: b",
          "Date: Fri, 01 Mar 2024 12:00:00 GMT",
          "Content-Encoding: gzip",
          "Connection: keep-alive, X-Hop",
          "Keep-Alive: timeout=5",
          "X-Hop: 1",
          "Set-Cookie: a=1; Domain=127.0.0.1; Secure",
          "Set-Cookie: b=2",
          `Location: http://127.0.0.1:${server.port}/api/y`,
          "Content-Length: 3",
          "",
          "abc",
        ].join("\r\n"),
      );
      await peer.ended();
    });
    await using served = await proxied(server, { cors: true, security: true });
    const answer = await served.get("/api/x");
    assertEquals([answer.status, answer.reason, answer.body], [
      203,
      "Fine",
      "abc",
    ]);
    assertEquals(answer.fields, [
      "Server: b",
      "Date: Fri, 01 Mar 2024 12:00:00 GMT",
      "Content-Encoding: gzip",
      "Set-Cookie: a=1",
      "Set-Cookie: b=2",
      "Location: /api/y",
      "Content-Length: 3",
      "X-Content-Type-Options: nosniff",
      "Referrer-Policy: same-origin",
      "X-Frame-Options: SAMEORIGIN",
      "Content-Security-Policy: frame-ancestors 'self'",
      "Access-Control-Allow-Origin: *",
      "Access-Control-Expose-Headers: Accept-Ranges, Content-Encoding, Content-Range, ETag",
      "Connection: close",
    ]);
  },
);

boundedTest(
  "the path of a rule wins over files, others are files",
  async () => {
    await using server = await echo();
    await using served = await proxied(server);
    assertMatch((await served.get("/api/a.txt")).body, /^GET \/api\/a\.txt /);
    assertMatch((await served.get("/api")).body, /^GET \/api /);
    assertEquals((await served.get("/")).body, "page");
    assertEquals((await served.get("/apix")).status, 404);
    assertEquals((await served.get("/api/../index.html")).body, "page");
  },
);

boundedTest(
  "the path of a rule's URL takes the place of its prefix",
  async () => {
    await using server = await echo();
    await using served = await proxied(server, {
      proxy: [`/api=${server.url}/v1`, `/root=${server.url}/`],
    });
    assertMatch((await served.get("/api/x?y")).body, /^GET \/v1\/x\?y /);
    assertMatch((await served.get("/api")).body, /^GET \/v1 /);
    assertMatch((await served.get("/root/x")).body, /^GET \/x /);
    assertMatch((await served.get("/root")).body, /^GET \/ /);
  },
);

boundedTest(
  "an upstream for the rest gets what no file matches, before spa",
  async () => {
    await using server = await echo();
    await using served = await site({ "index.html": "page", ".env": "x" }, {
      proxy: [server.url],
      spa: true,
    });
    const { ask, get } = served;
    assertEquals((await get("/")).body, "page");
    assertMatch((await get("/x", "Accept: text/html")).body, /^GET \/x /);
    assertMatch((await get("/.env")).body, /^GET \/\.env /);
    assertMatch(
      (await ask("POST", "/", "Content-Length: 0")).body,
      /^POST \/ /,
    );
    assertEquals((await ask("HEAD", "/x")).status, 200);
    assertEquals((await ask("OPTIONS", "*")).status, 204);
  },
);

boundedTest("every method is forwarded except CONNECT and TRACE", async () => {
  await using server = await echo();
  await using served = await proxied(server);
  for (
    const method of ["OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "M-X"]
  ) {
    const { status, body } = await served.ask(method, "/api/x");
    assertEquals([status, body.split(" ", 1)[0]], [200, method]);
  }
  assertEquals((await served.ask("TRACE", "/api/x")).status, 501);
  assertEquals((await served.ask("CONNECT", "/api/x")).status, 501);
  assertEquals((await served.ask("PROPFIND", "/x")).status, 501);
});

boundedTest("no target changes the upstream", async () => {
  await using server = await echo();
  await using served = await site({}, { proxy: [server.url] });
  const TARGETS: readonly (readonly [string, string])[] = [
    ["//evil.test/x", "/evil.test/x"],
    ["/.//evil.test/x", "/evil.test/x"],
    ["/\\evil.test/x", "/%5Cevil.test/x"],
    ["http://localhost/x?y", "/x?y"],
    ["http://127.0.0.1//evil.test", "/evil.test"],
    ["/a#b", "/a"],
    ["/@evil.test", "/@evil.test"],
    ["/a/../../b", "/b"],
    ["/\xe9?\xe9", "/%E9?%E9"],
    ["/a%2Fb%00", "/a%2Fb%00"],
    ["/a%0d%0aX: 1", ""],
  ];
  for (const [target, expected] of TARGETS) {
    const { status, body } = await served.get(target);
    if (expected === "") assertEquals(status, 400, target);
    else assertEquals(lines(body)[0], `GET ${expected} HTTP/1.1`, target);
    assertEquals(body.includes("Host: evil"), false);
  }
  assertEquals((await served.get("http://evil.example/x")).status, 421);
  assertEquals((await served.get("/a/..%2f..%2fb")).status, 400);
  assertEquals((await served.get("/a/..;/b")).status, 400);
});

boundedTest(
  "a name that a website can resolve to this machine gets 421",
  async () => {
    await using server = await echo();
    await using served = await proxied(server, { hosts: ["a.example"] });
    const ask = (host: string) =>
      served.served.ask(
        `GET /api/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
    assertEquals((await ask("a.example")).status, 200);
    assertEquals((await ask("box")).status, 421);
    assertEquals((await ask("192.0.2.1:8000")).status, 200);
    await using open = await proxied(server);
    const { status } = await open.served.ask(
      "GET /api/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    );
    assertEquals(status, 421);
  },
);

boundedTest(
  "a refused request gets one response, whatever its method",
  async () => {
    await using server = await echo();
    await using served = await proxied(server, { hosts: ["a.example"] });
    for (const method of ["GET", "HEAD", "POST", "OPTIONS", "PROPFIND"]) {
      using client = await served.served.connect();
      await client.write(
        `${method} /api/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      );
      assertEquals((await client.answer(method)).status, 421, method);
      await client.assertClosed();
    }
    assertEquals(server.accepted, 0);
  },
);

boundedTest("a subclass may change the request, but not split it", async () => {
  await using server = await echo();
  class Changed extends StaticFileHandler {
    override log_message(): void {}
    override do_GET() {
      const value = this.path.endsWith("bad") ? "a\r\nB: c" : "a";
      this.headers.add_header("X-Added", value);
      return super.do_GET();
    }
  }
  await using served = await proxied(server, {}, Changed);
  assertMatch((await served.get("/api/x")).body, /\r\nX-Added: a\r\n/);
  assertEquals((await served.get("/api/bad")).status, 500);
  const [error] = served.served.takeErrors();
  assertMatch(String(error), /Cannot forward the header 'X-Added'/);
});

boundedTest("a subclass with its own do_POST() responds itself", async () => {
  await using server = await echo();
  class Own extends StaticFileHandler {
    override log_message(): void {}
    override do_POST() {
      this.send_response(202);
      this.send_header("Content-Length", "0");
      this.end_headers();
    }
  }
  await using served = await proxied(server, {}, Own);
  const { status } = await served.ask("POST", "/api/x", "Content-Length: 0");
  assertEquals(status, 202);
});

boundedTest(
  "the password for this server is not passed on, another one is",
  async () => {
    await using server = await echo();
    await using open = await proxied(server);
    const field = `Authorization: Basic ${btoa("a:b")}`;
    assert((await open.get("/api/x", field)).body.includes(field));
    await using closed = await proxied(server, { users: "a:{PLAIN}b" });
    assertEquals((await closed.get("/api/x")).status, 401);
    const { status, body } = await closed.get("/api/x", field);
    assertEquals([status, body.includes("Authorization")], [200, false]);
  },
);

boundedTest(
  "a request that comes back to the same process gets 508",
  async () => {
    await using server = await echo();
    await using served = await proxied(server);
    const { body } = await served.get("/api/x");
    const via = lines(body).find((line) => line.startsWith("Via:"))!;
    assertEquals((await served.get("/api/x", via)).status, 508);
  },
);
