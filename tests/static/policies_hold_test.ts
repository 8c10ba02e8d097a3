// No policy is bypassed by another spelling of a path, or by a symlink.

import { assert, assertEquals } from "@std/assert";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { type Site, site } from "./_site.ts";

const SECRET = "not to be seen";

/** A site with files in it and beside it that must not be served. */
async function guarded(options: StaticFileOptions = {}): Promise<Site> {
  const files = await site({
    "www/a.txt": "a",
    "www/.git/config": SECRET,
    "www/.env": SECRET,
    "www/sub/.hidden": SECRET,
    "www/.well-known/security.txt": "mail us",
    "www/sub/.well-known/x": SECRET,
    "www/sub/b.txt": "b",
    "outside.txt": SECRET,
    "wwwoutside/x.txt": SECRET,
  });
  await using _unused = {
    [Symbol.asyncDispose]: () => files.served[Symbol.asyncDispose](),
  };
  const inner = await site({}, {
    directory: files.folder.in("www"),
    ...options,
  });
  return {
    ...inner,
    folder: files.folder,
    age: files.age,
    async [Symbol.asyncDispose]() {
      await inner[Symbol.asyncDispose]();
      await files.folder[Symbol.asyncDispose]();
    },
  };
}

const SPELLINGS: readonly string[] = [
  "/.git/config",
  "/.git/./config",
  "/.git//config",
  "//.git/config",
  "/./.git/config",
  "/sub/../.git/config",
  "/%2egit/config",
  "/%2Egit/config",
  "/.%67it/config",
  "/%2e%67%69%74/config",
  "/.git%2fconfig",
  "/.git%2Fconfig",
  "/sub%2f..%2f.git%2fconfig",
  "/.git/config?x",
  "/.git/config#x",
  "/a.txt/../.git/config",
  "http://localhost/.git/config",
  "http://localhost/%2egit/config",
  ".git/config",
  "/.git/config%00",
  "/.git/config%00.txt",
  "/.git/%63onfig",
  "/.env",
  "/%2eenv",
  "/.env/",
  "/sub/.hidden",
  "/sub/%2ehidden",
  "/sub/.well-known/x",
  "/.git",
  "/.git/",
  "/../outside.txt",
  "/%2e%2e/outside.txt",
  "/..%2foutside.txt",
  "/%2e%2e%2foutside.txt",
  "/sub/../../outside.txt",
  "/....//outside.txt",
  "/..\\outside.txt",
  "/..%5coutside.txt",
  "/../wwwoutside/x.txt",
  "/%c0%ae%c0%ae/outside.txt",
  "/%c0%aegit/config",
  "/\xc0\xaegit/config",
  "/%252e%252e/outside.txt",
  "/%252egit/config",
];

Deno.test("StaticFileHandler serves nothing hidden or outside by any spelling", async () => {
  for (
    const options of [
      {},
      { cleanUrls: true },
      { spa: true },
      { base: "/" },
      { symlinks: "follow" as const },
    ]
  ) {
    await using files = await guarded(options);
    for (const target of SPELLINGS) {
      const answer = await files.get(target);
      assert(!answer.body.includes(SECRET), target);
      assertEquals([301, 400, 404].includes(answer.status), true, target);
    }
    assertEquals(
      (await files.get("/.well-known/security.txt")).body,
      "mail us",
    );
    assertEquals((await files.get("/sub/b.txt")).body, "b");
  }
});

Deno.test('StaticFileHandler serves dotfiles if dotFiles is "allow"', async () => {
  await using files = await guarded({ dotFiles: "allow" });
  assertEquals((await files.get("/.git/config")).body, SECRET);
  assertEquals((await files.get("/../outside.txt")).status, 404);
});

Deno.test("StaticFileHandler requires the password for any spelling, under any base", async () => {
  for (const base of ["/", "/app"]) {
    await using files = await site({ "a/secret.txt": SECRET }, {
      base,
      users: "ada:lovelace",
    });
    const prefix = base === "/" ? "" : base;
    const spellings = [
      "/a/secret.txt",
      "//a/secret.txt",
      "/a/./secret.txt",
      "/a/secret%2etxt",
      "/a%2fsecret.txt",
      "/x/../a/secret.txt",
    ];
    for (const spelling of spellings) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await files.ask(method, prefix + spelling);
        assertEquals(answer.status, 401, prefix + spelling);
      }
    }
    const credentials = `Authorization: Basic ${btoa("ada:lovelace")}`;
    const answer = await files.get(`${prefix}/a/secret.txt`, credentials);
    assertEquals(answer.body, SECRET);
  }
});

Deno.test("StaticFileHandler handles long and deep paths in linear time", async () => {
  await using files = await site({ "a.txt": "a" });
  const before = performance.now();
  for (
    const target of [
      "/" + "a/".repeat(30_000),
      "/" + "../".repeat(20_000) + "a.txt",
      "/" + "%2e%2e/".repeat(9_000),
      "/" + "a".repeat(60_000),
      "/?" + "=".repeat(60_000),
    ]
  ) {
    const answer = await files.get(target);
    assertEquals([200, 404].includes(answer.status), true);
  }
  assert(performance.now() - before < 5_000);
});

Deno.test("symlinks decides which symlinks are followed", async () => {
  const rows = {
    inside: [200, 200, 404, 404, 404],
    follow: [200, 200, 200, 200, 404],
    deny: [404, 404, 404, 404, 404],
  } as const;
  for (const policy of ["inside", "follow", "deny"] as const) {
    await using files = await guarded({ symlinks: policy });
    const link = (to: string, name: string) =>
      Deno.symlink(to, files.folder.in(`www/${name}`));
    await link("a.txt", "file-in");
    await link("sub", "folder-in");
    await link(files.folder.in("outside.txt"), "file-out");
    await link("../wwwoutside", "folder-out");
    await link("loop", "loop");
    const targets = [
      "/file-in",
      "/folder-in/b.txt",
      "/file-out",
      "/folder-out/x.txt",
      "/loop",
    ];
    // Twice, since results are cached.
    for (let time = 0; time < 2; time++) {
      const statuses = [];
      for (const target of targets) {
        statuses.push((await files.get(target)).status);
      }
      assertEquals(statuses, [...rows[policy]], policy);
    }
    assertEquals((await files.get("/a.txt")).body, "a");
  }
});

Deno.test("symlinks is checked again if a symlink is switched", async () => {
  await using files = await guarded();
  const link = files.folder.in("www/link");
  await Deno.symlink("a.txt", link);
  assertEquals((await files.get("/link")).body, "a");
  await Deno.remove(link);
  await Deno.symlink("../outside.txt", link);
  assertEquals((await files.get("/link")).status, 404);
  await Deno.remove(link);
  await Deno.symlink("sub/b.txt", link);
  assertEquals((await files.get("/link")).body, "b");
});

Deno.test("StaticFileHandler serves nothing from outside while a symlink is being switched", async () => {
  await using files = await guarded();
  const link = files.folder.in("www/link");
  await Deno.symlink("a.txt", link);
  let turning = true;
  const turn = (async () => {
    for (let count = 0; turning; count++) {
      const next = files.folder.in(`www/next${count}`);
      await Deno.symlink(count % 2 === 0 ? "../outside.txt" : "a.txt", next);
      await Deno.rename(next, link);
    }
  })();
  for (let count = 0; count < 300; count++) {
    const answer = await files.get("/link");
    assert(!answer.body.includes(SECRET));
  }
  turning = false;
  await turn;
});

Deno.test("StaticFileHandler follows a folder that is itself a symlink, even if it is switched", async () => {
  await using files = await site({ "one/a.txt": "1", "two/a.txt": "2" });
  const current = files.folder.in("current");
  await Deno.symlink("one", current);
  await using served = await site({}, { directory: current });
  assertEquals((await served.get("/a.txt")).body, "1");
  await Deno.remove(current);
  await Deno.symlink("two", current);
  assertEquals((await served.get("/a.txt")).body, "2");
});

/** A body with an unknown coding. */
const CODED = "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n";

Deno.test("StaticFileHandler sends its own error pages only to requests that may see files", async () => {
  const pages = { "404.html": SECRET, "50x.html": SECRET, "a.txt": "a" };
  const rows: readonly [
    options: StaticFileOptions,
    request: string,
    status: number,
    shown: boolean,
  ][] = [
    [{}, "GET /none HTTP/1.0\r\n", 404, true],
    [{}, CODED, 501, true],
    [{ users: "ada:x" }, "GET /none HTTP/1.0\r\n", 401, false],
    // Rejected before the password is checked.
    [{ users: "ada:x" }, CODED, 501, false],
    [
      { users: "ada:x" },
      `GET /none HTTP/1.0\r\nAuthorization: Basic ${btoa("ada:x")}\r\n`,
      404,
      true,
    ],
    [
      { hosts: ["a.test"] },
      "GET /none HTTP/1.0\r\nHost: b.test\r\n",
      421,
      false,
    ],
    [
      { hosts: ["a.test"] },
      "GET /none HTTP/1.0\r\nHost: a.test\r\n",
      404,
      true,
    ],
  ];
  for (const [options, request, status, shown] of rows) {
    await using files = await site(pages, options);
    const answer = await files.served.ask(request + "\r\n");
    assertEquals(
      [answer.status, answer.body.includes(SECRET)],
      [status, shown],
      request,
    );
  }
});
