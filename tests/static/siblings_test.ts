// Precompressed files on the wire: when they are used, and when not.

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { inCoding, pretendLater, SIBLINGS, type Site, site } from "./_site.ts";

const BROTLI = SIBLINGS["a.js.br"];
const GZIP = SIBLINGS["a.js.gz"];

const ACCEPT = "Accept-Encoding: gzip, br, zstd";

/** The coding and the content that is sent for `/a.js`. */
async function sent(
  files: Site,
  ...fields: string[]
): Promise<(string | undefined)[]> {
  const answer = await files.get("/a.js", ...fields);
  return [answer.header("content-encoding"), answer.body];
}

Deno.test("StaticFileHandler combines several lines of Accept-Encoding", async () => {
  await using files = await site(SIBLINGS);
  assertEquals(
    await sent(files, "Accept-Encoding: deflate", "Accept-Encoding: br"),
    ["br", BROTLI],
  );
  assertEquals(
    await sent(files, "Accept-Encoding: gzip;q=0.5", "Accept-Encoding: br;q=0"),
    ["gzip", GZIP],
  );
});

Deno.test("StaticFileHandler sends the plain file if it is preferred, or nothing else is acceptable", async () => {
  await using files = await site(SIBLINGS);
  const rows: readonly (readonly [accept: string, coding?: string])[] = [
    ["identity"],
    ["identity, br;q=0.9"],
    ["br;q=0, gzip;q=0"],
    ["*;q=0"],
    // Nothing is acceptable: the plain file is more useful than an error.
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

Deno.test("StaticFileHandler sends a separate strong tag for each coding, and the precompressed file's date", async () => {
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

Deno.test("StaticFileHandler sends a range of the plain file unless If-Range names the compressed one", async () => {
  await using files = await site(SIBLINGS);
  for (const coding of ["br", "gzip", "zstd"] as const) {
    const accept = `Accept-Encoding: ${coding}`;
    const whole = await files.get("/a.js", accept);
    assertEquals(whole.header("content-encoding"), coding);
    const etag = whole.header("etag")!;
    const size = whole.body.length;
    const range = async (...fields: string[]) => {
      const answer = await files.get("/a.js", accept, ...fields);
      const { status, body } = answer;
      assertEquals(answer.header("vary"), "Accept-Encoding");
      return [status, answer.header("content-encoding"), body];
    };
    assertEquals(await range("Range: bytes=0-2"), [206, undefined, "pla"]);
    assertEquals(await range("Range: bytes=-2"), [206, undefined, "in"]);
    const more = ["Range: bytes=2-", `If-Range: ${etag}`];
    assertEquals(await range(...more), [206, coding, whole.body.slice(2)]);
    const several = ["Range: bytes=0-1,4-5", `If-Range: ${etag}`];
    assertEquals(await range(...several), [200, coding, whole.body]);
    const beyond = await files.get(
      "/a.js",
      accept,
      `Range: bytes=${size}-`,
      `If-Range: ${etag}`,
    );
    assertEquals(
      [beyond.status, beyond.header("content-range")],
      [416, `bytes */${size}`],
    );
    // Its parts must not be combined with those of another coding.
    const other = coding === "br" ? "gzip" : "br";
    const mixed = await files.get(
      "/a.js",
      `Accept-Encoding: ${other}`,
      ...more,
    );
    assertEquals([mixed.status, mixed.body], [200, "plain"]);
  }
});

Deno.test("StaticFileHandler ignores a precompressed file that is being written", async () => {
  await using files = await site(SIBLINGS);
  for (const name of ["a.js.br", "a.js.zst"]) {
    await Deno.remove(files.folder.in(name));
  }
  for (const [name, coding] of [["a.js.gz", "gzip"], ["a.js.br", "br"]]) {
    const path = files.folder.in(name!);
    await Deno.writeTextFile(path, SIBLINGS["a.js.gz"].slice(0, 12));
    // Recently written, so it may be incomplete.
    assertEquals(await sent(files, ACCEPT), [undefined, "plain"], coding);
    await files.age(name!, new Date(Date.now() - 1_000));
    assertEquals(await sent(files, ACCEPT), [undefined, "plain"], coding);
    await files.age(name!, new Date(Date.now() + 60_000));
    assertEquals(await sent(files, ACCEPT), [undefined, "plain"], coding);
    await Deno.remove(path);
  }
});

Deno.test("StaticFileHandler ignores a precompressed file that is truncated, or of another state", async () => {
  const large = "0123456789abcdef".repeat(40_000);
  const noise = Array.from(
    { length: 700_000 },
    (_, at) => String.fromCharCode((at * at * 31 + at) % 251),
  ).join("");
  for (const text of ["plain", large, noise]) {
    for (
      const [coding, suffix] of [["gzip", "gz"], ["zstd", "zst"]] as const
    ) {
      const whole = inCoding(coding, text);
      const wrong = {
        "cut by a byte": whole.slice(0, -1),
        "cut in the middle": whole.slice(0, whole.length / 2),
        "cut to its head": whole.slice(0, 10),
        // If the size is not known in advance, zstd doesn't write it.
        ...(coding === "gzip" && {
          "of a shorter file": inCoding(coding, text.slice(1)),
          "of a longer file": inCoding(coding, text + "!"),
        }),
        "in no coding": text.slice(0, 1000),
        "full of zeros": "\0".repeat(whole.length),
      };
      await using files = await site({ "a.bin": text });
      const name = `a.bin.${suffix}`;
      let day = 1;
      const encodingOf = async (content: string) => {
        const bytes = Uint8Array.from(content, (c) => c.charCodeAt(0));
        await Deno.writeFile(files.folder.in(name), bytes);
        await files.age(name, new Date(Date.UTC(2024, 5, day++)));
        const answer = await files.get("/a.bin", ACCEPT);
        const coded = answer.header("content-encoding");
        assertEquals(answer.body === (coded ? content : text), true);
        return coded;
      };
      using _later = pretendLater(10_000);
      assertEquals(await encodingOf(whole), coding);
      for (const [what, content] of Object.entries(wrong)) {
        assertEquals(await encodingOf(content), undefined, `${coding} ${what}`);
      }
      assertEquals(await encodingOf(whole), coding);
    }
  }
});

Deno.test("StaticFileHandler closes the connection when a precompressed file is rewritten while it is sent", async () => {
  const size = 64 * 1024 * 1024;
  await using files = await site({ "a.bin": "plain", "a.bin.br": "" });
  const path = files.folder.in("a.bin.br");
  await Deno.truncate(path, size);
  await files.age("a.bin.br");
  using client = await files.served.connect();
  await client.write(
    "GET /a.bin HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n",
  );
  const head = await client.readUntil("\r\n\r\n");
  assertStringIncludes(head, `Content-Length: ${size}`);
  // With the same size, so only its time shows it.
  await Deno.writeFile(path, new Uint8Array(1_000), { create: false });
  await Deno.truncate(path, size);
  const body = await client.readToEnd();
  assert(body.length < size, String(body.length));
});

Deno.test("StaticFileHandler ignores an empty file, a folder, a pipe or a broken symlink as precompressed file", async () => {
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

Deno.test("StaticFileHandler follows a symlink to a precompressed file if the policy permits it", async () => {
  const rows = { inside: "br", follow: "br", deny: undefined } as const;
  for (const symlinks of ["inside", "follow", "deny"] as const) {
    await using files = await site({
      "a.js": "plain",
      "packed/a": BROTLI,
    }, { symlinks });
    await Deno.symlink("packed/a", files.folder.in("a.js.br"));
    assertEquals((await sent(files, ACCEPT))[0], rows[symlinks], symlinks);
  }
});

Deno.test("StaticFileHandler keeps the precompressed file of a hidden file hidden", async () => {
  await using files = await site({
    ".env.js": "secret",
    ".env.js.br": "secret",
  });
  assertEquals((await files.get("/.env.js", ACCEPT)).status, 404);
  assertEquals((await files.get("/.env.js.br")).status, 404);
});

Deno.test("StaticFileHandler serves a precompressed file by its own name without a coding", async () => {
  await using files = await site(SIBLINGS);
  const answer = await files.get("/a.js.gz", ACCEPT);
  assertEquals(
    [
      answer.body,
      answer.header("content-encoding"),
      answer.header("content-type"),
    ],
    [GZIP, undefined, "application/gzip"],
  );
});

Deno.test("StaticFileHandler notices a precompressed file that is created, changed or removed", async () => {
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
  await files.age("a.js.br", new Date("2024-06-01T00:00:00Z"));
  using _2 = await changeFolder();
  assertEquals(await sent(files, ACCEPT), ["br", "one"]);
  // A file that was found is stat'ed each time.
  await Deno.writeTextFile(name, "another");
  await files.age("a.js.br", new Date("2024-06-02T00:00:00Z"));
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
