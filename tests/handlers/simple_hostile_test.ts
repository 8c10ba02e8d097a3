// SimpleHTTPRequestHandler with unusual names, symlinks and targets. Numbers refer to the list of
// CPython's behaviours.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { escapeHtml } from "../../text/escape_html.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import { quote } from "../../text/quote.ts";
import { folder, get, QuietFiles, serveFolder } from "./_folder.ts";

const windows = Deno.build.os === "windows";

const decodeUtf8 = (body: string) =>
  new TextDecoder().decode(encodeLatin1(body));

const NAMES: readonly string[] = [
  "q?",
  "f#",
  "&amp;",
  "&amp",
  "<i>",
  '"dq"',
  "'sq'",
  "%A4",
  "%E2%82%AC",
  "\xe4\u20ac\u{1f600}",
  " blank ",
  "javascript:alert(1)",
];

// behaviours 84, 91, 111
Deno.test({
  name: "a listing escapes file names, and its links work",
  ignore: windows,
  async fn() {
    await using files = await folder(
      Object.fromEntries(
        NAMES.map((name, n) => [`${name}.txt`, `content ${n}`]),
      ),
    );
    await using server = serveFolder(files.path);
    const listing = decodeUtf8((await server.ask(get("/"))).body);
    for (const [n, name] of NAMES.entries()) {
      const href = quote(`${name}.txt`);
      const item = `<li><a href="${href}">${
        escapeHtml(`${name}.txt`, false)
      }</a></li>\n`;
      assert(listing.includes(item), item);
      const answer = await server.ask(get(`/${href}`));
      assertEquals([answer.status, answer.body], [200, `content ${n}`]);
    }
  },
});

// behaviours 83, 90
Deno.test({
  name: "a listing shows the directory's decoded name in its title",
  ignore: windows,
  async fn() {
    await using files = await folder(
      Object.fromEntries(NAMES.map((name) => [`${name}.dir/`, ""])),
    );
    await using server = serveFolder(files.path);
    for (const name of NAMES) {
      const answer = await server.ask(get(`/${quote(`${name}.dir`)}/`));
      const title = `Directory listing for /${
        escapeHtml(`${name}.dir/`, false)
      }<`;
      assert(decodeUtf8(answer.body).includes(title), title);
    }
  },
});

// behaviour 87
Deno.test("a target with %ff finds a file name with U+FFFD", async () => {
  await using files = await folder({ "\ufffd.dir/a": "x" });
  await using server = serveFolder(files.path);
  assertEquals((await server.ask(get("/%ff.dir/"))).status, 200);
  assertEquals((await server.ask(get("/%ff.dir/a"))).body, "x");
  assertEquals((await server.ask(get("/%ff"))).status, 404);
});

// behaviour 92
Deno.test("the title of a listing omits the query and fragment", async () => {
  await using files = await folder({ "d/": "" });
  await using server = serveFolder(files.path);
  for (const target of ["/d/?x=123", "/d/#123"]) {
    const { body } = await server.ask(get(target));
    assertMatch(body, /<title>Directory listing for \/d\/<\/title>/);
    assertMatch(body, /<h1>Directory listing for \/d\/<\/h1>/);
  }
});

// behaviours 80-82, 107, 108
Deno.test({
  name:
    "a directory redirect stays on this host (differs from CPython for a backslash)",
  ignore: windows,
  async fn() {
    await using files = await folder({
      "dir/sub/": "",
      "\\evil.com/": "",
    });
    await using server = serveFolder(files.path);
    const escape = "/python.org/..%2f..%2f..%2f..%2f..%2f../%0a%0d/../dir";
    const rows: [string, string][] = [
      ["/dir", "/dir/"],
      [escape, `${escape}/`],
      [`/${escape}`, `${escape}/`],
      [`//${escape}`, `${escape}/`],
      ["//evil.com/..%2fdir", "/evil.com/..%2fdir/"],
      [`https://pypi.org/../..${escape}`, `https://pypi.org/../..${escape}/`],
      ["/\\evil.com/%2e%2e%2fdir", "/%5Cevil.com/%2e%2e%2fdir/"],
      ["/\\/evil.com/..%2f..%2fdir", "/%5C/evil.com/..%2f..%2fdir/"],
      ["\\\\evil.com/..%2fdir", "%5C%5Cevil.com/..%2fdir/"],
      ["/dir?", "/dir/"],
      ["/dir?a#b", "/dir/?a#b"],
      ["/dir#f", "/dir/#f"],
      ["/dir/sub?next=//evil.com", "/dir/sub/?next=//evil.com"],
    ];
    for (const [target, location] of rows) {
      const answer = await server.ask(get(target));
      assertEquals(answer.status, 301, target);
      assertEquals(answer.header("location"), location);
      assertEquals(
        answer.fields.filter((field) => /^location:/i.test(field)).length,
        1,
      );
    }
  },
});

// behaviours 82, 109
Deno.test("SimpleHTTPRequestHandler ignores the scheme and host of an absolute target", async () => {
  await using files = await folder({
    "a.txt": "x",
    "dir/b": "y",
    "http:/h/a.txt": "z",
  });
  await using server = serveFolder(files.path);
  const rows: [target: string, status: number, body?: string][] = [
    ["http://h/a.txt", 200, "x"],
    ["https://h:8443/a.txt?q#f", 200, "x"],
    ["HTTP://H/a.txt", 200, "x"],
    ["hTTpS://[::1]:80/a.txt", 200, "x"],
    ["http://user:password@h/a.txt", 200, "x"],
    ["http://h//a.txt", 200, "x"],
    ["http:///a.txt", 200, "x"],
    ["http://h/../a.txt", 200, "x"],
    ["http://h/%61.txt", 200, "x"],
    ["http://h/dir/b", 200, "y"],
    ["http://h/missing", 404],
    ["http://h/a.txt/", 404],
    // Not absolute targets: all parts are file names.
    ["//h/a.txt", 404],
    ["http:/h/a.txt", 200, "z"],
    ["/http://h/a.txt", 200, "z"],
    ["*", 400],
    ["h:80", 404],
    ["mailto:a.txt", 404],
  ];
  for (const [target, status, body] of rows) {
    const answer = await server.ask(get(target));
    assertEquals([target, answer.status], [target, status]);
    if (body !== undefined) assertEquals([target, answer.body], [target, body]);
  }
  // An empty path is "/".
  for (const target of ["http://h", "http://h?q", "HTTP://h#f", "http://h/"]) {
    const answer = await server.ask(get(target));
    assertEquals([target, answer.status], [target, 200]);
    assertStringIncludes(answer.body, '<a href="a.txt">');
  }
});

Deno.test("path and translate_path() get an absolute target unchanged", async () => {
  const seen: string[] = [];
  class Handler extends QuietFiles {
    override translate_path(path: string): string {
      seen.push(this.path, path);
      return super.translate_path(path);
    }
  }
  await using files = await folder({ "a": "x" });
  await using server = serveFolder(files.path, Handler);
  assertEquals((await server.ask(get("HTTP://u@h:1//a?q"))).status, 200);
  assertEquals(seen, ["HTTP://u@h:1//a?q", "HTTP://u@h:1//a?q"]);
});

Deno.test("a directory redirect keeps the scheme and host of an absolute target", async () => {
  await using files = await folder({ "dir/": "" });
  await using server = serveFolder(files.path);
  const rows: [string, string][] = [
    [
      "https://pypi.org//..%2f../..%2fdir",
      "https://pypi.org//..%2f../..%2fdir/",
    ],
    ["http://h:80/dir?q", "http://h:80/dir/?q"],
    ["http://h/dir", "http://h/dir/"],
  ];
  for (const [target, location] of rows) {
    const answer = await server.ask(get(target));
    assertEquals([answer.status, answer.header("location")], [301, location]);
  }
});

// behaviours 104, 108
Deno.test("no target resolves outside the directory", async () => {
  await using files = await folder({
    "root/a.txt": "inside",
    "root/d/b": "b",
    "secret": "outside",
  });
  await using server = serveFolder(files.in("root"));
  const secrets = [
    "/../secret",
    "/..%2fsecret",
    "/%2e%2e/secret",
    "/%2e%2e%2fsecret",
    "/d/../../secret",
    "/..//../secret",
    "/..\\secret",
    "/..%5csecret",
    "/%252e%252e/secret",
    "/%c0%ae%c0%ae/secret",
    "/...//secret",
    "/d;p",
    "/secret",
    "../secret",
    `/..//..${files.path}/secret`,
    `http://a/../../..${files.path}/secret`,
  ];
  for (const target of secrets) {
    const answer = await server.ask(get(target));
    assertEquals(answer.status, 404, target);
    assert(!answer.body.includes("outside"));
  }
  for (const target of ["/..", "/../", "/../..", "/%2e%2e/"]) {
    const answer = await server.ask(get(target));
    assert([200, 301].includes(answer.status), target);
    assert(!answer.body.includes("secret"), target);
  }
  for (
    const target of ["/%2e%2e%2f%2e%2e/a.txt", "/d/%2e%2e/a.txt", "/../a.txt"]
  ) {
    assertEquals((await server.ask(get(target))).body, "inside", target);
  }
});

// behaviour 106
Deno.test("NUL in a target gets 404 or 400 (differs from CPython)", async () => {
  await using files = await folder({ "dir/": "", "a.txt": "x" });
  await using server = serveFolder(files.path);
  for (
    const target of [
      "/%00",
      "/dir%00/",
      "/dir/%00",
      "/a.txt%00",
      "/a.txt%00.png",
      "/%00/../%00",
    ]
  ) {
    assertEquals((await server.ask(get(target))).status, 404, target);
  }
  assertEquals((await server.ask(get("/\0"))).status, 400);
  assertEquals(server.takeErrors(), []);
});

Deno.test("malformed and long targets get a response", async () => {
  await using files = await folder({ "a": "x" });
  await using server = serveFolder(files.path);
  const targets = [
    "/%",
    "/%zz",
    "/%e",
    "/%ff%fe",
    "/%ED%A0%80",
    "/%F4%90%80%80",
    "/\xff\xfe",
    "/" + "a".repeat(300),
    "/" + "a/".repeat(5_000),
    "/" + "%2f".repeat(5_000) + "b",
    "/" + "../".repeat(5_000) + "b",
    "/a/b",
    "/a/b/",
    "?",
    "#",
    "/?" + "q".repeat(10_000) + "/b",
    "\x80",
    ":",
    "://",
    "http://",
    "http://[::1",
    "//",
  ];
  for (const target of targets) {
    const answer = await server.ask(get(target));
    assert(
      [200, 301, 404].includes(answer.status),
      `${answer.status} ${target}`,
    );
  }
  assertEquals(server.takeErrors(), []);
});

// behaviour 110
Deno.test("HTTP/0.9 gets an empty response instead of a redirect", async () => {
  await using files = await folder({ "d/a": "x" });
  await using server = serveFolder(files.path);
  assertEquals(await server.send("GET /d\r\n"), "");
  assertEquals(await server.send("GET /d/a\r\n"), "x");
  assertMatch(await server.send("GET /d/\r\n"), /^<!DOCTYPE HTML>\n/);
});

// behaviour 112
Deno.test({
  name:
    "a FIFO, a socket and a device get 404 and are not opened (differs from CPython)",
  ignore: windows,
  async fn() {
    await using files = await folder({ "d/": "" });
    const made = await new Deno.Command("mkfifo", {
      args: [files.in("fifo"), files.in("d/index.html")],
    }).output();
    assert(made.success);
    await Deno.symlink("/dev/zero", files.in("zero"));
    await Deno.symlink(files.in("fifo"), files.in("link"));
    using _socket = Deno.listen({
      transport: "unix",
      path: files.in("socket"),
    });
    await using server = serveFolder(files.path);
    for (
      const target of ["/fifo", "/link", "/zero", "/socket", "/d/index.html"]
    ) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await server.ask(`${method} ${target} HTTP/1.0\r\n\r\n`);
        assertEquals(answer.status, 404, target);
      }
    }
    // No index page is a file, so the directory is listed.
    const listing = await server.ask(get("/d/"));
    assertMatch(listing.body, /<a href="index.html">index.html<\/a>/);
  },
});

// behaviours 99, 112
Deno.test({
  name: "symlinks are followed, and a listing marks them",
  ignore: windows,
  async fn() {
    await using files = await folder({
      "root/d/x": "in d",
      "outside": "outside",
    });
    await Deno.symlink("d", files.in("root/to-dir"));
    await Deno.symlink("../outside", files.in("root/to-file"));
    await Deno.symlink("nowhere", files.in("root/broken"));
    await Deno.symlink("loop", files.in("root/loop"));
    await using server = serveFolder(files.in("root"));
    const items = (await server.ask(get("/"))).body.match(/<li>.*<\/li>/g);
    assertEquals(items, [
      '<li><a href="broken">broken@</a></li>',
      '<li><a href="d/">d/</a></li>',
      '<li><a href="loop">loop@</a></li>',
      '<li><a href="to-dir/">to-dir@</a></li>',
      '<li><a href="to-file">to-file@</a></li>',
    ]);
    assertEquals((await server.ask(get("/to-dir/x"))).body, "in d");
    assertEquals((await server.ask(get("/to-file"))).body, "outside");
    assertEquals((await server.ask(get("/to-dir"))).status, 301);
    assertEquals((await server.ask(get("/broken"))).status, 404);
    assertEquals((await server.ask(get("/loop"))).status, 404);
  },
});

// behaviour 101
Deno.test({
  name: "a file without read permission gets 404",
  ignore: windows || Deno.uid() === 0,
  async fn() {
    await using files = await folder({
      "small": "x",
      "large": "x".repeat(400_000),
    });
    await using server = serveFolder(files.path);
    for (const name of ["small", "large"]) {
      await Deno.chmod(files.in(name), 0);
      const answer = await server.ask(get(`/${name}`));
      assertEquals([answer.status, answer.reason], [404, "File not found"]);
    }
  },
});
