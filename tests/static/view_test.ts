// Readable pages of files (`?view`) and the README of a listing, over a socket.

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { CHANGED, inCoding, pretendLater, Quiet, site } from "./_site.ts";

const FILES = {
  "notes.md": "# Notes <x>\n\n*new*\n",
  "code.ts": "const a = '<b>';\n\nexport { a };\n",
  "Makefile": "all:\n\ttrue\n",
  "page.html": "<p>page",
  "image.png": "\x89PNG\r\n\x1a\n\0\0",
  "empty.txt": "",
  ".secret.md": "# Secret",
  "sub/index.html": "<p>index",
  "sub/a.txt": "a\n",
};

boundedTest("?view sends a readable page of a file", async () => {
  await using files = await site(FILES);
  const rows: [target: string, part: string][] = [
    [
      "/notes.md?view",
      '<h2 class="h1" id="md-notes">Notes &lt;x&gt;</h2>\n<p><em>new</em></p>',
    ],
    ["/code.ts?view", "</a>const a = '&lt;b&gt;';\n</span>"],
    ["/Makefile?view", "</a>\ttrue\n</span>"],
    ["/page.html?view", "</a>&lt;p&gt;page\n</span>"],
    ["/empty.txt?view", "This file is empty."],
    ["/sub/a.txt?view", '<a class="raw-file" href="a.txt">Raw file</a>'],
  ];
  for (const [target, part] of rows) {
    const { status, header, body } = await files.get(target);
    assertEquals(status, 200, target);
    assertEquals(header("content-type"), "text/html; charset=utf-8");
    assertEquals(header("cache-control"), "no-cache");
    assertEquals(header("last-modified"), undefined);
    assertMatch(header("content-security-policy")!, /^default-src 'none'; /);
    assertMatch(header("etag")!, /^"[^"]+"$/);
    assertStringIncludes(body, part);
    const head = await files.ask("HEAD", target);
    assertEquals([head.status, head.body], [200, ""]);
    assertEquals(head.header("content-length"), header("content-length"));
    assertEquals(head.header("etag"), header("etag"));
  }
});

boundedTest(
  "?view has an ETag for the page, which changes with the file",
  async () => {
    await using files = await site(FILES);
    const plain = (await files.get("/notes.md")).header("etag")!;
    const tag = (await files.get("/notes.md?view")).header("etag")!;
    assertNotEquals(tag, plain);
    const view = (field: string) => files.get("/notes.md?view", field);
    const same = await view(`If-None-Match: ${tag}`);
    assertEquals([same.status, same.header("etag")], [304, tag]);
    assertEquals((await view(`If-None-Match: ${plain}`)).status, 200);
    assertEquals((await view(`If-Match: ${plain}`)).status, 412);
    assertEquals(
      (await files.get("/notes.md", `If-None-Match: ${tag}`)).status,
      200,
    );
    const part = await view("Range: bytes=0-14");
    assertEquals([part.status, part.body], [206, "<!DOCTYPE html>"]);
    await Deno.writeTextFile(files.folder.in("notes.md"), "# Other");
    const other = await view(`If-None-Match: ${tag}`);
    assertEquals(other.status, 200);
    assertStringIncludes(other.body, ">Other</h2>");
  },
);

boundedTest(
  "?view compresses the page, never with the file's own codings",
  async () => {
    await using files = await site({
      ...FILES,
      "notes.md.gz": inCoding("gzip", "other"),
    });
    using _later = pretendLater(60_000);
    const plain = await files.get("/notes.md?view");
    assertEquals(plain.header("vary"), "Accept-Encoding");
    for (const _round of [1, 2]) {
      const coded = await files.get("/notes.md?view", "Accept-Encoding: gzip");
      assertEquals(coded.header("content-encoding"), "gzip");
      assertEquals(coded.header("vary"), "Accept-Encoding");
      const tag = coded.header("etag")!;
      assertNotEquals(tag, plain.header("etag"));
      const again = await files.get(
        "/notes.md?view",
        "Accept-Encoding: gzip",
        `If-None-Match: ${tag}`,
      );
      assertEquals(again.status, 304);
      const file = await files.get("/notes.md", "Accept-Encoding: gzip");
      assertNotEquals(file.body, coded.body);
    }
  },
);

boundedTest(
  "?view sends the file itself if it isn't text or the listing is off",
  async () => {
    const rows: [target: string, options: StaticFileOptions][] = [
      ["/image.png?view", {}],
      ["/notes.md?view", { listing: false }],
      ["/code.ts?view=", {}],
      ["/code.ts?view=grid", {}],
      ["/code.ts?a&view", {}],
      ["/code.ts?a?view", {}],
      ["/notes.md?view", { file: "notes.md" }],
    ];
    for (const [target, options] of rows) {
      await using files = await site(FILES, options);
      const name = target.slice(1, target.indexOf("?")) as keyof typeof FILES;
      const viewed = await files.get(target);
      const plain = await files.get("/" + name);
      assertEquals([viewed.status, viewed.body], [200, plain.body], target);
      assertEquals(viewed.header("etag"), plain.header("etag"));
      assertEquals(viewed.header("content-type"), plain.header("content-type"));
    }
  },
);

boundedTest(
  "?view of a folder is the folder, and of a missing file is 404",
  async () => {
    await using files = await site(FILES, { spa: "page.html" });
    assertStringIncludes((await files.get("/?view")).body, 'id="entries"');
    assertEquals((await files.get("/sub/?view")).body, "<p>index");
    assertEquals((await files.get("/missing.md?view")).status, 404);
    const page = await files.get("/missing?view", "Accept: text/html");
    assertEquals(page.body, "<p>page");
  },
);

boundedTest(
  "?view keeps to the rules for dotfiles, symlinks, hosts and passwords",
  async () => {
    await using files = await site({ ...FILES, "www/a.md": "# A" });
    const { in: path } = files.folder;
    await Deno.symlink(path("notes.md"), path("www/out.md"));
    await Deno.symlink(path("www/a.md"), path("www/in.md"));
    await Deno.mkdir(path("www/.git"));
    await Deno.writeTextFile(path("www/.git/config"), "secret");
    const directory = path("www");
    const denied: [
      status: number,
      target: string,
      options: StaticFileOptions,
    ][] = [
      [404, "/.git/config?view", {}],
      [404, "/.git%2fconfig?view", {}],
      [404, "/out.md?view", {}],
      [404, "/in.md?view", { symlinks: "deny" }],
      [404, "/../notes.md?view", {}],
      [404, "/%2e%2e/notes.md?view", {}],
      [421, "/a.md?view", { hosts: ["other.test"] }],
      [401, "/a.md?view", { users: "a:{PLAIN}b" }],
    ];
    for (const [status, target, options] of denied) {
      await using other = await site({}, { directory, ...options });
      const host = status === 421 ? ["Host: evil.test"] : [];
      const answer = status === 421
        ? await other.served.ask(
          `GET ${target} HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`,
        )
        : await other.get(target);
      assertEquals(answer.status, status, target);
      assert(!/secret|Notes|<h2/.test(answer.body), target);
    }
    const allowed: [target: string, options: StaticFileOptions][] = [
      ["/a.md?view", {}],
      ["/in.md?view", {}],
      ["/out.md?view", { symlinks: "follow" }],
      ["/.git/config?view", { dotFiles: "allow" }],
    ];
    for (const [target, options] of allowed) {
      await using other = await site({}, { directory, ...options });
      assertEquals((await other.get(target)).status, 200, target);
    }
  },
);

boundedTest(
  "pages that the server makes keep their Content-Security-Policy",
  async () => {
    const policy = "default-src 'self'";
    const name = "content-security-policy";
    class Strict extends Quiet {
      override extra_response_headers = [
        ["Content-Security-Policy", policy],
        ["X-A", "b"],
      ] as [string, string][];
    }
    const set = { "Content-Security-Policy": policy, "X-A": "b" };
    const remove = ["Content-Security-Policy"];
    const rows: [
      policy: string | undefined,
      options: StaticFileOptions,
      Handler: typeof Quiet,
    ][] = [
      [policy, {}, Strict],
      [policy, { headers: [{ for: "/*", set }] }, Quiet],
      [undefined, { headers: [{ for: "/*", remove }] }, Quiet],
    ];
    for (const [ofFiles, options, Handler] of rows) {
      await using files = await site(FILES, { ...options }, Handler);
      for (const target of ["/", "/notes.md?view", "/code.ts?view"]) {
        const { header, fields } = await files.get(target);
        assertMatch(header(name)!, /^default-src 'none'; style-src 'sha256-/);
        const policies = fields.filter((field) =>
          field.toLowerCase().startsWith(name)
        );
        assertEquals(policies.length, 1);
        // Rules don't apply to listings.
        if (ofFiles !== undefined && target !== "/") {
          assertEquals(header("x-a"), "b");
        }
      }
      for (const target of ["/notes.md", "/sub/"]) {
        assertEquals((await files.get(target)).header(name), ofFiles, target);
      }
    }
    await using files = await site({}, { upload: true }, Strict);
    const { header } = await files.get("/");
    assertMatch(header(name)!, /^default-src 'none'; .*connect-src 'self'/);
  },
);

boundedTest("?view shows the beginning of a large file", async () => {
  const line = "x".repeat(99) + "\n";
  await using files = await site({
    "large.log": line.repeat(20_000),
    "large.md": "# A\n\n" + line.repeat(2_000),
    "late.bin": "a".repeat(9_000) + "\0",
  });
  const { body } = await files.get("/large.log?view");
  assert(body.length > 500_000 && body.length < 1_500_000, `${body.length}`);
  assertStringIncludes(body, 'There is more in <a href="large.log">');
  const source = await files.get("/large.md?view");
  assertStringIncludes(source.body, "</a># A\n</span>");
  assert(!source.body.includes("There is more"));
});

boundedTest(
  "a listing shows the README, preferably Markdown, and renders it",
  async () => {
    const rows: [files: Record<string, string>, part: string | undefined][] = [
      [{ "README.md": "# A" }, '<h3 class="h1" id="md-a">A</h3>'],
      [{ "readme.MARKDOWN": "*a*" }, "<p><em>a</em></p>"],
      [{ "README": "*a*" }, '<pre dir="auto">\n*a*</pre>'],
      [{ "README.txt": "<b>" }, '<pre dir="auto">\n&lt;b&gt;</pre>'],
      [{ "README": "b", "README.md": "*a*", "README.txt": "c" }, "<em>a</em>"],
      [{ "README.txt": "c", "readme": "b" }, '<pre dir="auto">\nb</pre>'],
      [{ "README.md/": "" }, undefined],
      [{ ".README.md": "a" }, undefined],
      [{ "README.md": "# A\0" }, undefined],
      [{ "README.md": "\xff\xfe#\0 \0B\0" }, '<h3 class="h1" id="md-b">B</h3>'],
      [{ "README.md.bak": "a", "READMEs.md": "a" }, undefined],
      [{ "README.md": ">".repeat(50_000) }, '<pre dir="auto">\n&gt;&gt;'],
      [{ "README.md": "# A\n".repeat(40_000) }, "There is more in"],
    ];
    for (const [names, part] of rows) {
      await using files = await site(names);
      const { status, body } = await files.get("/");
      assertEquals(status, 200);
      if (part === undefined) assert(!body.includes('class="readme"'));
      else assertStringIncludes(body, part);
      const json = JSON.parse((await files.get("/?format=json")).body);
      assertEquals(Object.keys(json), ["path", "entries"]);
    }
  },
);

boundedTest(
  "a listing doesn't show a README that may not be served",
  async () => {
    await using files = await site({
      "beside.md": "# Secret",
      "www/": "",
      "sub/": "",
    });
    const { in: path } = files.folder;
    await Deno.symlink(path("beside.md"), path("www/README.md"));
    await using served = await site({}, { directory: path("www") });
    assert(!(await served.get("/")).body.includes("Secret"));
    await using follows = await site({}, {
      directory: path("www"),
      symlinks: "follow",
    });
    assertStringIncludes((await follows.get("/")).body, ">Secret</h3>");
  },
);

boundedTest(
  "a cached listing notices that its README has changed",
  async () => {
    await using files = await site({ "README.md": "# One", "a.txt": "" });
    // Of the folder itself: without, the listing would not be cached.
    await Deno.utime(files.folder.path, CHANGED, CHANGED);
    using _later = pretendLater(60_000);
    for (const title of ["One", "Two", "Six"]) {
      await Deno.writeTextFile(files.folder.in("README.md"), `# ${title}`);
      for (const _round of [1, 2]) {
        assertStringIncludes((await files.get("/")).body, `>${title}</h3>`);
      }
    }
  },
);
