// SimpleHTTPRequestHandler over a socket: files, directories and conditional requests. Numbers
// refer to the list of CPython's behaviours.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { SimpleHTTPRequestHandler } from "../../handlers/mod.ts";
import { folder, get, QuietFiles, serveFolder } from "./_folder.ts";
import { inMemory } from "./_memory.ts";

const DATA = "We are the knights who say Ni!";
const MODIFIED = new Date("2024-01-02T03:04:05.900Z");
const LAST_MODIFIED = "Tue, 02 Jan 2024 03:04:05 GMT";

// behaviours 65, 74, 78
Deno.test("do_GET() and do_HEAD() send exactly CPython's bytes for a file", async () => {
  await using files = await folder({ "test": DATA });
  await Deno.utime(files.in("test"), MODIFIED, MODIFIED);
  await using server = serveFolder(files.path);
  const head = [
    "HTTP/1.0 200 OK",
    `Server: SimpleHTTP/0.6 Deno/${Deno.version.deno}`,
    "Date: *",
    "Content-type: application/octet-stream",
    `Content-Length: ${DATA.length}`,
    `Last-Modified: ${LAST_MODIFIED}`,
    "",
    "",
  ].join("\r\n");
  const masked = (text: string) => text.replace(/^Date: .*$/m, "Date: *");
  assertEquals(masked(await server.send(get("/test"))), head + DATA);
  assertEquals(masked(await server.send("HEAD /test HTTP/1.0\r\n\r\n")), head);
});

/** Targets, with their status, and their body or Location. */
const TARGETS: [string, number, string?][] = [
  ["/d/test", 200, DATA],
  ["/d/test?query", 200, DATA],
  ["/d/%74est", 200, DATA],
  ["/d//test", 200, DATA],
  ["/empty", 200, ""],
  ["/d/test/", 404],
  ["/d/test%2f", 404],
  ["/d/test%2F", 404],
  ["/d/", 200, "<li>"],
  ["/d%2f", 200, "<li>"],
  ["/d%2F", 200, "<li>"],
  ["/d", 301, "/d/"],
  ["/d/?hi=2", 200, "<li>"],
  ["/d?hi=1", 301, "/d/?hi=1"],
  ["/nothing", 404],
  ["/nothing/", 404],
  ["/d/spam/", 200, "<li>"],
  ["/d/page/", 200, "the index"],
  ["/d/old/", 200, "the old index"],
  ["/d/both/", 200, "html"],
  ["d/test", 200, DATA],
  ["d/test/", 404],
  ["d/", 200, "<li>"],
  ["d", 301, "d/"],
  ["d/?hi=2", 200, "<li>"],
  ["d?hi=1", 301, "d/?hi=1"],
  ["/a.txt/.", 200, "text"],
  ["/a.txt/..", 301, "/a.txt/../"],
  ["/a.txt/%2e/", 404],
  ["/D/test", 404],
];

// behaviours 66-72, 79, 105
Deno.test("a target gets a file, a listing, a redirect or 404", async () => {
  await using files = await folder({
    "d/test": DATA,
    "d/spam/index.html/": "",
    "d/page/index.html": "the index",
    "d/old/index.htm": "the old index",
    "d/both/index.htm": "htm",
    "d/both/index.html": "html",
    "a.txt": "text",
    "empty": "",
  });
  await using server = serveFolder(files.path);
  for (const [target, status, content = ""] of TARGETS) {
    const answer = await server.ask(get(target));
    assertEquals(answer.status, status, target);
    if (status === 301) {
      assertEquals(answer.header("location"), content);
      assertEquals(answer.header("content-length"), "0");
      assertEquals(answer.body, "");
    } else if (content === "<li>") {
      assertMatch(answer.body, /Directory listing for/);
      assertEquals(answer.header("content-type"), "text/html; charset=utf-8");
    } else if (status === 200) {
      assertEquals(answer.body, content, target);
    } else {
      assertEquals(answer.reason, "File not found");
    }
  }
});

// behaviour 73; root can read any directory
Deno.test("a directory without read permission gets 404", async () => {
  await using files = await folder({ "d/a": "" });
  const { handler, wfile } = inMemory(QuietFiles);
  assertEquals(await handler.list_directory(files.in("absent")), null);
  assertMatch(
    wfile.calls[0]!,
    /^HTTP\/1\.0 404 No permission to list directory\r\n/,
  );
  if (Deno.build.os === "windows" || Deno.uid() === 0) return;
  await Deno.chmod(files.in("d"), 0);
  await using server = serveFolder(files.path);
  assertEquals((await server.ask(get("/d/"))).status, 404);
  await Deno.chmod(files.in("d"), 0o755);
});

Deno.test("do_HEAD() sends the head of the response to GET", async () => {
  await using files = await folder({ "d/x": "", "large": "x".repeat(400_000) });
  await using server = serveFolder(files.path);
  for (const target of ["/d/", "/d", "/nothing", "/large"]) {
    const [page, head] = await Promise.all([
      server.ask(get(target)),
      server.ask(get(target).replace("GET", "HEAD")),
    ]);
    const undated = (fields: readonly string[]) =>
      fields.filter((field) => !field.startsWith("Date: "));
    assertEquals(head.status, page.status);
    assertEquals(undated(head.fields), undated(page.fields));
    assertEquals(head.body, "");
  }
});

// behaviours 63, 77
Deno.test("methods other than GET and HEAD get 501; methods are case-sensitive", async () => {
  await using files = await folder();
  await using server = serveFolder(files.path);
  for (
    const method of ["FOO", "custom", "GETs", "get", "POST", "PUT", "OPTIONS"]
  ) {
    const answer = await server.ask(`${method} / HTTP/1.0\r\n\r\n`);
    assertEquals(answer.status, 501);
    assertEquals(answer.reason, `Unsupported method ('${method}')`);
    assertEquals(answer.header("allow"), undefined);
  }
});

// behaviours 75, 76, 102
Deno.test("If-Modified-Since needs a valid date, and is ignored with If-None-Match", async () => {
  await using files = await folder({ "test": DATA });
  await Deno.utime(files.in("test"), MODIFIED, MODIFIED);
  await using server = serveFolder(files.path);
  const rows: [string, number][] = [
    [LAST_MODIFIED, 304],
    ["Tue, 02 Jan 2024 04:04:05 GMT", 304],
    ["Mon, 02 Jan 2023 03:04:05 GMT", 200],
    ["Tue, 02 Jan 2024 03:04:04 GMT", 200],
    ["Tuesday, 02-Jan-24 03:04:05 GMT", 304],
    ["Tue Jan  2 03:04:05 2024", 304],
    ["Tue, 02 Jan 2024 03:04:05 -0000", 304],
    ["Tue, 02 Jan 2024 03:04:05 +0000", 304],
    ["Fri, 02 Jan 2024 03:04:05 GMT", 304],
    ["Tue, 02 Jan 2024 04:04:05 +0100", 200],
    ["Tue, 02 Jan 2024 03:04:05 EST", 200],
    ["garbage", 200],
    ["", 200],
    ["2024-01-02T03:04:05Z", 200],
    ["Tue, 02 Jan 99999 03:04:05 GMT", 200],
  ];
  for (const [since, status] of rows) {
    const field = `If-Modified-Since: ${since}`;
    const answer = await server.ask(get("/test", field));
    assertEquals(answer.status, status, since);
    assertEquals(answer.body, status === 200 ? DATA : "");
    if (status === 304) {
      assertEquals(
        answer.fields.map((line) => line.split(":", 1)[0]),
        ["Server", "Date"],
      );
    }
    for (const tag of ["*", '"abc"', ""]) {
      const tagged = await server.ask(
        get("/test", field, `If-None-Match: ${tag}`),
      );
      assertEquals(tagged.status, 200, `${since} ${tag}`);
    }
  }
});

// behaviour 103
Deno.test("If-Modified-Since applies to index pages and large files, not to listings", async () => {
  await using files = await folder({
    "page/index.html": "x",
    "list/a": "x",
    "large": "x".repeat(400_000),
  });
  await using server = serveFolder(files.path);
  const since = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT";
  assertEquals((await server.ask(get("/page/", since))).status, 304);
  assertEquals((await server.ask(get("/large", since))).status, 304);
  assertEquals((await server.ask(get("/list/", since))).status, 200);
});

Deno.test("large files are streamed completely in parallel", async () => {
  const content = "0123456789abcdef".repeat(60_000);
  await using files = await folder({
    "large": content,
    "edge": content.slice(0, 65_537),
  });
  class Kept extends QuietFiles {
    override protocol_version = "HTTP/1.1";
  }
  await using server = serveFolder(files.path, Kept);
  await Promise.all(Array.from({ length: 5 }, async () => {
    using client = await server.connect();
    for (
      const [name, size] of [["large", 960_000], ["edge", 65_537]] as const
    ) {
      await client.write(`GET /${name} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const { body } = await client.answer();
      assert(body === content.slice(0, size), `${body.length} of ${size}`);
    }
  }));
});

// behaviour 101
Deno.test("a file that grows while it is streamed is sent up to its Content-Length (differs from CPython)", async () => {
  await using files = await folder({ "large": "x".repeat(400_000) });
  const path = files.in("large");
  class Growing extends QuietFiles {
    override protocol_version = "HTTP/1.1";
    override async copyfile(...args: Parameters<QuietFiles["copyfile"]>) {
      await Deno.writeTextFile(path, "y".repeat(600_000), { append: true });
      await super.copyfile(...args);
    }
  }
  await using server = serveFolder(files.path, Growing);
  using client = await server.connect();
  await client.write("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  assert((await client.answer()).body === "x".repeat(400_000));
  // Nothing more was sent, so the connection can be reused.
  await client.write("FOO / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await client.answer()).status, 501);
});

// behaviour 101
Deno.test("a file that shrinks while it is streamed closes the connection", async () => {
  await using files = await folder({ "large": "x".repeat(400_000) });
  const path = files.in("large");
  class Shrinking extends QuietFiles {
    override protocol_version = "HTTP/1.1";
    override async copyfile(...args: Parameters<QuietFiles["copyfile"]>) {
      await Deno.truncate(path, 270_000);
      await super.copyfile(...args);
    }
  }
  await using server = serveFolder(files.path, Shrinking);
  using client = await server.connect();
  await client.write("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const head = await client.readUntil("\r\n\r\n");
  assertMatch(head, /Content-Length: 400000\r\n/);
  assertEquals((await client.readToEnd()).length, 270_000);
});

// New in CPython 3.15; behaviours 96-98
Deno.test("extra_response_headers are sent with files and listings, not with errors, redirects and 304", async () => {
  await using files = await folder({
    "a.txt": "text",
    "large": "x".repeat(70_000),
    "d/index.html": "i",
  });
  await using server = serveFolder(files.path, QuietFiles, {
    extra_response_headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], [
      "X-A",
      "x",
    ]],
  });
  const since = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT";
  const rows: [string, number, boolean][] = [
    [get("/a.txt"), 200, true],
    [get("/large"), 200, true],
    [get("/"), 200, true],
    [get("/d/"), 200, true],
    [get("/nothing"), 404, false],
    [get("/d"), 301, false],
    [get("/a.txt", since), 304, false],
    ["FOO / HTTP/1.0\r\n\r\n", 501, false],
  ];
  for (const [request, status, extra] of rows) {
    const answer = await server.ask(request);
    assertEquals(answer.status, status);
    assertEquals(
      answer.fields.filter((field) => /^(Set-Cookie|X-A): /.test(field)),
      extra ? ["Set-Cookie: a=1", "Set-Cookie: b=2", "X-A: x"] : [],
      request,
    );
  }
});

// behaviour 100
Deno.test("guess_type() uses extensions_map before the built-in types", () => {
  const { handler } = inMemory(SimpleHTTPRequestHandler);
  const rows: [string, string][] = [
    ["/a/b.html", "text/html"],
    ["b.HTML", "text/html"],
    ["a.js", "text/javascript"],
    ["a.mjs", "text/javascript"],
    ["a.css", "text/css"],
    ["a.txt", "text/plain"],
    ["a.json", "application/json"],
    ["a.png", "image/png"],
    ["a.svg", "image/svg+xml"],
    ["a.wasm", "application/wasm"],
    ["a.tar.gz", "application/gzip"],
    ["a.html.gz", "application/gzip"],
    ["a.Z", "application/octet-stream"],
    ["a.bz2", "application/x-bzip2"],
    ["a.xz", "application/x-xz"],
    ["a.XZ", "application/x-xz"],
    ["a", "application/octet-stream"],
    [".html", "application/octet-stream"],
    ["a.", "application/octet-stream"],
    ["a.unknown-thing", "application/octet-stream"],
    ["a.html/b", "application/octet-stream"],
    ["a.constructor", "application/octet-stream"],
    ["a.__proto__", "application/octet-stream"],
  ];
  for (const [path, type] of rows) {
    assertEquals(handler.guess_type(path), type, path);
  }
  handler.extensions_map = {
    ".html": "text/x-mine",
    ".Up": "x/up",
    ".unknown": "x/y",
  };
  assertEquals(
    ["a.html", "a.HTML", "a.Up", "a.up", "a.unknown", "a.gz"].map((path) =>
      handler.guess_type(path)
    ),
    [
      "text/x-mine",
      "text/x-mine",
      "x/up",
      "application/octet-stream",
      "x/y",
      "application/gzip",
    ],
  );
});

Deno.test("default_content_type is the type of files with an unknown extension", async () => {
  await using files = await folder({
    "README": "x",
    "a.txt": "x",
    "a.gz": "x",
  });
  await using server = serveFolder(files.path, QuietFiles, {
    default_content_type: "text/x-default",
  });
  const type = async (target: string) =>
    (await server.ask(get(target))).header("content-type");
  assertEquals(await type("/README"), "text/x-default");
  assertEquals(await type("/a.txt"), "text/plain");
  assertEquals(await type("/a.gz"), "application/gzip");
});

// behaviours 93, 94
Deno.test({
  name:
    "translate_path() drops the query and fragment, and stays in the directory",
  ignore: Deno.build.os === "windows",
  fn() {
    const rows: [string, string][] = [
      ["/filename", "/filename"],
      ["/filename?foo=bar", "/filename"],
      ["/filename?a=b&spam=eggs#zot", "/filename"],
      ["//filename", "/filename"],
      ["//filename?foo=bar", "/filename"],
      ["/dir/", "/dir/"],
      ["/", "/"],
      ["", ""],
      ["/..", ""],
      ["/../../etc/passwd", "/etc/passwd"],
      ["/%2e%2e%2f%2e%2e/a.txt", "/a.txt"],
      ["/%252e%252e/a", "/%2e%2e/a"],
    ];
    const directories: [string | URL | undefined, string][] = [
      [undefined, Deno.cwd()],
      ["foo", "foo"],
      [new URL("file:///srv/www%20x"), "/srv/www x"],
    ];
    for (const [directory, root] of directories) {
      const { handler } = inMemory(
        SimpleHTTPRequestHandler,
        "",
        directory === undefined ? {} : { directory },
      );
      for (const [path, expected] of rows) {
        assertEquals(handler.translate_path(path), root + expected, path);
      }
    }
    const { handler } = inMemory(SimpleHTTPRequestHandler, "", {
      directory: "/srv/",
    });
    assertEquals(handler.translate_path("/a"), "/srv/a");
    handler.directory = "/";
    assertEquals(handler.translate_path("/a/"), "/a/");
  },
});
