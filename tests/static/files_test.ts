// Files, ranges and conditions on the wire. The tables of the policies are in `response/`; these
// tests check that the handler applies them.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { CHANGED_DATE, names, Quiet, site } from "./_site.ts";

const DIGITS = "0123456789";

/** More than is read into memory, so it is read from disk. */
const LARGE = DIGITS.repeat(40_000);

Deno.test("StaticFileHandler sends a file with its type, validators and ranges", async () => {
  await using files = await site({ "a.txt": DIGITS });
  const answer = await files.get("/a.txt");
  assertEquals([answer.status, answer.body], [200, DIGITS]);
  assertEquals(names(answer), [
    "Server",
    "Date",
    "Content-Type",
    "Content-Length",
    "Last-Modified",
    "ETag",
    "Accept-Ranges",
    "X-Content-Type-Options",
    "Vary",
    "Connection",
  ]);
  assertEquals(answer.header("content-type"), "text/plain; charset=utf-8");
  assertEquals(answer.header("last-modified"), CHANGED_DATE);
  assertMatch(answer.header("etag")!, /^"[^"]+"$/);
  assertEquals(answer.header("vary"), "Accept-Encoding");
});

Deno.test("StaticFileHandler responds to HEAD as to GET, without the content", async () => {
  await using files = await site({ "a.txt": DIGITS, "b.bin": LARGE });
  const rows: readonly [target: string, field: string][] = [
    ["/a.txt", "X-A: b"],
    ["/a.txt", "Range: bytes=2-4"],
    ["/a.txt", "Range: bytes=0-0,4-4"],
    ["/a.txt", "Range: bytes=20-"],
    ["/b.bin", "Range: bytes=-5"],
    ["/a.txt", `If-Modified-Since: ${CHANGED_DATE}`],
    ["/a.txt", 'If-Match: "other"'],
    ["/", "X-A: b"],
    ["/none", "X-A: b"],
  ];
  for (const [target, field] of rows) {
    const got = await files.get(target, field);
    const head = await files.ask("HEAD", target, field);
    assertEquals([head.status, head.body], [got.status, ""], field);
    assertEquals(
      head.fields.filter((line) =>
        !/^(?:Date|Content-Type: multip)/.test(line)
      ),
      got.fields.filter((line) => !/^(?:Date|Content-Type: multip)/.test(line)),
      `${target} ${field}`,
    );
  }
});

for (const [kind, content] of [["small", DIGITS], ["large", LARGE]] as const) {
  const size = content.length;
  const rows: readonly [range: string, status: number, body: string][] = [
    ["bytes=2-4", 206, content.slice(2, 5)],
    ["bytes=4-", 206, content.slice(4)],
    ["bytes=-3", 206, content.slice(-3)],
    [`bytes=0-${size + 9}`, 206, content],
    ["bytes=0-0", 206, "0"],
    ["bytes=0-4, 3-6", 206, content.slice(0, 7)],
    ["bytes=4-2", 200, content],
    ["bytes=x", 200, content],
    ["lines=0-1", 200, content],
  ];
  Deno.test(`StaticFileHandler sends the requested range of a ${kind} file`, async () => {
    await using files = await site({ "a.bin": content });
    for (const [range, status, body] of rows) {
      const answer = await files.get("/a.bin", `Range: ${range}`);
      assertEquals(
        [answer.status, answer.body === body],
        [status, true],
        range,
      );
      assertEquals(answer.header("content-length"), String(body.length), range);
      assertEquals(
        answer.header("content-range")?.endsWith(`/${size}`),
        status === 206 ? true : undefined,
        range,
      );
    }
    const beyond = await files.get("/a.bin", `Range: bytes=${size}-`);
    assertEquals(beyond.status, 416);
    assertEquals(beyond.header("content-range"), `bytes */${size}`);
  });

  Deno.test(`StaticFileHandler sends several ranges of a ${kind} file as multipart`, async () => {
    await using files = await site({ "a.bin": content });
    const answer = await files.get("/a.bin", "Range: bytes=0-1,5-6,-1");
    assertEquals(answer.status, 206);
    const type = answer.header("content-type")!;
    assertMatch(type, /^multipart\/byteranges; boundary=[0-9a-f]{40}$/);
    const boundary = type.split("=")[1]!;
    const part = (range: string, body: string) =>
      `--${boundary}\r\nContent-Type: application/octet-stream\r\n` +
      `Content-Range: bytes ${range}/${size}\r\n\r\n${body}\r\n`;
    assertEquals(
      answer.body,
      part("0-1", "01") + part("5-6", "56") +
        part(`${size - 1}-${size - 1}`, "9") + `--${boundary}--\r\n`,
    );
    assertEquals(answer.header("content-length"), String(answer.body.length));
  });
}

Deno.test("StaticFileHandler seeks, and reads no more than the range", async () => {
  await using files = await site({ "a.bin": "" });
  const path = files.folder.in("a.bin");
  // A hole of 64 GiB: reading up to the range would take minutes.
  const size = 64 * 2 ** 30;
  await Deno.truncate(path, size);
  await Deno.writeFile(path, new TextEncoder().encode("start"), {
    create: false,
  });
  await Deno.truncate(path, size);
  await files.age("a.bin");
  const answer = await files.get("/a.bin", `Range: bytes=${size - 4}-`);
  assertEquals([answer.status, answer.body], [206, "\0\0\0\0"]);
  const first = await files.get("/a.bin", "Range: bytes=0-4");
  assertEquals(first.body, "start");
});

Deno.test("StaticFileHandler sends only the fields that a cache needs with a 304", async () => {
  await using files = await site({ "a.txt": DIGITS }, {
    cache: ["**=60"],
    extra_response_headers: [["X-Extra", "1"]],
  });
  const etag = (await files.get("/a.txt")).header("etag")!;
  const fields = [
    `If-None-Match: ${etag}`,
    `If-None-Match: "other", W/${etag}`,
    "If-None-Match: *",
    `If-Modified-Since: ${CHANGED_DATE}`,
  ];
  for (const field of fields) {
    const answer = await files.get("/a.txt", field);
    assertEquals([answer.status, answer.body], [304, ""], field);
    assertEquals(names(answer), [
      "Server",
      "Date",
      "ETag",
      "Cache-Control",
      "X-Content-Type-Options",
      "Vary",
      "Connection",
    ], field);
  }
});

Deno.test("StaticFileHandler evaluates preconditions in order, over several lines", async () => {
  // Not compressed: with a single form, dates count as validators.
  await using files = await site({ "a.bin": DIGITS });
  const etag = (await files.get("/a.bin")).header("etag")!;
  const old = "Thu, 01 Jan 2015 00:00:00 GMT";
  const rows: readonly [fields: string[], status: number][] = [
    [[`If-Match: ${etag}`], 200],
    [['If-Match: "other"'], 412],
    [['If-Match: "other"', `If-Match: ${etag}`], 200],
    [['If-None-Match: "other"', `If-None-Match: ${etag}`], 304],
    [[`If-Match: ${etag}`, `If-Unmodified-Since: ${old}`], 200],
    [[`If-Unmodified-Since: ${old}`], 412],
    [['If-None-Match: "other"', `If-Modified-Since: ${CHANGED_DATE}`], 200],
    [["If-Modified-Since: yesterday"], 200],
    [["Range: bytes=0-1", `If-Range: ${etag}`], 206],
    [["Range: bytes=0-1", `If-Range: W/${etag}`], 200],
    [["Range: bytes=0-1", `If-Range: ${CHANGED_DATE}`], 206],
    [["Range: bytes=0-1", `If-Range: ${old}`], 200],
    [["Range: bytes=0-1", `If-None-Match: ${etag}`], 304],
  ];
  for (const [fields, status] of rows) {
    const answer = await files.get("/a.bin", ...fields);
    assertEquals(answer.status, status, fields.join("; "));
  }
});

Deno.test("StaticFileHandler sends a recently changed file with a validator that changes with it", async () => {
  for (
    const [before, after, form] of [
      // Its content is known.
      [DIGITS, "9876543210", /^"/],
      // Its size and time need not change with its content.
      [LARGE, "x".repeat(LARGE.length), /^W\//],
    ] as const
  ) {
    await using files = await site({ "a.txt": before });
    const now = new Date();
    await files.age("a.txt", now);
    const answer = await files.get("/a.txt");
    const etag = answer.header("etag")!;
    assertMatch(etag, form);
    await Deno.writeTextFile(files.folder.in("a.txt"), after);
    await files.age("a.txt", now);
    const again = await files.get("/a.txt", `If-None-Match: ${etag}`);
    assertEquals([again.status, again.body === after], [200, true]);
  }
});

Deno.test("StaticFileHandler sends the current content of a file after any change", async () => {
  await using files = await site({ "a.txt": "one", "b.bin": LARGE });
  assertEquals((await files.get("/a.txt")).body, "one");
  await Deno.writeTextFile(files.folder.in("a.txt"), "three");
  await files.age("a.txt", new Date("2024-04-01T00:00:00Z"));
  assertEquals((await files.get("/a.txt")).body, "three");
  await Deno.remove(files.folder.in("a.txt"));
  assertEquals((await files.get("/a.txt")).status, 404);
  await Deno.truncate(files.folder.in("b.bin"), 5);
  assertEquals((await files.get("/b.bin")).body, "01234");
});

Deno.test("StaticFileHandler responds with 404 for anything but regular files", async () => {
  await using files = await site({ "a.txt": "a" });
  const made = await new Deno.Command("mkfifo", {
    args: [files.folder.in("pipe")],
  }).output();
  assert(made.success);
  const listener = Deno.listen({
    transport: "unix",
    path: files.folder.in("socket"),
  });
  assertEquals((await files.get("/pipe")).status, 404);
  assertEquals((await files.get("/socket")).status, 404);
  assertEquals((await files.get("/a.txt/")).status, 404);
  assertEquals((await files.get("/a.txt/b")).status, 404);
  listener.close();
});

Deno.test("StaticFileHandler responds to HTTP/0.9 with the content only", async () => {
  await using files = await site({ "a.txt": DIGITS });
  assertEquals(await files.served.send("GET /a.txt\r\n"), DIGITS);
});

Deno.test("StaticFileHandler keeps an HTTP/1.1 connection open for the next file", async () => {
  await using files = await site({ "a.txt": "a", "b.bin": LARGE });
  using client = await files.served.connect();
  for (
    const [target, body] of [["/a.txt", "a"], ["/b.bin", LARGE], ["/", ""]]
  ) {
    await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const answer = await client.answer();
    assertEquals(answer.status, 200);
    assert(body === "" || answer.body === body);
  }
});

Deno.test("StaticFileHandler keeps a connection open after errors that concern only the target", async () => {
  await using files = await site({ "a.txt": "a" }, {
    users: "ada:x",
    hosts: ["a.test"],
  });
  using client = await files.served.connect();
  const user = `Authorization: Basic ${btoa("ada:x")}\r\n`;
  const rows: [line: string, fields: string, status: number][] = [
    ["GET /a.txt", "", 401],
    ["GET /none", user, 404],
    ["HEAD /none", user, 404],
    ["GET /a.txt", user + 'If-Match: "x"\r\n', 412],
    ["GET /a.txt", user + "Range: bytes=9-\r\n", 416],
    ["GET /a.txt", user, 200],
  ];
  for (const [line, fields, status] of rows) {
    await client.write(`${line} HTTP/1.1\r\nHost: a.test\r\n${fields}\r\n`);
    const answer = await client.answer(line.split(" ", 1)[0]);
    assertEquals(answer.status, status, line);
    assertEquals(answer.header("connection"), undefined, line);
  }
  await client.write("GET / HTTP/1.1\r\nHost: b.test\r\n\r\n");
  assertEquals((await client.answer()).status, 421);
  // A faulty request closes the connection.
  await client.write("BREW / HTTP/1.1\r\nHost: a.test\r\n\r\n");
  const last = await client.answer();
  assertEquals(last.status, 501);
  assertEquals(last.header("connection"), "close");
  await client.assertClosed();
});

Deno.test("StaticFileHandler sends Connection: close with the last response of HTTP/1.1", async () => {
  await using files = await site({ "a.txt": "a", "sub/": "" });
  const connection = async (request: string) =>
    (await files.served.ask(request)).fields.filter((field) =>
      /^connection:/i.test(field)
    );
  const close = "Host: a\r\nConnection: close\r\n\r\n";
  for (const target of ["/a.txt", "/sub", "/sub/", "/none"]) {
    assertEquals(
      await connection(`GET ${target} HTTP/1.1\r\n${close}`),
      ["Connection: close"],
      target,
    );
  }
  assertEquals(await connection("GET /a.txt HTTP/1.0\r\n\r\n"), []);
});

Deno.test("StaticFileHandler prefers the extensions_map of a subclass to its own types", async () => {
  class Own extends Quiet {
    override extensions_map = { ".foo": "text/x-foo", ".js": "text/x-js" };
  }
  const files = { "a.foo": "", "b.JS": "", "c.css": "" };
  await using served = await site(files, {}, Own);
  const types = await Promise.all(
    Object.keys(files).map(async (name) =>
      (await served.get(`/${name}`)).header("content-type")
    ),
  );
  assertEquals(types, ["text/x-foo", "text/x-js", "text/css; charset=utf-8"]);
});
