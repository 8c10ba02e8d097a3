// Files that someone uploads so that they are sent in place of others.

import { assertEquals } from "@std/assert";
import { CHANGED, inCoding, SIBLINGS } from "../_site.ts";
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
