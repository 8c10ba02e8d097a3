// Virtual files, whose sizes mean nothing.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeLatin1 } from "../../text/latin1.ts";
import { site } from "./_site.ts";

const ignore = Deno.build.os !== "linux";

/** A file of /sys that is smaller than its stat result says; every machine has some. */
function shortFile(): string | undefined {
  const candidates = [
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/devices/system/cpu/online",
    "/sys/devices/system/cpu/possible",
    "/sys/kernel/notes",
    "/sys/class/net/lo/mtu",
    "/sys/class/net/lo/address",
  ];
  for (const path of candidates) {
    try {
      const { size, isFile } = Deno.statSync(path);
      const content = Deno.readFileSync(path);
      if (isFile && content.length > 0 && content.length < size) return path;
    } catch {
      // Missing or unreadable on this machine.
    }
  }
}

/** A file of /proc that is too long to be read in advance, and always the same. */
function longFile(): { target: string; content: string } | undefined {
  try {
    const content = decodeLatin1(Deno.readFileSync("/proc/kallsyms"));
    const long = content.length > 1_000_000;
    return long ? { target: "/kallsyms", content } : undefined;
  } catch {
    // Unreadable on some machines.
    return undefined;
  }
}

Deno.test({
  name: "StaticFileHandler sends a file of /proc with its content",
  ignore,
  async fn() {
    for (const etag of ["stat", "content"] as const) {
      await using files = await site({}, {
        directory: "/proc",
        etag,
        symlinks: "follow",
      });
      const expected = await Deno.readTextFile("/proc/version");
      const answer = await files.get("/version");
      assertEquals([answer.status, answer.body], [200, expected]);
      assertEquals(answer.header("content-length"), String(expected.length));
      // Its time is useless, but its content can be hashed.
      assertEquals(answer.header("last-modified"), undefined);
      const tag = answer.header("etag")!;
      assertMatch(tag, /^"[0-9a-f]{32}"$/);
      const same = await files.get("/version", `If-None-Match: ${tag}`);
      assertEquals(same.status, 304);
      const head = await files.ask("HEAD", "/version");
      assertEquals(head.header("content-length"), String(expected.length));
      const part = await files.get("/version", "Range: bytes=0-4");
      assertEquals([part.status, part.body], [206, "Linux"]);
      const since = "If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT";
      assertEquals((await files.get("/version", since)).status, 200);
    }
  },
});

Deno.test({
  name: "StaticFileHandler streams a long file of /proc, chunked if possible",
  ignore: ignore || longFile() === undefined,
  async fn() {
    await using files = await site({}, {
      directory: "/proc",
      symlinks: "follow",
    });
    const { target, content } = longFile()!;
    using client = await files.served.connect();
    await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const answer = await client.answer();
    assertEquals(answer.header("transfer-encoding"), "chunked");
    assertEquals(answer.header("content-length"), undefined);
    assertEquals(answer.header("accept-ranges"), undefined);
    assertEquals(answer.header("etag"), undefined);
    assertEquals(answer.body === content, true);
    // The connection stays usable.
    await client.write("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await client.answer()).status, 200);
    const old = await files.served.send(`GET ${target} HTTP/1.0\r\n\r\n`);
    assertEquals(old.endsWith(content.slice(-1_000)), true);
    const head = await files.ask("HEAD", target);
    assertEquals([head.status, head.body], [200, ""]);
    const part = await files.get(target, "Range: bytes=0-1");
    assertEquals(part.status, 200);
  },
});

Deno.test({
  name: "StaticFileHandler sends a file of /sys with its true length",
  ignore,
  async fn() {
    const path = shortFile();
    if (path === undefined) return;
    const slash = path.lastIndexOf("/");
    await using files = await site({}, {
      directory: path.slice(0, slash),
      symlinks: "follow",
    });
    const expected = await Deno.readTextFile(path);
    const target = path.slice(slash);
    const answer = await files.get(target, "Accept-Encoding: gzip");
    assertEquals([answer.status, answer.body], [200, expected]);
    assertEquals(answer.header("content-length"), String(expected.length));
    const part = await files.get(target, "Range: bytes=0-0");
    assertEquals(
      part.header("content-range"),
      `bytes 0-0/${expected.length}`,
    );
    const beyond = await files.get(target, `Range: bytes=${expected.length}-`);
    assertEquals(beyond.status, 416);
  },
});

Deno.test("StaticFileHandler sends an empty file", async () => {
  await using files = await site({ "empty.txt": "" });
  const answer = await files.get("/empty.txt");
  assertEquals([answer.status, answer.body], [200, ""]);
  assertEquals(answer.header("content-length"), "0");
  assert(answer.header("last-modified") !== undefined);
  const tag = answer.header("etag");
  const same = await files.get("/empty.txt", `If-None-Match: ${tag}`);
  assertEquals(same.status, 304);
});

Deno.test("StaticFileHandler sends an empty file to many clients at once", async () => {
  await using files = await site({ "empty.txt": "" });
  const answers = await Promise.all(
    Array.from({ length: 64 }, () => files.get("/empty.txt")),
  );
  assertEquals(new Set(answers.map(({ status }) => status)), new Set([200]));
  assertEquals(new Set(answers.map(({ body }) => body)), new Set([""]));
});
