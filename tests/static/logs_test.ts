// How requests to a site are logged.

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  StaticFileHandler,
  type StaticFileOptions,
} from "../../handlers/static/mod.ts";
import { Quiet, type Site, site } from "./_site.ts";

/** A site, and the lines that its handlers log. */
async function logged(
  options: StaticFileOptions,
): Promise<{ files: Site; lines: string[] }> {
  const lines: string[] = [];
  class Logging extends StaticFileHandler {
    override protocol_version = "HTTP/1.1";
    override log_message(template: string, ...args: unknown[]): void {
      lines.push(`message ${template} ${args.join(" ")}`);
    }
    override log_access(line: string): void {
      lines.push(line);
    }
  }
  const files = await site({ "a.txt": "0123456789" }, options, Logging);
  return { files, lines };
}

/** Waits for so many lines: a line is written after the response has ended. */
async function settled(lines: readonly string[], count: number): Promise<void> {
  for (let wait = 0; wait < 200 && lines.length < count; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(lines.length, count, lines.join("\n"));
}

Deno.test("log: python writes CPython's line when the response begins", async () => {
  const { files, lines } = await logged({});
  await using _files = files;
  await files.get("/a.txt");
  await files.get("/none");
  await settled(lines, 3);
  assertEquals(lines[0], 'message "%s" %s %s GET /a.txt HTTP/1.1 200 -');
  assertEquals(lines[1], "message code %d, message %s 404 File not found");
});

Deno.test("log: common and combined write a line at the end, with the bytes sent", async () => {
  const { files, lines } = await logged({ log: "combined", users: "ada:x" });
  await using _files = files;
  const user = `Authorization: Basic ${btoa("ada:x")}`;
  await files.get("/a.txt", user, "Referer: http://a/", 'User-Agent: "x"');
  await files.ask("HEAD", "/a.txt", user);
  await files.get("/a.txt", user, "Range: bytes=0-2");
  await files.get("/a.txt");
  await settled(lines, 4);
  assertMatch(
    lines[0]!,
    /^127\.0\.0\.1 - ada \[[^\]]+ [+-]\d{4}\] "GET \/a\.txt HTTP\/1\.1" 200 10 "http:\/\/a\/" "\\x22x\\x22" \d+\.\d{3}$/,
  );
  assertMatch(lines[1]!, / ada .*"HEAD \/a\.txt HTTP\/1\.1" 200 - /);
  assertMatch(lines[2]!, / ada .*" 206 3 /);
  assertMatch(lines[3]!, / - - .*" 401 \d+ /);
});

Deno.test("log: json writes one object per line", async () => {
  const { files, lines } = await logged({ log: "json" });
  await using _files = files;
  await files.get("/a.txt");
  await files.get("/none");
  await settled(lines, 2);
  const [first, second] = lines.map((line) => JSON.parse(line));
  assertEquals([first.status, first.bytes, first.request, first.user], [
    200,
    10,
    "GET /a.txt HTTP/1.1",
    null,
  ]);
  assert(first.duration >= 0 && !Number.isNaN(Date.parse(first.time)));
  assertEquals(second.status, 404);
});

Deno.test("log: none writes nothing", async () => {
  const { files, lines } = await logged({ log: "none" });
  await using _files = files;
  await files.get("/a.txt");
  await files.get("/none");
  await files.served.send("nonsense\r\n\r\n");
  assertEquals(lines, []);
});

Deno.test("trustProxy takes the client from X-Forwarded-For of trusted proxies only", async () => {
  const rows: readonly [
    trust: string[],
    forwarded: string[],
    address: string,
  ][] = [
    [["127.0.0.1"], ["X-Forwarded-For: 1.1.1.1, 203.0.113.9"], "203.0.113.9"],
    [
      ["127.0.0.0/8"],
      ["X-Forwarded-For: 203.0.113.9, 127.0.0.7"],
      "203.0.113.9",
    ],
    [["127.0.0.1"], [
      "X-Forwarded-For: 203.0.113.9",
      "X-Forwarded-For: 127.0.0.1",
    ], "203.0.113.9"],
    [["127.0.0.1"], ["X-Forwarded-For: nonsense"], "127.0.0.1"],
    [["127.0.0.1"], [], "127.0.0.1"],
    [["10.0.0.0/8"], ["X-Forwarded-For: 203.0.113.9"], "127.0.0.1"],
  ];
  for (const [trustProxy, forwarded, address] of rows) {
    const { files, lines } = await logged({ log: "common", trustProxy });
    await using _files = files;
    await files.get("/a.txt", ...forwarded);
    await settled(lines, 1);
    assertEquals(lines[0]!.split(" ")[0], address);
  }
});

Deno.test("log: json shows the scheme, host and ID that trusted proxies report, else its own", async () => {
  const sent = [
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: a.test",
    "X-Request-Id: abc",
  ];
  const rows: [trustProxy: string[], fields: string[], expected: unknown][] = [
    [["127.0.0.1"], sent, ["https", "a.test", "abc"]],
    [["10.0.0.1"], sent, ["http", "localhost", undefined]],
    [[], sent, ["http", "localhost", undefined]],
    [["127.0.0.1"], [], ["http", "localhost", undefined]],
    [["127.0.0.1"], [
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ], ["http", "localhost", "0af7651916cd43dd8448eb211c80319c"]],
  ];
  for (const [trustProxy, fields, expected] of rows) {
    const { files, lines } = await logged({ log: "json", trustProxy });
    await using _files = files;
    await files.get("/a.txt", ...fields);
    await files.get("/a.txt", ...fields);
    await settled(lines, 2);
    const [first, second] = lines.map((line) => JSON.parse(line));
    const made = /^[0-9a-f]{32}$/.test(first.id) && first.id !== second.id;
    assertEquals(
      [first.scheme, first.host, made ? undefined : first.id],
      expected,
    );
  }
});

Deno.test("StaticFileHandler.forwarded is what the client sent its request to", async () => {
  class Where extends Quiet {
    override do_GET() {
      const { forwarded, requestId } = this;
      const same = requestId === this.requestId;
      const body = JSON.stringify({ ...forwarded, requestId, same });
      this.send_response(200);
      this.send_header("Content-Length", body.length);
      this.end_headers();
      this.wfile.write(body);
    }
  }
  await using files = await site({}, { trustProxy: ["127.0.0.1"] }, Where);
  const answer = await files.get(
    "/a",
    "X-Forwarded-For: 203.0.113.9",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: a.test:8443",
    "X-Request-Id: r1",
  );
  assertEquals(JSON.parse(answer.body), {
    address: "203.0.113.9",
    scheme: "https",
    host: "a.test:8443",
    requestId: "r1",
    same: true,
  });
  const plain = JSON.parse((await files.get("http://b.test/a")).body);
  assertEquals(
    [plain.address, plain.scheme, plain.host, plain.same],
    ["127.0.0.1", "http", "b.test", true],
  );
});

Deno.test("log: json logs a request that was rejected before it was parsed, without data of the last one", async () => {
  const { files, lines } = await logged({
    log: "json",
    users: "ada:x",
    cors: { origins: ["https://a.test"] },
    trustProxy: ["127.0.0.1"],
  });
  await using _files = files;
  const first = [
    "GET /a.txt HTTP/1.1",
    "Host: a",
    `Authorization: Basic ${btoa("ada:x")}`,
    "X-Forwarded-For: 203.0.113.9",
    "Referer: http://a/",
    "Origin: https://a.test",
    "",
    "",
  ].join("\r\n");
  const rows: readonly [second: string, status: number, request: string][] = [
    ["GET / HTTP/1.1 x\r\n\r\n", 400, "GET / HTTP/1.1 x"],
    ["GET / HTTP/1.1\r\nno field\r\n\r\n", 400, "GET / HTTP/1.1"],
    [`GET /${"a".repeat(70_000)} HTTP/1.1\r\n\r\n`, 414, ""],
  ];
  for (const [second, status, request] of rows) {
    lines.length = 0;
    using client = await files.served.connect();
    await client.write(first);
    const allowed = await client.answer();
    const name = "access-control-allow-origin";
    assertEquals(allowed.header(name), "https://a.test");
    await client.write(second);
    const refused = await client.answer();
    assertEquals([refused.status, refused.header(name)], [status, undefined]);
    await settled(lines, 2);
    const [told, then] = lines.map((line) => JSON.parse(line));
    assertEquals([told.address, told.user], ["203.0.113.9", "ada"]);
    assertEquals(
      [then.status, then.request, then.address, then.user, then.referer],
      [status, request, "127.0.0.1", null, null],
    );
  }
});

Deno.test("log: json logs nothing if a connection just closes", async () => {
  const { files, lines } = await logged({ log: "json" });
  await using _files = files;
  await files.get("/a.txt");
  for (const text of ["", "GET /cut", "\r\n"]) {
    using client = await files.served.connect();
    await client.write(text);
  }
  await files.get("/a.txt");
  await settled(lines, 2);
});

/** More than the socket buffers hold, in bytes. */
const HUGE = 64 * 1024 * 1024;

Deno.test("log: a response that the client aborted is logged with the bytes sent", async () => {
  const lines: string[] = [];
  class Huge extends StaticFileHandler {
    override protocol_version = "HTTP/1.1";
    override log_access(line: string): void {
      lines.push(line);
    }
    // Everything is written at once, without waiting for it.
    override do_GET(): void {
      this.send_response(200);
      this.send_header("Content-Length", HUGE);
      this.end_headers();
      void this.wfile.write(new Uint8Array(HUGE));
    }
  }
  await using files = await site({}, { log: "json" }, Huge);
  {
    using client = await files.served.connect();
    await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.read(100_000);
  }
  await settled(lines, 1);
  const { status, bytes } = JSON.parse(lines[0]!);
  assertEquals(status, 200);
  assert(bytes > 50_000 && bytes < HUGE, `${bytes} of ${HUGE}`);
});

Deno.test("log: each response of a connection has a separate count", async () => {
  const { files, lines } = await logged({ log: "json" });
  await using _files = files;
  using client = await files.served.connect();
  let body = "";
  for (const target of ["/a.txt", "/", "/a.txt"]) {
    await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    ({ body } = await client.answer());
  }
  assertEquals(body, "0123456789");
  await settled(lines, 3);
  const counts = lines.map((line) => JSON.parse(line).bytes);
  assertEquals([counts[0], counts[2]], [10, 10]);
  assert(counts[1] > 1_000, `${counts[1]}`);
});
