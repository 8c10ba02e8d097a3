// Which file is sent for a path, on the wire; the tables are in `lookup/routing_test.ts`.

import { assertEquals, assertThrows } from "@std/assert";
import { partial } from "../../handlers/partial.ts";
import { staticFiles } from "../../handlers/static/mod.ts";
import { serve } from "../_serve.ts";
import { Quiet, site } from "./_site.ts";

const NAVIGATES = "Sec-Fetch-Mode: navigate";

Deno.test("StaticFileHandler sends a folder's index page, and redirects to its slash", async () => {
  await using files = await site({
    "index.html": "home",
    "sub/index.htm": "sub",
    "index.html.d/index.html/": "",
  });
  assertEquals((await files.get("/")).body, "home");
  assertEquals((await files.get("/sub/")).body, "sub");
  // A folder of that name is not an index page.
  assertEquals((await files.get("/index.html.d/")).status, 200);
  const answer = await files.get("/sub?a=b&c=%2f");
  assertEquals([answer.status, answer.header("location")], [
    301,
    "sub/?a=b&c=%2f",
  ]);
  assertEquals(answer.header("content-length"), "0");
});

Deno.test("StaticFileHandler never redirects to another host", async () => {
  await using files = await site({ "evil.test/": "", "a/evil.test/": "" });
  const rows: readonly [target: string, location: string | undefined][] = [
    ["//evil.test", "evil.test/"],
    ["/%2fevil.test", "evil.test/"],
    ["///evil.test", "evil.test/"],
    ["/x/..//evil.test", "../evil.test/"],
    ["http://other.test//evil.test", "../evil.test/"],
    ["/%5cevil.test", undefined],
    ["/evil.test%0d%0aX:%20y", undefined],
  ];
  for (const [target, location] of rows) {
    const answer = await files.get(target);
    assertEquals(answer.header("location"), location, target);
    assertEquals(answer.header("x"), undefined);
  }
});

Deno.test("spa serves page loads that match no file, and nothing else", async () => {
  await using files = await site({
    "index.html": "the app",
    "app.js": "run()",
    "sub/": "",
  }, { spa: true });
  for (const target of ["/users/7", "/users/j.doe", "/deep/er/route/"]) {
    const answer = await files.get(target, NAVIGATES);
    assertEquals([answer.status, answer.body], [200, "the app"], target);
  }
  const browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";
  for (const target of ["/users", "/users/j.doe", "/v1.2/a.b.c"]) {
    for (const field of ["Accept: text/html", browser]) {
      const answer = await files.get(target, field);
      assertEquals([answer.status, answer.body], [200, "the app"], target);
    }
  }
  assertEquals((await files.get("/app.js", NAVIGATES)).body, "run()");
  for (
    const [target, field] of [
      ["/missing.js", "Accept: text/html,*/*"],
      ["/missing.js", "Sec-Fetch-Mode: no-cors"],
      ["/users/7", "Accept: */*"],
      ["/users/j.doe", "Accept: */*"],
      ["/users/j.doe", "Accept: text/css,*/*;q=0.1"],
      ["/users/j.doe", "Accept: image/avif,image/*,*/*;q=0.8"],
      ["/users/j.doe", "Accept: application/json, text/html;q=0.5"],
      ["/users/j.doe", "Accept: text/html;q=0"],
      ["/users/7", "Sec-Fetch-Mode: cors"],
    ] as const
  ) {
    assertEquals((await files.get(target, field)).status, 404, target);
  }
  // A cache must not send the page to a client that requests data.
  const vary = async (target: string, field: string) =>
    (await files.get(target, field)).header("vary");
  assertEquals(
    await vary("/users", NAVIGATES),
    "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, Accept-Encoding",
  );
  assertEquals(
    await vary("/users", "Accept: */*"),
    "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode",
  );
  assertEquals(await vary("/app.js", NAVIGATES), "Accept-Encoding");
  await using other = await site({ "app.html": "other" }, { spa: "app.html" });
  assertEquals((await other.get("/x", NAVIGATES)).body, "other");
});

Deno.test("cleanUrls finds pages without .html, and redirects to them", async () => {
  await using files = await site({
    "index.html": "home",
    "about.html": "about",
    "docs/index.html": "docs",
    "docs/a.html": "a",
    "plain.txt": "text",
  }, { cleanUrls: true });
  assertEquals((await files.get("/about")).body, "about");
  assertEquals((await files.get("/docs/a")).body, "a");
  assertEquals((await files.get("/plain.txt")).body, "text");
  const rows: readonly [target: string, status: number, location: string][] = [
    ["/about.html?x=1", 302, "about?x=1"],
    ["/about/", 302, "../about"],
    ["/index.html", 302, "./"],
    ["/docs/index.html", 302, "./"],
    ["/docs", 301, "docs/"],
  ];
  for (const [target, status, location] of rows) {
    const answer = await files.get(target);
    assertEquals([answer.status, answer.header("location")], [
      status,
      location,
    ], target);
  }
});

Deno.test("base and mounts match whole names of a path", async () => {
  await using files = await site({
    "app/index.html": "app",
    "app/docs/x.txt": "shadowed",
    "manual/x.txt": "manual",
    "manual/deep/y.txt": "deep",
  });
  await using served = await site({}, {
    directory: files.folder.in("app"),
    base: "/app",
    mounts: { "/app/docs": files.folder.in("manual") },
  });
  assertEquals((await served.get("/app/")).body, "app");
  assertEquals((await served.get("/app/docs/x.txt")).body, "manual");
  const location = async (target: string) =>
    (await served.get(target)).header("location");
  assertEquals(await location("/app?q"), "app/?q");
  assertEquals(await location("/app/docs"), "docs/");
  assertEquals(await location("/app/docs/deep"), "deep/");
  for (const target of ["/", "/application", "/app.txt", "/docs/x.txt"]) {
    assertEquals((await served.get(target)).status, 404, target);
  }
});

Deno.test("errorPages sends the folder's own error pages", async () => {
  await using files = await site({
    "404.html": "<h1>lost</h1>",
    "50x.html": "<h1>broken</h1>",
    "a.txt": "a",
  });
  const answer = await files.get("/none");
  assertEquals([answer.status, answer.body], [404, "<h1>lost</h1>"]);
  assertEquals(answer.header("content-type"), "text/html; charset=utf-8");
  const head = await files.ask("HEAD", "/none");
  assertEquals([head.status, head.header("content-length")], [404, "13"]);
  assertEquals((await files.get("/404.html")).status, 200);
  // Not for errors that don't concern the site.
  const refused = await files.get("/a.txt", 'If-Match: "x"');
  assertEquals([refused.status, refused.body.includes("412")], [412, true]);
  await using without = await site({ "404.html": "lost" }, {
    errorPages: false,
  });
  assertEquals((await without.get("/none")).body.includes("lost"), false);
});

Deno.test("listing: false responds with 404 to a folder without an index page", async () => {
  await using files = await site({ "sub/a.txt": "a" }, { listing: false });
  assertEquals((await files.get("/")).status, 404);
  assertEquals((await files.get("/sub/")).status, 404);
  assertEquals((await files.get("/sub")).status, 301);
  assertEquals((await files.get("/sub/a.txt")).body, "a");
});

Deno.test("StaticFileHandler supports the absolute form and UTF-8 in a target", async () => {
  await using files = await site({ "\xc3\xa9.txt": "x" });
  await Deno.writeTextFile(files.folder.in("é.txt"), "accent");
  for (
    const target of [
      "/%C3%A9.txt",
      "/\xc3\xa9.txt",
      "http://localhost/%c3%a9.txt?q",
    ]
  ) {
    assertEquals((await files.get(target)).body, "accent", target);
  }
});

Deno.test("staticFiles() throws for options that are malformed or contradict each other", () => {
  assertThrows(() => staticFiles({ base: "/a/../b" }), TypeError);
  assertThrows(() => staticFiles({ mounts: { "/": "x" } }), TypeError);
  assertThrows(() => staticFiles({ cache: ["*.js"] }), SyntaxError);
  assertThrows(() => staticFiles({ types: { ".a": "none" } }), TypeError);
  assertThrows(() => staticFiles({ users: "ada" }), SyntaxError);
  assertThrows(() => staticFiles({ hosts: ["*"] }), TypeError);
  assertThrows(() => staticFiles({ trustProxy: ["proxy"] }), TypeError);
  assertThrows(() => staticFiles({ compressMinSize: -1 }), TypeError);
  assertThrows(
    () => staticFiles({ cors: { credentials: true } }),
    TypeError,
    "Cannot allow credentials across origins",
  );
});

Deno.test("mounts without an index page are listed, at each depth", async () => {
  await using files = await site({ "manual/x.txt": "m", "manual/deep/y": "d" });
  await using served = await site({}, {
    base: "/app",
    mounts: { "/docs": files.folder.in("manual"), "/a/b": files.folder.path },
  });
  for (
    const [target, name] of [
      ["/docs/", "x.txt"],
      ["/docs/deep/", "y"],
      ["/a/b/", "manual"],
      ["/a/b/manual/", "x.txt"],
    ] as const
  ) {
    const answer = await served.get(target);
    assertEquals([answer.status, answer.body.includes(name)], [200, true]);
  }
  assertEquals((await served.get("/a/")).status, 404);
});

Deno.test("listing: false applies spa and cleanUrls to folders without an index page", async () => {
  await using files = await site({
    "index.html": "app",
    "assets/a.js": "a",
    "users.html": "users",
    "users/a.txt": "a",
  }, { listing: false, spa: true, cleanUrls: true });
  const navigation = "Sec-Fetch-Mode: navigate";
  const assets = await files.get("/assets/", navigation);
  assertEquals([assets.status, assets.body], [200, "app"]);
  assertEquals((await files.get("/assets/")).status, 404);
  const users = await files.get("/users/", navigation);
  assertEquals([users.status, users.header("location")], [302, "../users"]);
});

Deno.test("a percent-encoded slash at the end of a path is redirected to a real one, for relative links", async () => {
  await using files = await site({ "sub/a.txt": "a", "a.txt": "a" });
  const rows: [target: string, location: string][] = [
    ["/sub%2f", "sub/"],
    ["/sub%2F?a=/", "sub/?a=/"],
    ["/a.txt%2f", "a.txt/"],
    ["/%2f", "./"],
  ];
  for (const [target, location] of rows) {
    const answer = await files.get(target);
    assertEquals([answer.status, answer.header("location")], [301, location]);
  }
  assertEquals((await files.get("/a.txt/")).status, 404);
  assertEquals((await files.get("/sub%2fa.txt")).body, "a");
});

Deno.test("cleanUrls redirects /index to its folder", async () => {
  await using files = await site({ "index.html": "i", "sub/index.html": "s" }, {
    cleanUrls: true,
  });
  for (const [target, location] of [["/index", "./"], ["/sub/index", "./"]]) {
    const answer = await files.get(target!);
    assertEquals([answer.status, answer.header("location")], [302, location]);
  }
});

Deno.test("StaticFileHandler rejects a target without a host or with user information", async () => {
  for (const options of [{}, { hosts: ["a.test"] }, { users: "ada:x" }]) {
    await using files = await site({ "a.txt": "a" }, options);
    const authorities = [
      "",
      ":80",
      "x@localhost",
      "x:y@localhost:1",
      "@",
      "a@",
    ];
    for (const authority of authorities) {
      for (const method of ["GET", "HEAD", "OPTIONS", "POST"]) {
        const target = `http://${authority}/a.txt`;
        const { status } = await files.ask(method, target);
        assertEquals([method, target, status], [method, target, 400]);
      }
    }
  }
  await using files = await site({ "a@b.txt": "a" });
  for (const target of ["/a@b.txt", "http://localhost/a@b.txt?x@y"]) {
    assertEquals((await files.get(target)).status, 200, target);
  }
});

Deno.test("StaticFileHandler doesn't apply spa to a path with a NUL", async () => {
  const files = { "index.html": "app" };
  await using app = await site(files, { spa: true, cleanUrls: true });
  const accept = "Accept: text/html";
  for (const target of ["/x%00y", "/%00", "/x/%00/y", "/x%00/"]) {
    assertEquals((await app.get(target, accept)).status, 404, target);
  }
  assertEquals((await app.get("/xy", accept)).body, "app");
});

Deno.test("a mount with a host serves that host only, at every path", async () => {
  await using files = await site({
    "a.txt": "main",
    "404.html": "main 404",
    "docs/a.txt": "docs",
    "docs/sub/": "",
  }, {});
  const Handler = partial(Quiet, {
    directory: files.folder.path,
    mounts: { "docs.localhost/": files.folder.in("docs") },
    hosts: ["box.test"],
  });
  await using served = serve(Handler);
  const rows: readonly [target: string, host: string, expected: string][] = [
    ["/a.txt", "localhost", "200 main"],
    ["/a.txt", "docs.localhost", "200 docs"],
    ["/a.txt", "Docs.Localhost.:8000", "200 docs"],
    ["/a.txt", "x.docs.localhost", "200 main"],
    ["/docs/a.txt", "docs.localhost", "404 main 404"],
    ["/..%2fa.txt", "docs.localhost", "200 docs"],
    // The absolute form takes precedence over the field (RFC 9112 §3.2.2).
    ["http://docs.localhost/a.txt", "localhost", "200 docs"],
    ["http://localhost/a.txt", "docs.localhost", "200 main"],
    ["/sub", "docs.localhost", "301 "],
    ["/a.txt", "evil.test", "421 "],
  ];
  // Twice: the second response is a prepared one.
  for (const [target, host, expected] of [...rows, ...rows]) {
    const { status, body } = await served.ask(
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    const shown = status === 421 ? "" : body;
    assertEquals(`${status} ${shown}`, expected, `${target} of ${host}`);
  }
});

Deno.test("hosts need not repeat the host of a mount", async () => {
  await using files = await site({ "docs/a.txt": "docs" });
  const Handler = partial(Quiet, {
    directory: files.folder.path,
    mounts: { "docs.test/": files.folder.in("docs") },
    hosts: [],
  });
  await using served = serve(Handler);
  for (const [host, status] of [["docs.test", 200], ["other.test", 421]]) {
    const answer = await served.ask(
      `GET /a.txt HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    assertEquals(answer.status, status);
  }
});
