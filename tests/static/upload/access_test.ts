// Who may upload: other sites' pages, other hosts, users with and without rights.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { StaticFileOptions } from "../../../handlers/static/mod.ts";
import { uploads } from "./_upload.ts";

Deno.test("without upload, writing is 405, and Allow doesn't list it", async () => {
  await using site = await uploads({ a: "a" }, { upload: false });
  for (const method of ["PUT", "POST", "PATCH", "DELETE"]) {
    const answer = await site.send(method, "/b", "b");
    assertEquals([answer.status, answer.header("allow")], [
      405,
      "GET, HEAD, OPTIONS",
    ]);
  }
  assertEquals(await site.all(), ["a"]);
});

Deno.test("with upload, Allow lists PUT and POST", async () => {
  await using site = await uploads({ a: "a" });
  const options = await site.ask("OPTIONS", "/a");
  const patch = await site.send("PATCH", "/a", "x");
  assertEquals([patch.status, (await site.send("DELETE", "/a", "")).status], [
    405,
    405,
  ]);
  for (const answer of [options, patch]) {
    assertEquals(answer.header("allow"), "GET, HEAD, OPTIONS, POST, PUT");
  }
  const post = await site.send("POST", "/", "x", "Content-Type: text/plain");
  assertEquals([post.status, post.header("accept-post")], [
    415,
    "multipart/form-data",
  ]);
});

Deno.test("a page of another site can't upload", async () => {
  const rows: readonly [status: number, ...fields: string[]][] = [
    [201],
    [201, "Sec-Fetch-Site: same-origin"],
    [201, "Sec-Fetch-Site: none"],
    [403, "Sec-Fetch-Site: same-site"],
    [403, "Sec-Fetch-Site: cross-site"],
    [201, "Sec-Fetch-Site: same-origin", "Origin: http://evil.test"],
    [201, "Origin: http://localhost"],
    [403, "Origin: http://localhost:81"],
    [403, "Origin: http://evil.test"],
    [403, "Origin: null"],
  ];
  for (const cors of [false, true]) {
    for (const [status, ...fields] of rows) {
      await using site = await uploads({}, { cors });
      for (const [method, target] of [["PUT", "/a"], ["POST", "/"]] as const) {
        const answer = await site.send(method, target, "x", ...fields);
        const expected = method === "POST" && status === 201 ? 415 : status;
        assertEquals(answer.status, expected, `${method} ${fields}`);
      }
      assertEquals(await site.all(), status === 201 ? ["a"] : []);
    }
  }
});

Deno.test("a name of the public DNS can't be uploaded to, unless it is listed or there are users", async () => {
  const rows: readonly [host: string, status: number, StaticFileOptions][] = [
    ["evil.example", 421, {}],
    ["192.168.1.2:8000", 201, {}],
    ["[::1]:8000", 201, {}],
    ["nas", 201, {}],
    ["nas.local:8000", 201, {}],
    ["files.example", 201, { hosts: ["files.example"] }],
    ["evil.example", 421, { hosts: ["files.example"] }],
    ["evil.example", 201, { users: "ada:x" }],
  ];
  for (const [host, status, options] of rows) {
    await using site = await uploads({}, options);
    const answer = await site.served.ask(
      `PUT /a HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n` +
        `Content-Length: 1\r\nAuthorization: Basic ${btoa("ada:x")}\r\n\r\nx`,
    );
    assertEquals(answer.status, status, host);
    // With `hosts`, the site has no page for this one either.
    if (status === 421 && options.hosts === undefined) {
      assertMatch(answer.reason, /--host NAME/);
    }
  }
});

Deno.test("the upload area isn't shown at a name that can't be uploaded to", async () => {
  const rows: readonly [host: string, isShown: boolean, StaticFileOptions][] = [
    ["nas.fritz.box", false, {}],
    ["nas.fritz.box", true, { hosts: ["nas.fritz.box"] }],
    ["nas", true, {}],
  ];
  for (const drop of [false, true]) {
    for (const [host, isShown, options] of rows) {
      await using site = await uploads({}, { upload: { drop }, ...options });
      const answer = await site.served.ask(
        `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      assertEquals(answer.body.includes("multipart/form-data"), isShown, host);
      assertEquals(answer.status, drop && !isShown ? 421 : 200);
    }
  }
});

Deno.test("users have the rights at the end of their lines", async () => {
  const users = "ada:a\nbob:b:read\ncy:c:write\ndan:d:read+write";
  const rows: readonly [
    pair: string,
    get: number,
    listing: number,
    put: number,
  ][] = [
    ["ada:a", 200, 200, 201],
    ["bob:b", 200, 200, 403],
    ["cy:c", 403, 200, 201],
    ["dan:d", 200, 200, 201],
    ["bob:b:read", 401, 401, 401],
  ];
  for (const [pair, get, listing, put] of rows) {
    await using site = await uploads({ "old.txt": "o" }, { users });
    const login = `Authorization: Basic ${btoa(pair)}`;
    assertEquals((await site.get("/old.txt", login)).status, get, pair);
    const root = await site.get("/", login);
    assertEquals(root.status, listing, pair);
    assertEquals(root.body.includes("old.txt"), get === 200);
    assertEquals((await site.put("/new", "x", login)).status, put, pair);
  }
});

Deno.test("a user who may only write sees no files without upload either", async () => {
  await using site = await uploads({ a: "a", "404.html": "mine" }, {
    upload: false,
    users: "ada:a:write",
  });
  const login = `Authorization: Basic ${btoa("ada:a")}`;
  for (const target of ["/", "/a", "/none"]) {
    const answer = await site.get(target, login);
    assertEquals(answer.status, 403);
    assert(!answer.body.includes("mine"));
  }
});

Deno.test("with drop, files are received and none are shown", async () => {
  await using site = await uploads({ "a.txt": "a", "sub/b": "b" }, {
    upload: { drop: true },
  });
  const page = await site.get("/");
  assertEquals(page.status, 200);
  assertMatch(page.body, /<form/);
  assert(!page.body.includes("a.txt"));
  for (const target of ["/a.txt", "/sub/", "/sub", "/none", "/?json"]) {
    const status = target === "/?json" ? 200 : 403;
    const answer = await site.get(target);
    assertEquals(answer.status, status, target);
    assert(!answer.body.includes("a.txt"));
  }
  assertEquals((await site.put("/a.txt", "mine")).status, 201);
  assertEquals(await site.all(), ["a (1).txt", "a.txt", "sub/b"]);
});

Deno.test("with drop, a user with the right to read sees the files", async () => {
  await using site = await uploads({ "a.txt": "a" }, {
    upload: { drop: true },
    users: "teacher:t:read\npupil:p",
  });
  const [teacher, pupil] = ["teacher:t", "pupil:p"].map((pair) =>
    `Authorization: Basic ${btoa(pair)}`
  ) as [string, string];
  assertEquals((await site.get("/a.txt", teacher)).status, 200);
  assertEquals((await site.get("/a.txt", pupil)).status, 403);
  assertEquals((await site.put("/b", "b", teacher)).status, 403);
  assertEquals((await site.put("/b", "b", pupil)).status, 201);
});

Deno.test("documents that could run scripts are sandboxed", async () => {
  const rows: readonly [name: string, isSandboxed: boolean][] = [
    ["a.html", true],
    ["a.htm", true],
    ["a.xhtml", true],
    ["a.svg", true],
    ["a.xml", true],
    ["a.xsl", true],
    ["a.rss", true],
    ["a.txt", false],
    ["a.png", false],
    ["a.js", false],
    ["a", false],
  ];
  const own = "default-src 'self'";
  for (const [name, isSandboxed] of rows) {
    await using site = await uploads({ [name]: "<a>" }, {
      extra_response_headers: [["Content-Security-Policy", own]],
      security: true,
    });
    for (const target of [`/${name}`, `/${name}?x`]) {
      const { fields } = await site.get(target);
      const policies = fields.filter((field) =>
        field.startsWith("Content-Security-Policy: ")
      );
      assertEquals(
        policies.includes("Content-Security-Policy: sandbox"),
        isSandboxed,
        name,
      );
      assert(policies.includes(`Content-Security-Policy: ${own}`));
      assert(fields.includes("X-Content-Type-Options: nosniff"));
    }
  }
});

Deno.test("an uploaded error page is not used", async () => {
  await using site = await uploads();
  await site.put("/404.html", "mine");
  assert(!(await site.get("/none")).body.includes("mine"));
});

Deno.test("unfinished files are never served or listed", async () => {
  await using site = await uploads({}, { dotFiles: "allow" });
  using client = await site.served.connect();
  await client.write(
    "PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nsecret",
  );
  let name = "";
  while (name === "") [name = ""] = await site.all();
  assertMatch(name, /^\.httpserver-[0-9a-f]{32}\.part$/);
  assertEquals((await site.get(`/${name}`)).status, 404);
  assert(!(await site.get("/")).body.includes(name));
});

Deno.test("a subclass with its own translate_path() receives nothing", async () => {
  const { Quiet } = await import("../_site.ts");
  class Elsewhere extends Quiet {
    override translate_path(): string {
      return "/etc/hostname";
    }
  }
  await using site = await uploads({}, {}, Elsewhere);
  assertEquals((await site.put("/a", "x")).status, 405);
});

Deno.test("files are received in mounts and below base, but not next to them", async () => {
  await using other = await uploads();
  await using site = await uploads({}, {
    base: "/app",
    mounts: { "/docs": other.folder.path },
  });
  const rows: readonly [target: string, status: number][] = [
    ["/app/a.txt", 201],
    ["/docs/b.txt", 201],
    ["/c.txt", 403],
    ["/docs", 403],
    ["/app", 403],
  ];
  for (const [target, status] of rows) {
    assertEquals((await site.put(target, "x")).status, status, target);
  }
  assertEquals(await site.all(), ["a.txt"]);
  assertEquals(await other.all(), ["b.txt"]);
});
