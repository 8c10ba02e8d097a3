// Files that are embedded in an executable by `deno compile`, and other file systems that have
// neither inodes nor useful times.

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { checkFolders } from "../../cli/inputs.ts";
import { partial } from "../../handlers/partial.ts";
import { folder, get, serveFolder } from "../handlers/_folder.ts";
import { serve } from "../_serve.ts";
import { embed, type Times, withoutRealPaths } from "./_embedded.ts";
import { CHANGED_DATE, inCoding, Quiet, site } from "./_site.ts";

const LARGE = "0123456789".repeat(40_000);
const OTHER = "9876543210".repeat(40_000);

const FILES = {
  "index.html": "<p>home",
  "small.txt": "small",
  "large.bin": LARGE,
  "a.js": "plain",
  "a.js.br": inCoding("br", "plain"),
  "large.css": LARGE,
  "large.css.gz": inCoding("gzip", LARGE),
  "list/README.md": "# About",
  "list/x.txt": "x",
  "on-the-fly.css": "a { color: red }\n".repeat(200),
};

const TIMES: readonly Times[] = ["own", "zero", "null"];

for (const times of TIMES) {
  Deno.test(`StaticFileHandler serves embedded files (times: ${times})`, async () => {
    await using files = await site(FILES);
    using _embedded = embed(files.folder.path, times);
    for (let round = 0; round < 3; round++) {
      const rows: [target: string, body: string][] = [
        ["/", FILES["index.html"]],
        ["/small.txt", FILES["small.txt"]],
        ["/large.bin", LARGE],
        ["/on-the-fly.css", FILES["on-the-fly.css"]],
      ];
      for (const [target, body] of rows) {
        const answer = await files.get(target);
        assertEquals([answer.status, answer.body], [200, body]);
        const tag = answer.header("etag")!;
        const again = await files.get(target, `If-None-Match: ${tag}`);
        // Without times, only content tells whether it is the same.
        assertEquals([again.status, again.header("etag")], [304, tag]);
        assertMatch(tag, /^"[^"]+"$/);
        assertEquals(
          answer.header("last-modified"),
          times === "own" ? CHANGED_DATE : undefined,
        );
        const since = await files.get(
          target,
          `If-Modified-Since: ${CHANGED_DATE}`,
        );
        assertEquals(since.status, times === "own" ? 304 : 200);
      }
      const part = await files.get("/large.bin", "Range: bytes=10-14");
      assertEquals([part.status, part.body], [206, "01234"]);
      const listing = await files.get("/list/");
      assertEquals(listing.status, 200);
      assert(
        listing.body.includes("x.txt") && /<h3 [^>]*>About</.test(listing.body),
      );
      assertEquals(listing.body.includes("1970"), false);
      const missing = await files.get("/missing");
      assertEquals(missing.status, 404);
    }
  });
}

Deno.test("StaticFileHandler sends precompressed and compressed embedded files", async () => {
  await using files = await site(FILES);
  for (const times of ["own", "zero"] as const) {
    using _embedded = embed(files.folder.path, times);
    const rows: [target: string, coding: string][] = [
      ["/a.js", "br"],
      ["/large.css", "gzip"],
      ["/on-the-fly.css", "gzip"],
    ];
    for (const [target, coding] of rows) {
      const answer = await files.get(target, `Accept-Encoding: ${coding}`);
      assertEquals(
        [answer.status, answer.header("content-encoding")],
        [200, coding],
      );
    }
  }
});

Deno.test("the ETag of a file without a time changes with its content alone", async () => {
  const tags = new Map<string, Set<string>>();
  for (const times of TIMES.slice(1)) {
    // Two builds of the same site. In one, the files have the same sizes but other content.
    for (const content of [LARGE, OTHER, LARGE]) {
      await using files = await site({ "large.bin": content });
      using _embedded = embed(files.folder.path, times);
      const tag = (await files.get("/large.bin")).header("etag")!;
      if (!tags.has(content)) tags.set(content, new Set());
      tags.get(content)!.add(tag);
    }
  }
  assertEquals([...tags.values()].map(({ size }) => size), [1, 1]);
  assertNotEquals(tags.get(LARGE), tags.get(OTHER));
});

Deno.test("StaticFileHandler reads a file again each time if the file system has no times", async () => {
  await using files = await site({ "a.txt": "one", "b.bin": LARGE });
  using _embedded = embed(files.folder.path, "null");
  for (const name of ["a.txt", "b.bin"]) {
    const first = await files.get(`/${name}`);
    const other = name === "a.txt" ? "two" : OTHER;
    await Deno.writeTextFile(files.folder.in(name), other);
    const tag = first.header("etag");
    const second = await files.get(`/${name}`, `If-None-Match: ${tag}`);
    assertEquals([second.status, second.body === other], [200, true]);
  }
});

Deno.test("a file whose time is 0 but whose ctime is not is read again after a change", async () => {
  await using files = await site({ "a.txt": "one", "b.bin": LARGE });
  const zero = () =>
    Promise.all(["a.txt", "b.bin"].map((name) => files.age(name, new Date(0))));
  await zero();
  for (const name of ["a.txt", "b.bin"]) {
    const first = await files.get(`/${name}`);
    assertEquals(first.header("last-modified"), undefined);
    const other = name === "a.txt" ? "two" : OTHER;
    await Deno.writeTextFile(files.folder.in(name), other);
    await zero();
    const tag = first.header("etag");
    const second = await files.get(`/${name}`, `If-None-Match: ${tag}`);
    assertEquals([second.status, second.body === other], [200, true]);
  }
});

Deno.test("SimpleHTTPRequestHandler serves embedded files, and sends Last-Modified only if it is known", async () => {
  await using files = await folder({
    "small.txt": "small",
    "large.bin": LARGE,
  });
  for (const name of ["small.txt", "large.bin"]) {
    await Deno.utime(
      files.in(name),
      new Date(CHANGED_DATE),
      new Date(CHANGED_DATE),
    );
  }
  await using server = serveFolder(files.path);
  for (const times of TIMES) {
    using _embedded = embed(files.path, times);
    for (const [name, body] of [["small.txt", "small"], ["large.bin", LARGE]]) {
      const answer = await server.ask(get(`/${name}`));
      assertEquals([answer.status, answer.body === body], [200, true]);
      const known = times === "own" ? CHANGED_DATE : undefined;
      assertEquals(answer.header("last-modified"), known);
      const since = await server.ask(
        get(`/${name}`, `If-Modified-Since: ${CHANGED_DATE}`),
      );
      assertEquals(since.status, known === undefined ? 200 : 304);
    }
    assertMatch((await server.ask(get("/"))).body, /small\.txt/);
  }
});

Deno.test("the command accepts an embedded folder", async () => {
  await using files = await folder({ "a.txt": "a" });
  using _embedded = embed(files.path, "zero");
  checkFolders({ directory: files.path });
});

Deno.test("StaticFileHandler sends nothing from a file system without real paths, unless symlinks are followed", async () => {
  await using files = await folder({ "a.txt": "a" });
  using _without = withoutRealPaths();
  for (const symlinks of ["inside", "deny", "follow"] as const) {
    const options = { directory: files.path, symlinks, log: "none" } as const;
    await using server = serve(partial(Quiet, options));
    const { status } = await server.ask(
      "GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assertEquals(status, symlinks === "follow" ? 200 : 503);
  }
});
