// The site's own rules over a real socket.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  StaticFileHandler,
  type StaticFileOptions,
  staticFiles,
} from "../../../handlers/static/mod.ts";
import type { Answer } from "../../_serve.ts";
import { folder } from "../../handlers/_folder.ts";
import { captureLog } from "../../_lib/captured_log.ts";
import { liveSite, PAGE } from "../live/_live.ts";
import { pretendLater, Quiet, type Site, site } from "../_site.ts";
import { unzip } from "../archive/_site.ts";

/** The status, and the Location or the body. */
async function seen(
  { get }: Site,
  target: string,
  ...fields: string[]
): Promise<string> {
  const answer = await get(target, ...fields);
  const { status, body } = answer;
  return `${status} ${
    field(answer, "Location") ??
      (status === 404 && body.includes("<!DOCTYPE") ? "missing" : body)
  }`;
}

/** The value of a field as it was sent. */
function field({ fields }: Answer, name: string): string | undefined {
  const start = name.toLowerCase() + ":";
  return fields.find((line) => line.toLowerCase().startsWith(start))
    ?.slice(start.length).trim();
}

Deno.test("a Netlify file wins over a rule for its path, and not over a forced one", async () => {
  await using served = await site({
    _redirects: [
      "/a.txt /new",
      "/b.txt /new 301!",
      "/page /new",
      "/page.html /new 301!",
      "/dir /new",
      "/listed /new",
      "/empty/* /new/:splat",
      "/none /new 302",
    ].join("\n"),
    "a.txt": "a",
    "b.txt": "b",
    "page.html": "page",
    "dir/index.html": "index",
    "listed/x.txt": "x",
    "empty/": "",
  }, { rules: "netlify" });
  assertEquals(await seen(served, "/a.txt"), "200 a");
  assertEquals(await seen(served, "/b.txt"), "301 /new");
  assertEquals(await seen(served, "/page"), "200 page");
  assertEquals(await seen(served, "/page.html"), "301 /new");
  assertEquals(await seen(served, "/dir"), "301 dir/");
  assertEquals(await seen(served, "/dir/"), "200 index");
  // A folder without an index page is nothing on the host.
  assertEquals(await seen(served, "/listed"), "301 /new");
  assertEquals(await seen(served, "/listed/"), "301 /new");
  assertEquals(await seen(served, "/listed/x.txt"), "200 x");
  assertEquals(await seen(served, "/empty/"), "301 /new/");
  assertEquals(await seen(served, "/none?q"), "302 /new?q");
});

Deno.test("a Cloudflare rule wins over a file", async () => {
  await using served = await site({
    _redirects: "/a.txt /b.txt\n/c.txt /b.txt 200\n",
    "a.txt": "a",
    "b.txt": "b",
    "c.txt": "c",
  }, { rules: "cloudflare" });
  assertEquals(await seen(served, "/a.txt"), "302 /b.txt");
  assertEquals(await seen(served, "/c.txt"), "200 b");
});

Deno.test("clean URLs come before rules, and rules before the page of an application", async () => {
  const page = "Accept: text/html";
  await using served = await site({
    _redirects: "/about /new\n/old /new\n/about.html /new\n",
    "about.html": "about",
    "index.html": "app",
  }, { rules: "netlify", cleanUrls: true, spa: true });
  assertEquals(await seen(served, "/about", page), "200 about");
  assertEquals(await seen(served, "/about.html", page), "302 about");
  assertEquals(await seen(served, "/old", page), "301 /new");
  assertEquals(await seen(served, "/other", page), "200 app");
});

Deno.test("a rewrite with 200 is the file in all but its URL: ranges, validators, compression", async () => {
  await using served = await site({
    _redirects: "/app/* /app.html 200\n/d /dir 200\n/r / 200\n/p /page 200",
    "app.html": "application".repeat(200),
    "dir/index.html": "index",
    "page.html": "page",
    "index.html": "root",
  }, { rules: "netlify" });
  const whole = await served.get("/app/x/y?z");
  assertEquals([whole.status, whole.body.length], [200, 2_200]);
  const tag = field(whole, "ETag")!;
  assertMatch(tag, /^"/);
  const part = await served.get("/app/x", "Range: bytes=0-2");
  assertEquals([part.status, part.body], [206, "app"]);
  const again = await served.get("/app/x", `If-None-Match: ${tag}`);
  assertEquals([again.status, again.body], [304, ""]);
  const coded = await served.get("/app/x", "Accept-Encoding: gzip");
  assertEquals(field(coded, "Content-Encoding"), "gzip");
  const head = await served.ask("HEAD", "/app/x");
  assertEquals([head.status, head.body], [200, ""]);
  assertEquals(await seen(served, "/d"), "200 index");
  assertEquals(await seen(served, "/d/"), "200 index");
  assertEquals(await seen(served, "/r"), "200 root");
  assertEquals(await seen(served, "/p"), "200 page");
});

Deno.test("a rewrite with another status sends the whole file with it, and no validators", async () => {
  await using served = await site({
    _redirects: "/gone /away.html 410\n/* /oops.html 404\n",
    "oops.html": "oops".repeat(500),
    "away.html": "gone",
  }, { rules: "netlify" });
  const answer = await served.get("/x", "Range: bytes=0-1", "If-None-Match: *");
  assertEquals([answer.status, answer.body.length], [404, 2_000]);
  for (const name of ["ETag", "Last-Modified", "Accept-Ranges"]) {
    assertEquals(field(answer, name), undefined, name);
  }
  assertEquals(await seen(served, "/gone"), "410 gone");
  const coded = await served.get("/x", "Accept-Encoding: gzip");
  assertEquals([coded.status, field(coded, "Content-Encoding")], [404, "gzip"]);
  const repeated = await served.get("/x", "Accept-Encoding: gzip");
  assertEquals([repeated.status, repeated.body], [coded.status, coded.body]);
});

Deno.test("a rewrite can't reach a hidden file, one outside, another mount, or the rules", async () => {
  await using other = await folder({ "secret.txt": "secret" });
  await using mounted = await folder({ "m.txt": "m" });
  await using served = await site({
    _redirects: [
      "/hidden /.env 200",
      "/link /link.txt 200",
      "/up /../secret.txt 200",
      "/mount /docs/m.txt 200",
      "/rules /_redirects 200",
      "/upper /_HEADERS 200",
      "/any/* /:splat 200",
      "/list /sub 200",
      "/root.html / 200",
      "/none /none.txt 200",
    ].join("\n"),
    _headers: "",
    ".env": "env",
    "sub/x.txt": "x",
  }, { rules: "netlify", mounts: { "/docs": mounted.path } });
  await Deno.symlink(other.in("secret.txt"), served.folder.in("link.txt"));
  const targets = [
    "/hidden",
    "/link",
    "/up",
    "/mount",
    "/rules",
    "/upper",
    "/any/.env",
    "/any/link.txt",
    "/any/%2e%2e/secret.txt",
    "/any/docs/m.txt",
    "/any/_redirects",
    "/any/x%00",
    "/list",
    "/root.html",
    "/none",
    "/.env",
    "/_redirects",
    "/_Redirects",
    "/%5Fheaders",
    "/_headers",
    "//_headers",
    "/sub/../_headers",
  ];
  for (const target of targets) {
    assertEquals(await seen(served, target), "404 missing", target);
  }
  assertEquals(await seen(served, "/docs/m.txt"), "200 m");
  const listing = await served.get("/?format=json");
  assertEquals(listing.body.includes("_redirects"), false);
  assertEquals(listing.body.includes("_headers"), false);
  assertEquals(listing.body.includes('"sub"'), true);
});

Deno.test("the root can't be rewritten to a page beside it", async () => {
  await using made = await folder({
    "www/_redirects": "/x / 200\n/y/* /:splat 200",
  });
  await Deno.writeTextFile(made.in("www.html"), "beside");
  await using served = await site({}, {
    directory: made.in("www"),
    rules: "netlify",
    symlinks: "follow",
  });
  assertEquals(await seen(served, "/x"), "404 missing");
  assertEquals(await seen(served, "/y/"), "404 missing");
});

Deno.test("without rules, their files are served and listed like others", async () => {
  await using served = await site({ _redirects: "/a /b" }, {
    redirects: [{ from: "/c", to: "/d" }],
  });
  assertEquals(await seen(served, "/_redirects"), "200 /a /b");
  assertEquals(await seen(served, "/a"), "404 missing");
  assertEquals(await seen(served, "/c"), "302 /d");
  assertMatch((await served.get("/?format=json")).body, /_redirects/);
});

Deno.test("the rules of a mount begin at its path, and stay there", async () => {
  await using docs = await folder({
    _redirects:
      "/old /new\n/re /x.txt 200\n/abs https://x.test/\n/up /../a.txt 200",
    _headers: "/x.txt\n  X-Of: docs",
    "x.txt": "x",
  });
  await using served = await site({
    _redirects: "/old /main\n/docs/only /main",
    _headers: "/*\n  X-Of: main",
    "a.txt": "a",
  }, { rules: "netlify", mounts: { "/docs": docs.path }, base: "/base" });
  assertEquals(await seen(served, "/docs/old"), "301 /docs/new");
  assertEquals(await seen(served, "/docs/re"), "200 x");
  assertEquals(await seen(served, "/docs/abs"), "301 https://x.test/");
  assertEquals(await seen(served, "/docs/up"), "404 missing");
  assertEquals(await seen(served, "/docs/only"), "404 missing");
  assertEquals(await seen(served, "/docs/_redirects"), "404 missing");
  assertEquals(await seen(served, "/base/old"), "301 /base/main");
  assertEquals(await seen(served, "/old"), "404 missing");
  assertEquals(field(await served.get("/docs/x.txt"), "X-Of"), "docs");
  assertEquals(field(await served.get("/base/a.txt"), "X-Of"), "main");
});

Deno.test("the rules of the options begin at the root, and come before those of the files", async () => {
  await using served = await site({
    _redirects: "/a /file\n/b /file",
    _headers: "/*\n  X-A: file\n  X-B: file",
    "x.txt": "x",
  }, {
    rules: "netlify",
    base: "/base",
    redirects: [
      { from: "/", to: "/base/" },
      { from: "/base/a", to: "/option", status: 308 },
      { from: "/base/x.txt", to: "/no" },
      { from: "/start", to: "/base/x.txt", status: 200 },
      { from: "/base/q", to: "/q/:id?", query: { id: ":id" }, status: 303 },
    ],
    headers: [{ for: "/base/x.txt", set: { "x-a": "option" } }],
  });
  assertEquals(await seen(served, "/"), "302 /base/");
  assertEquals(await seen(served, "/base/a"), "308 /option");
  assertEquals(await seen(served, "/base/b"), "301 /base/file");
  assertEquals(await seen(served, "/base/x.txt"), "200 x");
  assertEquals(await seen(served, "/start"), "200 x");
  assertEquals(await seen(served, "/base/q?id=7"), "303 /q/7?id=7");
  const answer = await served.get("/base/x.txt");
  assertEquals(field(answer, "X-A"), "option");
  assertEquals(field(answer, "X-B"), "file");
});

Deno.test("header rules apply to files, to 304 and 206, and to a 404, by the request's path", async () => {
  await using served = await site({
    _redirects: "/new /a.txt 200\n/moved /x\n",
    _headers: [
      "/*",
      "  X-All: 1",
      "  Cache-Control: max-age=7",
      "  X-Content-Type-Options: other",
      "/new",
      "  X-New: 1",
      "/a.txt",
      "  X-A: 1",
      "  Content-Type: text/x-own",
      "  Vary: Cookie",
    ].join("\n"),
    "a.txt": "abc",
    "sub/b.txt": "b",
  }, { rules: "netlify" });
  for (const round of [1, 2]) {
    const file = await served.get("/a.txt");
    assertEquals(field(file, "X-All"), "1", `${round}`);
    assertEquals(field(file, "X-A"), "1");
    assertEquals(field(file, "Content-Type"), "text/x-own");
    assertEquals(field(file, "Cache-Control"), "max-age=7");
    assertEquals(field(file, "X-Content-Type-Options"), "other");
    assertMatch(field(file, "Vary")!, /Cookie/);
    const missing = await served.get("/none");
    assertEquals([missing.status, field(missing, "X-All")], [404, "1"]);
    assertEquals(field(missing, "Cache-Control"), "max-age=7");
  }
  const tag = field(await served.get("/a.txt"), "ETag");
  const cached = await served.get("/a.txt", `If-None-Match: ${tag}`);
  assertEquals(cached.status, 304);
  assertEquals(field(cached, "Cache-Control"), "max-age=7");
  assertEquals(field(cached, "X-All"), undefined);
  const parts = await served.get("/a.txt", "Range: bytes=0-0,2-2");
  assertEquals(parts.status, 206);
  assertMatch(field(parts, "Content-Type")!, /^multipart\/byteranges/);
  assertMatch(parts.body, /Content-Type: text\/x-own/);
  const rewritten = await served.get("/new");
  assertEquals(field(rewritten, "X-New"), "1");
  assertEquals(field(rewritten, "X-A"), undefined);
  const moved = await served.get("/moved");
  assertEquals([moved.status, field(moved, "X-All")], [301, undefined]);
  assertEquals(field(moved, "Cache-Control"), "no-cache");
  const listing = await served.get("/sub/");
  assertEquals([listing.status, field(listing, "X-All")], [200, undefined]);
});

Deno.test("the command's fields win over header rules, which win over those of its policies", async () => {
  await using served = await site({
    _headers:
      "/*\n  X-A: file\n  Cache-Control: file\n  X-Frame-Options: DENY\n  Access-Control-Allow-Origin: https://x.test",
    "a.txt": "a",
    "b.js": "b",
  }, {
    rules: "cloudflare",
    extra_response_headers: [["x-a", "option"]],
    cache: ["*.js=no-cache"],
    security: true,
    cors: true,
  });
  const text = await served.get("/a.txt");
  const values = (answer: Answer, name: string) =>
    answer.fields.filter((line) => line.toLowerCase().startsWith(`${name}: `));
  assertEquals(values(text, "x-a"), ["x-a: option"]);
  assertEquals(values(text, "cache-control"), ["Cache-Control: file"]);
  assertEquals(values(text, "x-frame-options"), ["X-Frame-Options: DENY"]);
  assertEquals(values(text, "access-control-allow-origin"), [
    "Access-Control-Allow-Origin: https://x.test",
  ]);
  const script = await served.get("/b.js");
  assertEquals(values(script, "cache-control"), ["Cache-Control: no-cache"]);
});

Deno.test("a header rule of Cloudflare removes the server's own fields", async () => {
  await using served = await site({
    _headers: "/a.txt\n  ! ETag\n  ! X-Content-Type-Options\n  ! Last-Modified",
    "a.txt": "a",
    "b.txt": "b",
  }, { rules: "cloudflare" });
  const a = await served.get("/a.txt");
  assertEquals([a.status, field(a, "ETag")], [200, undefined]);
  assertEquals(field(a, "X-Content-Type-Options"), undefined);
  assertEquals(field(a, "Last-Modified"), undefined);
  assert(field(await served.get("/b.txt"), "ETag") !== undefined);
});

Deno.test("the host and the password are checked before any rule", async () => {
  await using served = await site({
    _redirects: "/* /x 301!",
    _headers: "/*\n  X-A: 1",
  }, { rules: "netlify", users: "u:{PLAIN}p", hosts: ["good.test"] });
  const refused = await served.get("/a");
  assertEquals([refused.status, field(refused, "X-A")], [401, undefined]);
  const user = `Authorization: Basic ${btoa("u:p")}`;
  assertEquals(await seen(served, "/a", user), "301 /x");
  const text =
    "GET /a HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n";
  assertEquals((await served.served.ask(text)).status, 421);
  assertEquals((await served.ask("POST", "/a")).status, 405);
  assertEquals((await served.ask("OPTIONS", "/a")).status, 204);
});

Deno.test("a changed file of rules is followed, and its faults are reported once", async () => {
  const made = await folder({ _redirects: "/a /b\n/bad\n", "x.txt": "x" });
  await using _made = made;
  using log = captureLog();
  {
    await using served = await site({}, {
      directory: made.path,
      rules: "netlify",
    }, StaticFileHandler);
    assertEquals(await seen(served, "/a"), "301 /b");
    assertEquals(await seen(served, "/a"), "301 /b");
    await Deno.writeTextFile(made.in("_redirects"), "/a /c 302\n/worse\n");
    await Deno.writeTextFile(made.in("_headers"), "/*\n  X-A: 1");
    using _later = pretendLater(1_100);
    assertEquals(await seen(served, "/a"), "302 /c");
    assertEquals(field(await served.get("/x.txt"), "X-A"), "1");
    await Deno.remove(made.in("_redirects"));
    await Deno.remove(made.in("_headers"));
    using _muchLater = pretendLater(2_200);
    assertEquals(await seen(served, "/a"), "404 missing");
    assertEquals(field(await served.get("/x.txt"), "X-A"), undefined);
  }
  const faults = log.text.split("\n").filter((line) => line.startsWith("  "));
  const reason =
    'the target is missing; it must begin with "/", "http:" or "https:"';
  assertEquals(faults, [
    `  ${made.in("_redirects")}:2: ${reason}`,
    `  ${made.in("_redirects")}:2: ${reason}`,
  ]);
});

Deno.test("a file of rules that is too large, a folder, or a symlink to outside is not used", async () => {
  await using other = await folder({ rules: "/a /b" });
  await using made = await folder({
    "_redirects/": "",
    _headers: "/*\n  X: 1\n#" + "x".repeat(1024 * 1024),
    "x.txt": "x",
  });
  using log = captureLog();
  {
    await using served = await site({}, {
      directory: made.path,
      rules: "netlify",
    }, StaticFileHandler);
    assertEquals(await seen(served, "/a"), "404 missing");
    assertEquals(field(await served.get("/x.txt"), "X"), undefined);
    await Deno.remove(made.in("_redirects"));
    await Deno.symlink(other.in("rules"), made.in("_redirects"));
    using _later = pretendLater(1_100);
    assertEquals(await seen(served, "/a"), "404 missing");
  }
  assertMatch(log.text, /_headers: the file is larger than 1 MiB/);
});

/** The lines at start about the files of rules in a folder. */
async function linesAtStart(
  made: { path: string },
  options: StaticFileOptions = {},
  later: () => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  using log = captureLog();
  {
    await using served = await site({}, {
      directory: made.path,
      rules: "netlify",
      ...options,
    }, StaticFileHandler);
    await served.get("/a");
    await later();
    using _later = pretendLater(1_100);
    await served.get("/a");
    using _muchLater = pretendLater(2_200);
    await served.get("/a");
  }
  return log.text.split("\n").filter((line) => line.startsWith("  "));
}

Deno.test("a file of rules that isn't used is named once with the reason, until that changes", async () => {
  await using other = await folder({ rules: "/a /b" });
  await using made = await folder({ "_redirects/": "" });
  const path = made.in("_redirects");
  await Deno.symlink(other.in("rules"), made.in("_headers"));
  const unfollowed = "the symlink is broken, or its target may not be served";
  const lines = await linesAtStart(made, {}, async () => {
    await Deno.remove(path);
    await Deno.symlink("nowhere", path);
  });
  assertEquals(lines, [
    `  ${path}: it is a directory`,
    `  ${made.in("_headers")}: ${unfollowed}`,
    `  ${path}: ${unfollowed}`,
  ]);
});

Deno.test({
  name: "a FIFO with the name of a file of rules is named and never opened",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using made = await folder({ _headers: "" });
    const path = made.in("_redirects");
    const { success } = await new Deno.Command("mkfifo", { args: [path] })
      .output();
    assert(success);
    assertEquals(await linesAtStart(made), [
      `  ${path}: it is not a regular file`,
    ]);
  },
});

Deno.test("a private file of rules is named as such", async () => {
  await using made = await folder({ _redirects: "/a /b" });
  const path = made.in("_redirects");
  const lines = await linesAtStart(made, { privateFiles: [path] });
  assertEquals(lines, [`  ${path}: the file is private`]);
});

Deno.test("rules without any file of rules are reported, unless a mount has one", async () => {
  await using made = await folder({ "x.txt": "x" });
  await using docs = await folder({ _headers: "" });
  assertEquals(await linesAtStart(made), [
    "  there is no _redirects or _headers file in any served directory",
  ]);
  const mounts = { "/docs": docs.path };
  assertEquals(await linesAtStart(made, { mounts }), []);
});

Deno.test("a problem of a rule among the options names the rule itself", async () => {
  await using made = await folder({ _headers: "" });
  const lines = await linesAtStart(made, {
    redirects: [
      { from: "/a", to: "http://x.test", status: 200 },
      { from: "/b/*", to: "/c" },
      { from: "/b/d", to: "/e" },
    ],
  });
  assertEquals(lines, [
    "  /a http://x.test: a rewrite to another server needs --proxy for http://x.test",
    "  /b/d /e: it never applies: the rule /b/* /c is tried first",
  ]);
});

Deno.test("a control character in a rule doesn't reach the terminal", async () => {
  await using made = await folder({ _redirects: "/a /b \x1b[31m\n" });
  using log = captureLog();
  {
    await using served = await site({}, {
      directory: made.path,
      rules: "netlify",
    }, StaticFileHandler);
    assertEquals(await seen(served, "/a"), "404 missing");
  }
  assertEquals(log.text.includes("\x1b"), false);
  assertMatch(log.text, /\\x1b\[31m is not|status \\x1b/);
});

Deno.test("an overridden translate_path() is called for the target of a rewrite", async () => {
  await using other = await folder({ "b.txt": "other" });
  class Elsewhere extends Quiet {
    override translate_path(path: string): string {
      return other.in(path.slice(1));
    }
  }
  await using served = await site({ _redirects: "/a /b.txt 200" }, {
    rules: "netlify",
  }, Elsewhere);
  assertEquals(await seen(served, "/a"), "200 other");
});

Deno.test("live reload wins over the Cache-Control of header rules, and tags rewritten pages", async () => {
  await using served = await liveSite({
    _redirects: "/app/* /app.html 200",
    _headers: "/*\n  Cache-Control: max-age=9\n  X-A: 1",
    "app.html": "<p>app",
  }, { rules: "netlify", log: "none" });
  const page = await served.get("/app/x", PAGE);
  assertEquals(field(page, "Cache-Control"), "no-store");
  assertEquals(field(page, "X-A"), "1");
  assertMatch(page.body, /<p>app<script/);
});

Deno.test("the options for rules are checked", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ rules: "vercel" }, '"rules" must be one of "netlify", "cloudflare"'],
    [{ rules: "netlify", file: "a" }, '"file" must not be used with "rules"'],
    [{ redirects: {} }, '"redirects" must be an array of objects'],
    [{ redirects: ["/a /b"] }, '"redirects[0]" must be an object'],
    [{ redirects: [{ from: "/a" }] }, '"redirects[0]" must have a "to"'],
    [
      { redirects: [{ from: "a", to: "/b" }] },
      '"redirects[0].from" must be a path',
    ],
    [
      { redirects: [{ from: "/a", to: "b" }] },
      '"redirects[0].to" must be a path',
    ],
    [
      { redirects: [{ from: "/a", to: "/b", status: 100 }] },
      '"redirects[0].status" must be',
    ],
    [
      { redirects: [{ from: "/a", to: "/b", code: 301 }] },
      '"redirects[0].code" is not a known option',
    ],
    [
      { headers: [{ for: "/a", set: { X: 1 } }] },
      '"X" in "headers[0].set" must be a string',
    ],
    [{ headers: [{ set: {} }] }, '"headers[0]" must have a "for"'],
  ];
  for (const [options, message] of cases) {
    const error = assertThrows(() => staticFiles(options as never), TypeError);
    assert(error.message.includes(message), error.message);
  }
});

Deno.test("files of rules can't be uploaded, and are in no archive", async () => {
  await using served = await site({
    _redirects: "/old /new",
    "_Headers": "/*\n  X-A: 1",
    "a.txt": "a",
    "sub/_redirects": "",
  }, { rules: "netlify", upload: true, archive: true });
  for (const name of ["_redirects", "_HEADERS", "_headers"]) {
    const answer = await served.ask("PUT", `/${name}`, "Content-Length: 0");
    assertEquals(answer.status, 403, name);
  }
  const put = await served.ask("PUT", "/sub/_headers", "Content-Length: 0");
  assertEquals(put.status, 201);
  const { body } = await served.get("/?zip");
  assertEquals(Object.keys(unzip(body)).slice(1), [
    "a.txt",
    "sub/",
    "sub/_headers",
    "sub/_redirects",
  ]);
});
