// ETags on the wire: the same on every server with the same files, whatever is cached, and
// different for every other content.

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { inCoding, pretendLater, type Site, site } from "./_site.ts";

const LARGE = "0123456789".repeat(40_000);
const TEXT = "text that compresses well. ".repeat(500);

const FILES = {
  "empty.txt": "",
  "a.txt": TEXT,
  "b.bin": LARGE,
  "c.js": TEXT,
  "c.js.gz": inCoding("gzip", TEXT),
  "c.js.br": inCoding("br", TEXT),
  "limit.bin": "x".repeat(256 * 1024),
  "beyond.bin": "x".repeat(256 * 1024 + 1),
};

const REQUESTS: readonly (readonly [target: string, ...fields: string[]])[] = [
  ["/empty.txt"],
  ["/a.txt"],
  ["/a.txt", "Accept-Encoding: gzip"],
  ["/a.txt", "Accept-Encoding: zstd"],
  ["/b.bin"],
  ["/c.js"],
  ["/c.js", "Accept-Encoding: gzip"],
  ["/c.js", "Accept-Encoding: br"],
  ["/c.js", "Accept-Encoding: zstd"],
  ["/limit.bin"],
  ["/beyond.bin"],
];

async function tagsOf(files: Site): Promise<string[]> {
  const tags: string[] = [];
  for (const [target, ...fields] of REQUESTS) {
    const answer = await files.get(target, ...fields);
    assertEquals(answer.status, 200);
    tags.push(answer.header("etag")!);
  }
  return tags;
}

for (const options of [{}, { etag: "content" }] as StaticFileOptions[]) {
  Deno.test(`StaticFileHandler sends the same ETags from two servers with the same files, with ${JSON.stringify(options)}`, async () => {
    await using one = await site(FILES, options);
    await using two = await site(FILES, options);
    const tags = await tagsOf(one);
    assertEquals(await tagsOf(two), tags);
    // Also later, when everything is cached, and after other requests.
    using _later = pretendLater(10_000);
    assertEquals(await tagsOf(one), tags);
    assertEquals(await tagsOf(one), tags);
    for (const [target, ...fields] of REQUESTS) {
      const etag = tags[REQUESTS.findIndex((other) => other[0] === target)]!;
      const cold = await two.get(target, ...fields, `If-None-Match: ${etag}`);
      if (fields.length === 0) assertEquals(cold.status, 304, target);
    }
  });
}

Deno.test("StaticFileHandler hashes content up to 256 KiB, and uses size and time beyond", async () => {
  await using files = await site(FILES);
  const tag = async (target: string) =>
    (await files.get(target)).header("etag")!;
  assertMatch(await tag("/empty.txt"), /^"[0-9a-f]{32}"$/);
  assertMatch(await tag("/a.txt"), /^"[0-9a-f]{32}"$/);
  assertMatch(await tag("/limit.bin"), /^"[0-9a-f]{32}"$/);
  assertEquals(await tag("/beyond.bin"), '"262145-1709294400000"');
});

Deno.test("StaticFileHandler sends another ETag for other content of the same size and time", async () => {
  for (const etag of ["stat", "content"] as const) {
    await using files = await site({ "a.txt": "one", "b.bin": LARGE }, {
      etag,
    });
    const before = [
      (await files.get("/a.txt")).header("etag"),
      (await files.get("/b.bin")).header("etag"),
    ];
    await Deno.writeTextFile(files.folder.in("a.txt"), "two");
    await Deno.writeTextFile(
      files.folder.in("b.bin"),
      LARGE.slice(0, -1) + "!",
    );
    await files.age("a.txt");
    await files.age("b.bin");
    const small = await files.get("/a.txt", `If-None-Match: ${before[0]}`);
    assertEquals([small.status, small.body], [200, "two"]);
    if (etag === "stat") continue;
    const large = await files.get("/b.bin", `If-None-Match: ${before[1]}`);
    assertEquals([large.status, large.body.at(-1)], [200, "!"]);
    assertNotEquals(large.header("etag"), before[1]);
  }
});

Deno.test("StaticFileHandler sends the same ETag for equal files, and a separate one for each coding", async () => {
  await using files = await site({ ...FILES, "copy.js": TEXT });
  await files.age("copy.js", new Date("2020-01-01T00:00:00Z"));
  const tag = async (target: string, coding: string) => {
    const answer = await files.get(target, `Accept-Encoding: ${coding}`);
    return answer.header("etag")!;
  };
  const plain = await tag("/c.js", "identity");
  assertEquals(await tag("/copy.js", "identity"), plain);
  assertEquals(await tag("/a.txt", "identity"), plain);
  const tags = [plain];
  for (const coding of ["gzip", "br", "zstd"]) {
    tags.push(await tag("/c.js", coding), await tag("/copy.js", coding));
  }
  // Both are compressed with zstd on the fly, from the same content.
  assertEquals(new Set(tags).size, tags.length - 1);
  // The ETag of a precompressed file is strong, of compression on the fly weak.
  assertMatch(await tag("/c.js", "gzip"), /^"/);
  assertMatch(await tag("/copy.js", "gzip"), /^W\//);
  assertMatch(await tag("/c.js", "zstd"), /^W\//);
});

Deno.test("StaticFileHandler hashes a large file once for concurrent requests, and serves others meanwhile", async () => {
  await using files = await site({ "a.bin": "", "b.txt": "b" }, {
    etag: "content",
  });
  await Deno.truncate(files.folder.in("a.bin"), 200 * 1024 * 1024);
  await files.age("a.bin");
  using _later = pretendLater(10_000);
  const heads = Array.from({ length: 8 }, () => files.ask("HEAD", "/a.bin"));
  let ended = false;
  const all = Promise.all(heads).finally(() => ended = true);
  assertEquals((await files.get("/b.txt")).body, "b");
  assertEquals(ended, false);
  const tags = new Set((await all).map((answer) => answer.header("etag")));
  assertEquals(tags.size, 1);
  assertMatch([...tags][0]!, /^"[0-9a-f]{32}"$/);
  // The second time it is cached.
  assertEquals(
    (await files.ask("HEAD", "/a.bin")).header("etag"),
    [...tags][0],
  );
});
