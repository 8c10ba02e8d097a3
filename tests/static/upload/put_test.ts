// PUT over a real socket: which files are stored, and which are refused.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { StaticFileOptions } from "../../../handlers/static/mod.ts";
import { sha256, stateFiles, until, uploads } from "./_upload.ts";

Deno.test("PUT stores a file, and creates the folders of its path", async () => {
  await using site = await uploads();
  const answer = await site.put("/a/b%20c/d.txt", "hello");
  assertEquals(
    [answer.status, answer.header("location"), answer.body],
    [201, "d.txt", ""],
  );
  assertEquals(await site.all(), ["a/b c/d.txt"]);
  assertEquals(await site.text("a/b c/d.txt"), "hello");
  const seen = await site.get("/a/b%20c/d.txt");
  assertEquals(seen.body, "hello");
  assertEquals(seen.header("etag"), answer.header("etag"));
  assertEquals(await stateFiles(), []);
});

Deno.test("PUT stores an empty file, a large one and a chunked one", async () => {
  await using site = await uploads();
  const large = "0123456789abcdef".repeat(40_000);
  assertEquals((await site.put("/empty", "")).status, 201);
  assertEquals((await site.put("/large", large)).status, 201);
  const chunked = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  const answer = await site.put(
    "/chunked",
    chunked,
    "Transfer-Encoding: chunked",
  );
  assertEquals(answer.status, 201);
  assertEquals(await site.text("empty"), "");
  assert(await site.text("large") === large);
  assertEquals(await site.text("chunked"), "hello world");
});

Deno.test("PUT refuses names, and leaves nothing", async () => {
  const long = "x".repeat(256);
  const rows: readonly [target: string, status: number][] = [
    ["/", 409],
    ["/a/", 409],
    ["/folder", 409],
    ["/file/x", 409],
    ["/pipe", 409],
    ["/link", 403],
    ["/linked/x", 403],
    ["/inside/x", 403],
    ["/.hidden", 403],
    ["/.ssh/x", 403],
    ["/.well-known/x", 403],
    ["/a/.x/y", 403],
    ["/%e2%80%8c.git", 403],
    ["/x%00", 400],
    ["/x%0a", 400],
    ["/x%7f", 400],
    ["/x%e2%80%aetxt.exe", 400],
    ["/caf%e9", 400],
    ["/nul", 400],
    ["/Con.txt", 400],
    ["/com1", 400],
    ["/x.", 400],
    ["/x%20", 400],
    ["/x%5cy", 400],
    [`/${long}`, 400],
    [`/${"a/".repeat(64)}b`, 400],
    [`/${(long.slice(1) + "/").repeat(9)}x`, 400],
  ];
  for (const policy of ["error", "rename", "overwrite"] as const) {
    await using site = await uploads(
      { "folder/": "", file: "f", "outside/": "" },
      { upload: { policy } },
    );
    const { folder } = site;
    await Deno.symlink("file", folder.in("link"));
    await Deno.symlink("/tmp", folder.in("linked"));
    await Deno.symlink("folder", folder.in("inside"));
    await new Deno.Command("mkfifo", { args: [folder.in("pipe")] }).output();
    const before = await site.all();
    for (const [target, status] of rows) {
      const answer = await site.put(target, "evil");
      assertEquals(answer.status, status, `${policy} ${target}`);
    }
    assertEquals(await site.all(), before);
    assertEquals(await site.text("file"), "f");
  }
});

Deno.test("PUT stays below the served folder", async () => {
  await using site = await uploads({ "a/": "" });
  for (
    const target of [
      "/../../up.txt",
      "/a/..%2f..%2fup.txt",
      "/%2e%2e/up.txt",
      "//up.txt",
    ]
  ) {
    await site.put(target, "x");
  }
  assertEquals(await site.all(), ["up.txt"]);
});

Deno.test("PUT stores 255 bytes of name, and 85 characters of three bytes", async () => {
  await using site = await uploads();
  for (const name of ["x".repeat(255), "%E2%82%AC".repeat(85)]) {
    assertEquals((await site.put(`/${name}`, "x")).status, 201);
  }
  const other = await uploads({}, { upload: { policy: "rename" } });
  await using _ = other;
  const name = "x".repeat(251) + ".txt";
  await other.put(`/${name}`, "1");
  const second = await other.put(`/${name}`, "2");
  assertEquals(second.status, 201);
  assertMatch(
    second.header("location")!,
    /^x{247} \(1\)\.txt$|^x{247}%20\(1\)\.txt$/,
  );
});

Deno.test("PUT follows the policy for names that are taken", async () => {
  const rows: readonly [
    policy: "error" | "rename" | "overwrite",
    status: number,
    location: string | undefined,
    files: Readonly<Record<string, string>>,
  ][] = [
    ["error", 409, undefined, { "a.txt": "old" }],
    ["rename", 201, "a%20(1).txt", { "a (1).txt": "new", "a.txt": "old" }],
    ["overwrite", 204, undefined, { "a.txt": "new" }],
  ];
  for (const [policy, status, location, files] of rows) {
    await using site = await uploads({ "a.txt": "old" }, {
      upload: { policy },
    });
    const answer = await site.put("/a.txt", "new");
    assertEquals([answer.status, answer.header("location")], [
      status,
      location,
    ]);
    assertEquals(await site.all(), Object.keys(files));
    for (const [name, text] of Object.entries(files)) {
      assertEquals(await site.text(name), text);
    }
  }
});

Deno.test("a replaced file keeps who may read it, but can't be executed", async () => {
  await using site = await uploads({ "a.sh": "old" }, {
    upload: { policy: "overwrite" },
  });
  await Deno.chmod(site.folder.in("a.sh"), 0o750);
  await site.put("/a.sh", "new");
  const { mode } = await Deno.stat(site.folder.in("a.sh"));
  assertEquals(mode! & 0o777, 0o640);
});

Deno.test("PUT evaluates preconditions (RFC 9110 §13)", async () => {
  const rows: readonly [target: string, field: string, status: number][] = [
    ["/new", "If-None-Match: *", 201],
    ["/old", "If-None-Match: *", 412],
    ["/new", "If-Match: *", 412],
    ["/old", "If-Match: *", 204],
    ["/old", 'If-Match: "x"', 412],
    ["/old", "If-Match: ETAG", 204],
    ["/old", 'If-None-Match: "x"', 204],
    ["/old", "If-None-Match: ETAG", 412],
    ["/old", "If-Unmodified-Since: Fri, 01 Mar 2024 12:00:00 GMT", 204],
    ["/old", "If-Unmodified-Since: Fri, 01 Mar 2024 11:59:59 GMT", 412],
  ];
  for (const [target, field, status] of rows) {
    for (const size of [3, 300_000]) {
      const old = "o".repeat(size);
      await using site = await uploads({ old }, {
        upload: { policy: "overwrite" },
      });
      const etag = (await site.ask("HEAD", "/old")).header("etag")!;
      const sent = field.replace("ETAG", etag);
      const answer = await site.put(target, "new", sent);
      assertEquals(answer.status, status, `${target} ${sent}`);
      assertEquals(
        await site.text("old") === old,
        target === "/new" || status === 412,
      );
    }
  }
});

Deno.test("of two uploads with the same If-Match, one wins", async () => {
  await using site = await uploads({ a: "old" }, {
    upload: { policy: "overwrite" },
  });
  const etag = (await site.ask("HEAD", "/a")).header("etag")!;
  const answers = await Promise.all(
    Array.from(
      { length: 8 },
      (_, n) => site.put("/a", `${n}`, `If-Match: ${etag}`),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assertEquals(statuses, [204, 412, 412, 412, 412, 412, 412, 412]);
});

Deno.test("of many uploads of one name, one is stored or all are, by the policy", async () => {
  const rows = [
    ["error", [201, ...Array(9).fill(409)], 1],
    ["rename", Array(10).fill(201), 10],
  ] as const;
  for (const [policy, expected, count] of rows) {
    await using site = await uploads({}, { upload: { policy } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => site.put("/a.txt", `${n}`)),
    );
    assertEquals(answers.map(({ status }) => status).sort(), expected);
    const names = await site.all();
    assertEquals(names.length, count);
    const texts = await Promise.all(names.map((name) => site.text(name)));
    assertEquals(new Set(texts).size, count);
  }
});

Deno.test("PUT refuses what it can't store as the whole file", async () => {
  const digest = await sha256("other");
  const rows: readonly [status: number, ...fields: string[]][] = [
    [400, "Content-Range: bytes 0-4/10"],
    [415, "Content-Encoding: gzip"],
    [201, "Content-Encoding: identity"],
    [400, `Content-Digest: ${digest}`],
    [400, `Repr-Digest: ${digest}`],
    [400, "Content-Digest: sha-256=abc"],
    [201, `Content-Digest: ${await sha256("hello")}`],
    [201, "Content-Digest: md5=:AAAA:"],
    [413, "Content-Length: 101"],
    [413, "Content-Length: 9007199254740990"],
    [400, "Upload-Complete: ?0"],
    [201, "Upload-Complete: ?1"],
  ];
  for (const [status, ...fields] of rows) {
    await using site = await uploads({}, { upload: { maxSize: 100 } });
    const answer = await site.put("/a.txt", "hello", ...fields);
    assertEquals(answer.status, status, fields.join());
    assertEquals(await site.all(), status === 201 ? ["a.txt"] : []);
  }
});

Deno.test("PUT without a length is refused, and a chunked one that grows too large", async () => {
  await using site = await uploads({}, { upload: { maxSize: 10 } });
  const answer = await site.served.ask(
    "PUT /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  );
  assertEquals(answer.status, 411);
  const large = await site.put(
    "/a",
    "b\r\nhello world\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked",
  );
  assertEquals(large.status, 413);
  assertEquals(await site.all(), []);
});

Deno.test("an upload that ends early leaves nothing", async () => {
  await using site = await uploads();
  const head =
    "PUT /a.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
  {
    using client = await site.served.connect();
    await client.write(head + "x".repeat(70_000));
    await until(async () => (await site.all()).length === 1);
    assertEquals((await stateFiles()).length, 1);
  }
  await until(async () => (await site.all()).length === 0);
  {
    using client = await site.served.connect();
    await client.write(head + "x");
    await client.closeWrite();
    assertEquals((await client.answer()).status, 400);
  }
  await until(async () => (await site.all()).length === 0);
  await until(async () => (await stateFiles()).length === 0);
});

Deno.test("PUT sends 100 only if it accepts the upload", async () => {
  const rows: readonly [
    target: string,
    status: number,
    options: StaticFileOptions,
    ...fields: string[],
  ][] = [
    ["/new", 201, {}],
    ["/old", 409, {}],
    ["/old", 412, {}, "If-None-Match: *"],
    ["/.x", 403, {}],
    ["/new", 413, { upload: { maxSize: 4 } }],
    ["/new", 507, { upload: { keepFree: 2 ** 52 } }],
    ["/new", 507, { upload: { maxTotal: 4 } }],
    ["/new", 403, {}, "Origin: http://evil.test"],
    ["/new", 401, { users: "ada:x" }],
    [
      "/new",
      403,
      { users: "ada:x:read" },
      `Authorization: Basic ${btoa("ada:x")}`,
    ],
  ];
  for (const [target, status, options, ...fields] of rows) {
    await using site = await uploads({ old: "o" }, options);
    using client = await site.served.connect();
    await client.write(
      [
        `PUT ${target} HTTP/1.1`,
        "Host: localhost",
        "Content-Length: 5",
        "Expect: 100-continue",
        ...fields,
        "",
        "",
      ].join("\r\n"),
    );
    if (status === 201) {
      assertMatch(await client.readUntil("\r\n\r\n"), /^HTTP\/1\.1 100 /);
      await client.write("hello");
    }
    const answer = await client.answer();
    assertEquals(answer.status, status, `${target} ${fields}`);
    assertEquals(
      answer.header("connection"),
      status === 201 ? undefined : "close",
    );
    if (status === 201) {
      await client.write("GET /new HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertEquals((await client.answer()).body, "hello");
    }
  }
});

Deno.test("a client that sends a refused body still gets the response", async () => {
  await using site = await uploads({}, { upload: { maxSize: 1_000 } });
  using client = await site.served.connect();
  await client.write(
    "PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n",
  );
  await client.write(new Uint8Array(1_000_000)).catch(() => {});
  assertEquals((await client.answer()).status, 413);
});

Deno.test("an upload is seen at once, and a running download ends with the old bytes", async () => {
  const old = "o".repeat(8_000_000);
  await using site = await uploads({ a: old }, {
    upload: { policy: "overwrite" },
  });
  using client = await site.served.connect();
  await client.write("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const head = await client.readUntil("\r\n\r\n");
  assertMatch(head, /Content-Length: 8000000/);
  assertEquals((await site.put("/a", "new")).status, 204);
  assertEquals((await site.get("/a")).body, "new");
  assert(await client.read(old.length) === old);
});

Deno.test("a page that was cached is replaced at once", async () => {
  await using site = await uploads({ "index.html": "old" }, {
    upload: { policy: "overwrite" },
  });
  for (let n = 0; n < 3; n++) assertEquals((await site.get("/")).body, "old");
  for (let n = 0; n < 3; n++) {
    await site.put("/index.html", `n${n}`);
    assertEquals((await site.get("/")).body, `n${n}`);
  }
});

Deno.test("a request without a body needs no 100", async () => {
  await using site = await uploads();
  using client = await site.served.connect();
  await client.write(
    "PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n" +
      "Expect: 100-continue\r\n\r\n",
  );
  assertEquals((await client.answer()).status, 201);
});

Deno.test("a form that is larger than all of its files may be is refused before it is sent", async () => {
  await using site = await uploads({}, { upload: { maxSize: 1_000_000 } });
  for (const [length, status] of [[20_000_000_000, 413], [9e8, 100]] as const) {
    using client = await site.served.connect();
    await client.write(
      "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n" +
        "Content-Type: multipart/form-data; boundary=b\r\n" +
        `Content-Length: ${length}\r\n\r\n`,
    );
    const head = await client.readUntil("\r\n\r\n");
    assertEquals(head.split(" ")[1], `${status}`);
  }
});

Deno.test("a file brings at most 16 folders with it", async () => {
  await using site = await uploads({ "there/": "" });
  const folders = (count: number) => "x/".repeat(count);
  assertEquals((await site.put(`/${folders(17)}f`, "x")).status, 400);
  assertEquals((await site.put(`/there/${folders(16)}f`, "x")).status, 201);
  assertEquals(await site.all(), [`there/${folders(16)}f`]);
});

Deno.test("a request with several Sec-Fetch-Site or Origin fields comes from another site", async () => {
  await using site = await uploads();
  const rows: readonly (readonly string[])[] = [
    ["Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"],
    ["Sec-Fetch-Site: none", "Sec-Fetch-Site: none"],
    ["Origin: http://localhost", "Origin: http://evil.test"],
  ];
  for (const fields of rows) {
    assertEquals((await site.put("/a", "x", ...fields)).status, 403);
  }
  assertEquals(await site.all(), []);
});
