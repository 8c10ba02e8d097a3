// Files that someone uploads so that they are sent in place of others.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { CHANGED, inCoding, pretendLater, SIBLINGS, site } from "../_site.ts";
import { uploads } from "./_upload.ts";

Deno.test("an uploaded sibling is not sent in place of a file", async () => {
  for (const drop of [false, true]) {
    await using site = await uploads({ "a.txt": "plain" }, {
      upload: { drop },
      users: "u:{PLAIN}p:read+write",
    });
    const login = `Authorization: Basic ${btoa("u:p")}`;
    for (const [suffix, coding] of SUFFIXES) {
      const planted = inCoding(coding, "other");
      const name = `a.txt${suffix}`;
      assertEquals((await site.put(`/${name}`, planted, login)).status, 201);
      await site.age(name);
      const accepts = `Accept-Encoding: ${coding}`;
      const answer = await site.get("/a.txt", accepts, login);
      assertEquals(answer.header("content-encoding"), undefined);
      assertEquals([answer.status, answer.body], [200, "plain"]);
      assertEquals((await site.get(`/${name}`, login)).body, planted);
    }
  }
});

const SUFFIXES = [[".br", "br"], [".zst", "zstd"], [".gz", "gzip"]] as const;

Deno.test("the site's own siblings are not sent while uploads are on", async () => {
  await using site = await uploads(SIBLINGS, { compress: false });
  await site.age("a.js", CHANGED);
  const answer = await site.get("/a.js", "Accept-Encoding: br, zstd, gzip");
  assertEquals(answer.body, "plain");
  assertEquals(answer.header("vary"), undefined);
});

const USERS = [
  "ann:{PLAIN}p:read+write",
  "bob:{PLAIN}p:read",
  "cy:{PLAIN}p:write",
].join("\n");

function login(user: string): string {
  return `Authorization: Basic ${btoa(`${user}:p`)}`;
}

Deno.test("?upload shows the upload page of a folder with an index page", async () => {
  for (const secret of [undefined, "aB3-_xYz09876543210Qrs"]) {
    const root = secret === undefined ? "" : `/${secret}`;
    await using site = await uploads({ "sub/a.txt": "a" }, {
      ...(secret !== undefined && { secret }),
      cleanUrls: true,
      spa: true,
    });
    for (const folder of ["/", "/sub/"]) {
      const put = await site.put(`${root}${folder}index.html`, "planted");
      assertEquals(put.status, 201);
      const page = await site.get(root + folder, "Accept: text/html");
      assertEquals(page.body, "planted");
      for (const query of ["?upload", "?upload=", "?sort=size&upload"]) {
        const { status, body, header } = await site.get(root + folder + query);
        assertEquals(status, 200);
        assertStringIncludes(body, '<section class="upload"');
        assertStringIncludes(body, ">index.html</a>");
        assertStringIncludes(header("content-type")!, "text/html");
        // The way back, and the other looks, stay on upload pages.
        assertStringIncludes(
          body,
          '<input type="hidden" name="upload" value="">',
        );
        if (folder !== "/") assertStringIncludes(body, 'href="../?upload=');
      }
      const other = await site.get(`${root}${folder}?sort=upload`);
      assertEquals(other.body, "planted");
    }
    const moved = await site.get(`${root}/sub?upload`);
    assertEquals(moved.header("location"), "sub/?upload");
    const { body } = await site.get(`${root}/?upload`);
    assertStringIncludes(body, '<a href="sub/?upload=">sub/</a>');
    const none = await site.get(`${root}/none/?upload`);
    assertEquals(none.body.includes('class="upload"'), false);
  }
});

Deno.test("?upload is for users who may upload, and each listing is that of its request", async () => {
  await using site = await uploads({ "index.html": "own" }, { users: USERS });
  for (let count = 0; count < 2; count++) {
    const rows: readonly [user: string, target: string, text: string][] = [
      ["ann", "/", "own"],
      ["ann", "/?upload", '<section class="upload"'],
      ["bob", "/", "own"],
      ["bob", "/?upload", "own"],
      ["cy", "/", '<section class="upload"'],
      ["cy", "/?upload", '<section class="upload"'],
    ];
    for (const [user, target, text] of rows) {
      const { status, body } = await site.get(target, login(user));
      assertEquals(status, 200);
      assertStringIncludes(body, text, `${user} ${target}`);
      const hasArea = body.includes('<section class="upload"');
      assertEquals(hasArea, text !== "own", `${user} ${target}`);
    }
    assertEquals((await site.get("/?upload")).status, 401);
  }
});

Deno.test("the links of a listing keep the query only if it was asked for", async () => {
  await using site = await uploads({ "sub/deep/a.txt": "a" });
  using _later = pretendLater(10_000);
  for (let count = 0; count < 2; count++) {
    const { body: plain } = await site.get("/sub/");
    assertStringIncludes(plain, 'href="deep/"');
    const { body } = await site.get("/sub/?upload");
    assertStringIncludes(body, 'href="deep/?upload="');
  }
});

Deno.test("?upload is an ordinary query without uploads or listings", async () => {
  await using plain = await site({ "index.html": "own" });
  assertEquals((await plain.get("/?upload")).body, "own");
  await using unlisted = await uploads({ "index.html": "own" }, {
    listing: false,
  });
  assertEquals((await unlisted.get("/?upload")).body, "own");
});
