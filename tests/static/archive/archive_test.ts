// Archives over a real socket: their contents, and how they are sent.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { pretendLater } from "../_site.ts";
import { archives, LARGE, TREE, unzip } from "./_site.ts";

/** So that files that were just made count as old. */
const LATER = 10_000;

Deno.test("?zip sends a folder with everything in it, and its length", async () => {
  await using files = await archives();
  using _later = pretendLater(LATER);
  const answer = await files.get("/?zip");
  assertEquals(answer.status, 200);
  assertEquals(answer.header("content-type"), "application/zip");
  assertEquals(answer.header("content-length"), `${answer.body.length}`);
  assertEquals(answer.header("accept-ranges"), "bytes");
  assertEquals(answer.header("cache-control"), "no-cache");
  assertEquals(answer.header("last-modified"), undefined);
  assertMatch(answer.header("etag")!, /^"\w{32}"$/);
  const name = files.folder.path.slice(files.folder.path.lastIndexOf("/") + 1);
  assertEquals(
    answer.header("content-disposition"),
    `attachment; filename="${name}.zip"`,
  );
  assertStringIncludes(answer.body, `${name}/sub/b.bin`);
  assertEquals(unzip(answer.body), {
    "": null,
    "a.txt": "hello",
    "empty/": null,
    "sub/": null,
    "sub/b.bin": TREE["sub/b.bin"]!,
    "sub/deep/": null,
    "sub/deep/c.txt": "",
  });
});

Deno.test("?zip of a folder below has only that folder, also with an index page", async () => {
  await using files = await archives({ ...TREE, "sub/index.html": "page" });
  const { body } = await files.get("/sub/?zip=");
  assertEquals(Object.keys(unzip(body)), [
    "",
    "b.bin",
    "deep/",
    "deep/c.txt",
    "index.html",
  ]);
  assertStringIncludes(body, "sub/deep/c.txt");
  const moved = await files.get("/sub?zip");
  assertEquals([moved.status, moved.header("location")], [301, "sub/?zip"]);
});

Deno.test("?zip is an ordinary query without the option, of a file, and of a missing folder", async () => {
  await using plain = await archives(TREE, { archive: false });
  const listing = await plain.get("/?zip");
  assertEquals(listing.header("content-type"), "text/html; charset=utf-8");
  assert(!listing.body.includes('name="zip"'));
  await using files = await archives();
  assertEquals((await files.get("/a.txt?zip")).body, "hello");
  assertEquals((await files.get("/missing/?zip")).status, 404);
  assertEquals((await files.get("/a.txt/?zip")).status, 404);
  assertEquals((await files.ask("POST", "/?zip")).status, 405);
});

Deno.test("?zip is 404 without listings, and needs the password", async () => {
  await using unlisted = await archives(TREE, { listing: false });
  assertEquals((await unlisted.get("/?zip")).status, 404);
  await using files = await archives(TREE, { users: "ada:{PLAIN}secret" });
  assertEquals((await files.get("/?zip")).status, 401);
  const login = `Authorization: Basic ${btoa("ada:secret")}`;
  assertEquals((await files.get("/?zip", login)).status, 200);
});

Deno.test("the listing has a button for the archive of its folder", async () => {
  await using files = await archives();
  for (const target of ["/", "/sub/", "/sub/?view=grid"]) {
    const { body } = await files.get(target);
    assertStringIncludes(body, '<button class="download" name="zip">');
  }
  const json = await files.get("/?format=json");
  assert(!json.body.includes("zip"));
});

Deno.test("HEAD of an archive has the fields of GET, and If-None-Match gives 304", async () => {
  await using files = await archives();
  using _later = pretendLater(LATER);
  const whole = await files.get("/?zip");
  const head = await files.ask("HEAD", "/?zip");
  const fields = (answer: typeof head) =>
    answer.fields.filter((field) => !field.startsWith("Date:"));
  assertEquals(fields(head), fields(whole));
  const etag = whole.header("etag")!;
  const again = await files.get("/?zip", `If-None-Match: ${etag}`);
  assertEquals([again.status, again.header("etag")], [304, etag]);
  const failed = await files.get("/?zip", 'If-Match: "other"');
  assertEquals(failed.status, 412);
  const tar = await files.get("/?tar");
  assert(tar.header("etag") !== etag);
});

for (const format of ["zip", "tar"]) {
  Deno.test(`any range of a .${format} has the bytes of the whole`, async () => {
    await using files = await archives({ ...TREE, "large.bin": LARGE });
    using _later = pretendLater(LATER);
    const { body, header } = await files.get(`/?${format}`);
    const size = body.length;
    const starts = [0, 1, 29, 30, 100, 1_000, size - 1_000, size - 300];
    for (const start of [...starts, 300_000, size - 22, size - 1]) {
      for (const length of [1, 77, 5_000, 400_000, size]) {
        const end = Math.min(start + length, size);
        const range = `Range: bytes=${start}-${end - 1}`;
        const part = await files.get(`/?${format}`, range);
        assertEquals(part.status, 206, range);
        assert(part.body === body.slice(start, end), range);
        assertEquals(
          part.header("content-range"),
          `bytes ${start}-${end - 1}/${size}`,
        );
      }
    }
    const parts = await files.get(`/?${format}`, "Range: bytes=5-9, -30");
    assertEquals(parts.status, 206);
    assertStringIncludes(parts.body, `\r\n\r\n${body.slice(5, 10)}\r\n--`);
    assertStringIncludes(parts.body, `\r\n\r\n${body.slice(-30)}\r\n--`);
    const beyond = await files.get(`/?${format}`, `Range: bytes=${size}-`);
    assertEquals(beyond.status, 416);
    const fields = ["Range: bytes=7-", `If-Range: ${header("etag")}`];
    assertEquals((await files.get(`/?${format}`, ...fields)).status, 206);
    fields[1] = 'If-Range: "other"';
    assertEquals((await files.get(`/?${format}`, ...fields)).status, 200);
  });
}

Deno.test("a range of an archive is ignored if a file has just changed", async () => {
  await using files = await archives();
  const whole = await files.get("/?zip", "Range: bytes=0-3");
  assertEquals(whole.status, 200);
  assertEquals(whole.header("accept-ranges"), undefined);
  assertMatch(whole.header("etag")!, /^W\/"\w{32}-at-\d+"$/);
  assertEquals(unzip(whole.body)["a.txt"], "hello");
});

Deno.test("the ETag of an archive changes with each fact of its files, and not with hidden ones", async () => {
  await using files = await archives();
  using _later = pretendLater(LATER);
  const etag = async () => (await files.ask("HEAD", "/?zip")).header("etag")!;
  const seen = [await etag()];
  assertEquals(await etag(), seen[0]);
  const change = async (happens: () => Promise<unknown>) => {
    await happens();
    const now = await etag();
    assert(!seen.includes(now));
    seen.push(now);
  };
  const { in: path } = files.folder;
  await change(() => Deno.utime(path("a.txt"), 1, 1));
  await change(() => Deno.chmod(path("a.txt"), 0o600));
  await change(() => Deno.rename(path("a.txt"), path("b.txt")));
  await change(() => Deno.truncate(path("b.txt"), 3));
  await change(() => Deno.mkdir(path("sub/new")));
  await Deno.writeTextFile(path("sub/.hidden"), "");
  await files.age("sub/new");
  await files.age("sub");
  const before = await etag();
  await Deno.remove(path("sub/.hidden"));
  await files.age("sub");
  assertEquals(await etag(), before);
});

Deno.test("a connection is kept after an archive, also if the next request came meanwhile", async () => {
  // The content differs from that of other tests, so that its checksum is not known.
  const files = { "a.txt": "hello", "large": LARGE + "kept" };
  await using served = await archives(files);
  using client = await served.served.connect();
  const ask = (target: string) =>
    client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await ask("/?zip");
  await ask("/a.txt");
  assertEquals(unzip((await client.answer()).body)["large"], files.large);
  assertEquals((await client.answer()).body, "hello");
  await ask("/?tar");
  assertEquals((await client.answer()).status, 200);
  await ask("/a.txt");
  assertEquals((await client.answer()).body, "hello");
});

Deno.test("?tar sends the same files", async () => {
  await using files = await archives(TREE);
  const answer = await files.get("/sub/?tar");
  assertEquals(answer.header("content-type"), "application/x-tar");
  assertEquals(
    answer.header("content-disposition"),
    'attachment; filename="sub.tar"',
  );
  assertEquals(answer.body.length % 512, 0);
  assertStringIncludes(answer.body, TREE["sub/b.bin"]!);
  assert(answer.body.endsWith("\0".repeat(1_024)));
});

Deno.test("an archive of files that are neither text nor cached is not compressed", async () => {
  await using files = await archives();
  const answer = await files.get("/?tar", "Accept-Encoding: gzip, br, zstd");
  assertEquals(answer.header("content-encoding"), undefined);
  assertEquals(answer.header("vary"), undefined);
});

Deno.test("rules for the cache don't apply to archives, but fields for all files do", async () => {
  await using files = await archives(TREE, {
    cache: ["**=immutable"],
    cdnCache: ["**=max-age=3600"],
    cors: true,
    extra_response_headers: [["X-Site", "docs"]],
  });
  const { header } = await files.get("/?zip");
  assertEquals(header("cache-control"), "no-cache");
  assertEquals(header("cdn-cache-control"), undefined);
  assertEquals(header("access-control-allow-origin"), "*");
  assertEquals(header("x-site"), "docs");
});

Deno.test("an archive is sent by a site with live reload", async () => {
  await using files = await archives(TREE, { live: true });
  const answer = await files.get("/?zip");
  assertEquals(unzip(answer.body)["a.txt"], "hello");
  assertEquals(answer.header("cache-control"), "no-cache");
});
