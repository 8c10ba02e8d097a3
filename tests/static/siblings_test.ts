// Compressed files beside a file, on the wire: when they count, and when they don't.

import { assertEquals, assertNotEquals } from "@std/assert";
import { pretendLater, type Site, site } from "./_site.ts";

const SIBLINGS = {
  "a.js": "plain",
  "a.js.br": "brotli's bytes",
  "a.js.gz": "gzip's bytes",
};

const ACCEPT = "Accept-Encoding: gzip, br, zstd";

/** What is sent of `/a.js`: its coding and its content. */
async function sent(
  files: Site,
  ...fields: string[]
): Promise<(string | undefined)[]> {
  const answer = await files.get("/a.js", ...fields);
  return [answer.header("content-encoding"), answer.body];
}

Deno.test("StaticFileHandler reads Accept-Encoding over all its lines", async () => {
  await using files = await site(SIBLINGS);
  assertEquals(
    await sent(files, "Accept-Encoding: deflate", "Accept-Encoding: br"),
    ["br", "brotli's bytes"],
  );
  assertEquals(
    await sent(files, "Accept-Encoding: gzip;q=0.5", "Accept-Encoding: br;q=0"),
    ["gzip", "gzip's bytes"],
  );
});

Deno.test("StaticFileHandler sends the plain file where that is preferred, or all that is left", async () => {
  await using files = await site(SIBLINGS);
  const rows: readonly (readonly [accept: string, coding?: string])[] = [
    ["identity"],
    ["identity, br;q=0.9"],
    ["br;q=0, gzip;q=0"],
    ["*;q=0"],
    // Nothing would be left: the plain file is of more use than an error.
    ["identity;q=0, deflate"],
    ["identity;q=0, br;q=0, gzip;q=0, *;q=0"],
    ["identity;q=0, *", "br"],
    ["identity;q=0.5, br;q=0.4, gzip;q=0.6", "gzip"],
    ["identity, br", "br"],
    ["br;q=1.0000"],
    ["br;q=-1"],
    ["br;q=0.0001, gzip;q=0.001", "gzip"],
    ["BR", "br"],
    ["br ; q=0.3", "br"],
    ["br;x=y", "br"],
    ["br,".repeat(3_000) + "gzip", "br"],
    [";,;".repeat(3_000)],
  ];
  for (const [accept, coding] of rows) {
    const answer = await files.get("/a.js", `Accept-Encoding: ${accept}`);
    const what = accept.slice(0, 60);
    assertEquals(answer.status, 200, what);
    assertEquals(answer.header("content-encoding"), coding, what);
    assertEquals(answer.header("vary"), "Accept-Encoding", what);
  }
});

Deno.test("StaticFileHandler gives each coding a strong tag of its own, and the sibling's date", async () => {
  await using files = await site(SIBLINGS);
  await files.age("a.js.br", new Date("2024-06-01T00:00:00Z"));
  const plain = await files.get("/a.js");
  const br = await files.get("/a.js", "Accept-Encoding: br");
  const gzip = await files.get("/a.js", "Accept-Encoding: gzip");
  const tags = [plain, br, gzip].map((answer) => answer.header("etag")!);
  assertEquals(new Set(tags).size, 3);
  assertEquals(tags.filter((tag) => tag.startsWith("W/")), []);
  assertNotEquals(
    br.header("last-modified"),
    plain.header("last-modified"),
  );
});

Deno.test("StaticFileHandler sends a range of the compressed file, and never several of it", async () => {
  await using files = await site(SIBLINGS);
  const accept = "Accept-Encoding: br";
  const part = await files.get("/a.js", accept, "Range: bytes=0-5");
  assertEquals([part.status, part.body], [206, "brotli"]);
  assertEquals(part.header("content-range"), "bytes 0-5/14");
  assertEquals(part.header("content-encoding"), "br");
  assertEquals(part.header("vary"), "Accept-Encoding");
  const etag = part.header("etag");
  const more = await files.get(
    "/a.js",
    accept,
    "Range: bytes=6-",
    `If-Range: ${etag}`,
  );
  assertEquals([more.status, more.body], [206, "'s bytes"]);
  // Its parts must not be put together with those of another coding.
  const other = await files.get(
    "/a.js",
    "Accept-Encoding: gzip",
    "Range: bytes=6-",
    `If-Range: ${etag}`,
  );
  assertEquals([other.status, other.body], [200, "gzip's bytes"]);
  const several = await files.get("/a.js", accept, "Range: bytes=0-1,4-5");
  assertEquals([several.status, several.body], [200, "brotli's bytes"]);
  const beyond = await files.get("/a.js", accept, "Range: bytes=14-");
  assertEquals(
    [beyond.status, beyond.header("content-range")],
    [416, "bytes */14"],
  );
});

Deno.test("StaticFileHandler passes over what is no compressed file: empty, a folder, a pipe, a link to nothing", async () => {
  await using files = await site({
    "a.js": "plain",
    "a.js.br": "",
    "a.js.gz/": "",
  });
  assertEquals(await sent(files, ACCEPT), [undefined, "plain"]);
  await Deno.remove(files.folder.in("a.js.br"));
  await Deno.symlink("nothing", files.folder.in("a.js.br"));
  const made = await new Deno.Command("mkfifo", {
    args: [files.folder.in("a.js.zst")],
  }).output();
  assertEquals(made.success, true);
  assertEquals(await sent(files, ACCEPT), [undefined, "plain"]);
});

Deno.test("StaticFileHandler takes a link for a compressed file as far as links are followed", async () => {
  const rows = { inside: "br", follow: "br", deny: undefined } as const;
  for (const symlinks of ["inside", "follow", "deny"] as const) {
    await using files = await site({
      "a.js": "plain",
      "packed/a": "brotli's bytes",
    }, { symlinks });
    await Deno.symlink("packed/a", files.folder.in("a.js.br"));
    assertEquals((await sent(files, ACCEPT))[0], rows[symlinks], symlinks);
  }
});

Deno.test("StaticFileHandler keeps a compressed file hidden that is beside a hidden one", async () => {
  await using files = await site({
    ".env.js": "secret",
    ".env.js.br": "secret",
  });
  assertEquals((await files.get("/.env.js", ACCEPT)).status, 404);
  assertEquals((await files.get("/.env.js.br")).status, 404);
});

Deno.test("StaticFileHandler serves a compressed file by its own name as it is", async () => {
  await using files = await site(SIBLINGS);
  const answer = await files.get("/a.js.gz", ACCEPT);
  assertEquals(
    [
      answer.body,
      answer.header("content-encoding"),
      answer.header("content-type"),
    ],
    ["gzip's bytes", undefined, "application/gzip"],
  );
});

Deno.test("StaticFileHandler sends a compressed file that came, changed or went since the last request", async () => {
  await using files = await site({ "a.js": "plain" });
  const name = files.folder.in("a.js.br");
  let day = 1;
  /** Each time, the folder was changed a day later, but long ago. */
  const changeFolder = async () => {
    await files.age("", new Date(Date.UTC(2024, 5, day++)));
    return pretendLater(10_000);
  };
  using _1 = await changeFolder();
  assertEquals(await sent(files, ACCEPT), [undefined, "plain"]);
  await Deno.writeTextFile(name, "one");
  using _2 = await changeFolder();
  assertEquals(await sent(files, ACCEPT), ["br", "one"]);
  // At a file that was found, everybody looks anew.
  await Deno.writeTextFile(name, "another");
  assertEquals(await sent(files, ACCEPT), ["br", "another"]);
  await files.age("a.js", new Date(Date.now() + 60_000));
  assertEquals(await sent(files, ACCEPT), [undefined, "plain"]);
  await files.age("a.js");
  assertEquals(await sent(files, ACCEPT), ["br", "another"]);
  await Deno.remove(name);
  assertEquals(await sent(files, ACCEPT), [undefined, "plain"]);
  using _3 = await changeFolder();
  assertEquals(await sent(files, ACCEPT), [undefined, "plain"]);
});
