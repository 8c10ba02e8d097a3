// `allow` on the wire: every method and path, through proxies, and with everything else on.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { partial } from "../../handlers/partial.ts";
import { toFetch } from "../../handlers/fetch/mod.ts";
import {
  StaticFileHandler,
  type StaticFileOptions,
} from "../../handlers/static/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { Quiet, site } from "./_site.ts";

const FILES = {
  "a.txt": "content",
  "index.html": "<p>content",
  "sub/b.txt": "content",
  "404.html": "content",
  "50x.html": "content",
  "large.bin": "content".repeat(100_000),
};

const ELSEWHERE: StaticFileOptions = { allow: ["203.0.113.0/24"] };

boundedTest(
  "allow refuses every method and path with 403 and closes",
  async () => {
    await using files = await site(FILES, {
      ...ELSEWHERE,
      cors: true,
      live: true,
      metrics: true,
      users: "ada:x",
      hosts: ["a.test"],
      secret: "0123456789abcdef",
    });
    const paths = [
      "/",
      "/a.txt",
      "/none",
      "/sub",
      "/sub/?format=json",
      "/large.bin",
      "/0123456789abcdef/a.txt",
      "/.httpserver/metrics",
      "/.httpserver/live.js",
      "http://b.test/a.txt",
      "http:///a.txt",
    ];
    const methods = [
      "GET",
      "HEAD",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
    ];
    for (const method of [...methods, "BREW"]) {
      for (const path of method === "OPTIONS" ? ["*", ...paths] : paths) {
        const answer = await files.served.send(
          `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n` +
            "Range: bytes=0-1\r\nOrigin: http://b.test\r\n\r\n" +
            "GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
        );
        assertStringIncludes(answer, "HTTP/1.1 403 Forbidden\r\n");
        assertStringIncludes(answer, "Connection: close\r\n");
        assertEquals(answer.includes("content\n"), false, answer);
        assertEquals(answer.split("HTTP/1.1 ").length, 2, answer);
        assertEquals(/WWW-Authenticate|<p>content/.test(answer), false, answer);
      }
    }
  },
);

boundedTest("allow refuses before the password is checked", async () => {
  let asked = 0;
  class Counting extends Quiet {
    override address_string(): string {
      asked++;
      return super.address_string();
    }
  }
  await using files = await site(
    FILES,
    { ...ELSEWHERE, users: "ada:x" },
    Counting,
  );
  const login = `Authorization: Basic ${btoa("ada:x")}`;
  assertEquals((await files.get("/a.txt", login)).status, 403);
  // The check of a password takes the address.
  assertEquals(asked, 0);
});

boundedTest("allow lets the health page pass, and nothing else", async () => {
  await using files = await site(FILES, {
    ...ELSEWHERE,
    health: true,
    metrics: true,
  });
  const answer = await files.get("/.httpserver/health?probe");
  assertEquals([answer.status, answer.body], [200, "ok\n"]);
  assertEquals((await files.get("/.httpserver/metrics")).status, 403);
  assertEquals((await files.get("/.httpserver/health/")).status, 403);
  assertEquals((await files.ask("POST", "/.httpserver/health")).status, 403);
});

boundedTest("allow takes the client from trusted proxies only", async () => {
  const rows: readonly [
    options: StaticFileOptions,
    forwarded: string | undefined,
    status: number,
  ][] = [
    [{ allow: ["127.0.0.1"] }, undefined, 200],
    [{ allow: ["localhost"] }, undefined, 200],
    [ELSEWHERE, undefined, 403],
    [ELSEWHERE, "203.0.113.5", 403],
    [{ ...ELSEWHERE, trustProxy: ["127.0.0.1"] }, "203.0.113.5", 200],
    [{ ...ELSEWHERE, trustProxy: ["127.0.0.1"] }, "::ffff:203.0.113.5", 200],
    [{ ...ELSEWHERE, trustProxy: ["127.0.0.1"] }, "203.0.113.5, 8.8.8.8", 403],
    [{ ...ELSEWHERE, trustProxy: ["127.0.0.1"] }, undefined, 403],
    [{ ...ELSEWHERE, trustProxy: ["127.0.0.1"] }, "nonsense", 403],
    [{ ...ELSEWHERE, trustProxy: ["10.0.0.1"] }, "203.0.113.5", 403],
    [{ allow: ["localhost"], trustProxy: ["127.0.0.1"] }, "8.8.8.8", 403],
    [{ allow: ["localhost"] }, "8.8.8.8", 200],
  ];
  for (const [options, forwarded, status] of rows) {
    await using files = await site(FILES, options);
    const fields = forwarded === undefined
      ? []
      : [`X-Forwarded-For: ${forwarded}`];
    const answer = await files.get("/a.txt", ...fields);
    assertEquals(answer.status, status, JSON.stringify([options, forwarded]));
  }
});

boundedTest("a prepared response is sent to allowed clients only", async () => {
  await using files = await site(FILES, {
    ...ELSEWHERE,
    trustProxy: ["127.0.0.1"],
  });
  using client = await files.served.connect();
  const ask = async (address: string) => {
    await client.write(
      `GET /a.txt HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address}\r\n\r\n`,
    );
    return (await client.answer()).status;
  };
  for (let count = 0; count < 5; count++) {
    assertEquals(await ask("203.0.113.5"), 200);
  }
  assertEquals(await ask("203.0.114.5"), 403);
});

boundedTest(
  "a prepared response of another site passes no check of this one",
  async () => {
    await using files = await site(FILES);
    await using closed = await site(FILES, {
      ...ELSEWHERE,
      directory: files.folder.path,
    });
    for (let count = 0; count < 3; count++) {
      assertEquals((await files.get("/a.txt")).status, 200);
      assertEquals((await closed.get("/a.txt")).status, 403);
    }
  },
);

boundedTest(
  "allow protects the methods of a subclass",
  async () => {
    let called = 0;
    class Taking extends Quiet {
      override do_POST(): void {
        called++;
        this.send_error(418);
      }
      do_BREW(): void {
        called++;
        this.send_error(418);
      }
    }
    await using files = await site(FILES, ELSEWHERE, Taking);
    assertEquals((await files.ask("POST", "/")).status, 403);
    assertEquals((await files.ask("BREW", "/")).status, 403);
    assertEquals(called, 0);
    await using open = await site(FILES, { allow: ["localhost"] }, Taking);
    assertEquals((await open.ask("BREW", "/")).status, 418);
    assertEquals(called, 1);
  },
);

boundedTest("allow sends no 100 to a client that it refuses", async () => {
  class Taking extends Quiet {
    override do_POST(): void {
      this.send_error(418);
    }
  }
  const expecting = ["Expect: 100-continue", "Content-Length: 4"];
  await using files = await site(FILES, ELSEWHERE, Taking);
  assertEquals((await files.ask("POST", "/", ...expecting)).status, 403);
});

boundedTest("the error pages of a site are for allowed clients", async () => {
  await using files = await site(FILES, ELSEWHERE);
  for (const line of ["GET / HTTP/9.9", "GET  / HTTP/1.1", "GET / HTTP/1.1"]) {
    const answer = await files.served.send(`${line}\r\nBad header\r\n\r\n`);
    assert(/^HTTP\/1\.1 (?:400|505|403) /.test(answer), answer);
    assertEquals(answer.endsWith("content"), false, answer);
  }
});

Deno.test("allow works through toFetch(), where a client may have no address", async () => {
  const options = { ...ELSEWHERE, directory: ".", log: "none" } as const;
  const Handler = partial(StaticFileHandler, options);
  const statusOf = async (clientAddress?: string, hostname?: string) => {
    const { fetch } = toFetch(Handler, { clientAddress: () => clientAddress });
    const info = hostname === undefined
      ? {}
      : { remoteAddr: { transport: "tcp", hostname, port: 1 } };
    const request = new Request("http://localhost/README.md");
    const response = await fetch(request, info);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await statusOf("203.0.113.5"), 200);
  assertEquals(await statusOf("203.0.112.5"), 403);
  assertEquals(await statusOf(undefined, "203.0.113.5"), 200);
  assertEquals(await statusOf(undefined, "127.0.0.1"), 403);
  assertEquals(await statusOf(undefined), 403);
});
