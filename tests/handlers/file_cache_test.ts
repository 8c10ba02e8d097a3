// The cache of small files avoids reads and never returns stale content.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { cacheBudget } from "../../cache/shared_budget.ts";
import { cachedContent, type FileState } from "../../handlers/file_cache.ts";
import { folder, get, QuietFiles, serveFolder } from "./_folder.ts";

const OLD = new Date("2020-01-01T00:00:00Z");

/** A file's state as if it had not changed for years. */
function settled(path: string): FileState {
  const { size, ino, dev } = Deno.statSync(path);
  return { size, ino, dev, mtime: OLD, ctime: OLD };
}

const text = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

Deno.test("cachedContent() returns the cached bytes while the state is the same", async () => {
  await using files = await folder({ "a": "one" });
  const path = files.in("a");
  const first = cachedContent(path, settled(path));
  assertEquals(text(first), "one");
  assert(cachedContent(path, settled(path)) === first);
});

Deno.test("cachedContent() reads the file again if any field of the state differs", async () => {
  const later = new Date(OLD.getTime() + 1);
  const changes: Partial<FileState>[] = [
    { mtime: later },
    { ctime: later },
    { mtime: null },
    { ino: 1 },
    { ino: null },
    { dev: 1 },
    { size: 4 },
  ];
  for (const change of changes) {
    await using files = await folder({ "a": "one" });
    const path = files.in("a");
    const before = settled(path);
    const first = cachedContent(path, before);
    await Deno.writeTextFile(path, change.size === undefined ? "two" : "four");
    // All other fields are equal, so only the changed one can matter.
    assert(cachedContent(path, before) === first);
    assertEquals(
      text(cachedContent(path, { ...before, ...change })),
      change.size === undefined ? "two" : "four",
      JSON.stringify(change),
    );
  }
});

Deno.test("cachedContent() with exact throws if the file has changed since the stat", async () => {
  for (const change of [{ mtime: OLD }, { ino: 1 }, { dev: 1 }, { size: 4 }]) {
    await using files = await folder({ "a": "one" });
    const path = files.in("a");
    const state = await Deno.stat(path);
    assertEquals(text(cachedContent(path, state, true)), "one");
    assertThrows(
      () => cachedContent(path, { ...state, ...change }, true),
      Deno.errors.NotFound,
      "Cannot serve the file: it was changed or replaced",
    );
  }
});

Deno.test("cachedContent() does not cache a file that was replaced after the stat", async () => {
  await using files = await folder({ "a": "one", "b": "two" });
  const path = files.in("a");
  const before = settled(path);
  await Deno.rename(files.in("b"), path);
  assertEquals(text(cachedContent(path, before)), "two");
  await Deno.writeTextFile(path, "six");
  assertEquals(text(cachedContent(path, before)), "six");
});

Deno.test("cachedContent() does not cache a file that changed recently or has no mtime", async () => {
  await using files = await folder({ "a": "one" });
  const path = files.in("a");
  const now = new Date();
  const times: Partial<FileState>[] = [
    { mtime: now, ctime: now },
    { mtime: OLD, ctime: now },
    { mtime: now, ctime: OLD },
    { mtime: new Date(now.getTime() + 60_000), ctime: OLD },
    { mtime: null, ctime: null },
    { mtime: null, ctime: OLD },
  ];
  for (const time of times) {
    const state = { ...settled(path), ...time };
    const first = cachedContent(path, state);
    const second = cachedContent(path, state);
    assertEquals([text(first), text(second)], ["one", "one"]);
    assert(first !== second, JSON.stringify(time));
  }
});

Deno.test("cachedContent() does not cache a file whose size differs from the stat", async () => {
  await using files = await folder({ "a": "one" });
  const path = files.in("a");
  const state = { ...settled(path), size: 2 };
  const first = cachedContent(path, state);
  assertEquals(text(first), "one");
  assert(cachedContent(path, state) !== first);
});

Deno.test("cachedContent() returns undefined for files over 256 KiB", async () => {
  await using files = await folder({
    "a": "x".repeat(262_144),
    "b": "x".repeat(262_145),
  });
  assertEquals(
    cachedContent(files.in("a"), settled(files.in("a")))?.length,
    262_144,
  );
  assertEquals(cachedContent(files.in("b"), settled(files.in("b"))), undefined);
});

Deno.test("cachedContent() throws if reading fails, and evicts the file", async () => {
  await using files = await folder({ "a": "one" });
  const path = files.in("a");
  const state = settled(path);
  cachedContent(path, state);
  await Deno.remove(path);
  const changed = { ...state, mtime: new Date(0) };
  assertThrows(() => cachedContent(path, changed), Deno.errors.NotFound);
  assertThrows(() => cachedContent(path, state), Deno.errors.NotFound);
});

/** The size of the cache in these tests. */
const BUDGET = 32 * 1024 * 1024;

cacheBudget.max = BUDGET;

/** One file with many paths. Each path has its own cache entry; 127 entries fill the cache. */
async function manyPaths(): Promise<
  AsyncDisposable & { read(n: number): Uint8Array | undefined }
> {
  const files = await folder({ "a": "x".repeat(262_144) });
  const state = settled(files.in("a"));
  return {
    read: (n) => cachedContent(`${files.path}/${"./".repeat(n)}a`, state),
    [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
  };
}

Deno.test("cachedContent() fills the budget and evicts files that were used once first", async () => {
  await using files = await manyPaths();
  const first = files.read(0);
  const second = files.read(1);
  for (let n = 2; n < 140; n++) files.read(n);
  const last = files.read(139);
  assert(files.read(139) === last);
  assert(files.read(0) !== first);
  assert(files.read(1) !== second);
});

Deno.test("cachedContent() keeps a file in use during a crawl of ten times its capacity", async () => {
  await using files = await manyPaths();
  const hot = files.read(0);
  for (let n = 1; n < 1_300; n++) {
    files.read(n);
    if (n % 100 === 0) assert(files.read(0) === hot, `after ${n} files`);
  }
});

Deno.test("cachedContent() keeps a popular file during a crawl that does not use it", async () => {
  await using files = await manyPaths();
  const hot = files.read(0);
  for (let n = 0; n < 5; n++) files.read(0);
  for (let n = 1; n < 250; n++) files.read(n);
  assert(files.read(0) === hot);
});

Deno.test("cachedContent() evicts a file that is no longer popular", async () => {
  await using files = await manyPaths();
  const old = files.read(0);
  for (let n = 0; n < 1_000; n++) files.read(0);
  for (let n = 1; n < 1_300; n++) files.read(n);
  assert(files.read(0) !== old);
});

Deno.test("cachedContent() caches a new file while all others are in use", async () => {
  await using files = await manyPaths();
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < 127; n++) files.read(n);
  }
  const added = files.read(200);
  assert(files.read(200) === added);
});

// Other systems don't allow paths of this length.
Deno.test({
  name:
    "cachedContent() counts the size of paths, since symlinks allow any number of them",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using files = await folder({ "a": "x" });
    const state = settled(files.in("a"));
    const path = (n: number) =>
      `${files.path}${"/.".repeat(1_900)}/${"./".repeat(n % 60)}${
        "/".repeat(n / 60)
      }a`;
    const first = cachedContent(path(0), state);
    // Some 8 KiB each: this fills the 32 MiB more than once.
    for (let n = 1; n < 6_000; n++) cachedContent(path(n), state);
    const last = cachedContent(path(5_999), state);
    assert(cachedContent(path(5_999), state) === last);
    assert(cachedContent(path(0), state) !== first);
  },
});

Deno.test("SimpleHTTPRequestHandler never serves stale content, however quickly a file changes", async () => {
  await using files = await folder({ "a": "" });
  const path = files.in("a");
  class Kept extends QuietFiles {
    override protocol_version = "HTTP/1.1";
  }
  await using server = serveFolder(files.path, Kept);
  using client = await server.connect();
  const request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  for (let n = 0; n < 300; n++) {
    const content = `content ${String(n).padStart(4, "0")}`;
    if (n % 3 === 0) {
      await Deno.writeTextFile(path, content);
    } else if (n % 3 === 1) {
      await Deno.writeTextFile(`${path}.new`, content);
      await Deno.rename(`${path}.new`, path);
    } else {
      await Deno.writeTextFile(path, content);
      await Deno.utime(path, OLD, OLD);
    }
    await client.write(request + request);
    assertEquals((await client.answer()).body, content);
    assertEquals((await client.answer()).body, content);
  }
});

Deno.test({
  name:
    "SimpleHTTPRequestHandler serves the current content after any kind of change",
  // On Windows, Deno has no ctime.
  ignore: Deno.build.os === "windows",
  async fn() {
    const changes: Record<
      string,
      [(path: string) => void, string | undefined]
    > = {
      "in place": [(path) => Deno.writeTextFileSync(path, "after!"), "after!"],
      "time set back": [(path) => {
        Deno.writeTextFileSync(path, "after!");
        Deno.utimeSync(path, OLD, OLD);
      }, "after!"],
      "replaced": [(path) => {
        Deno.writeTextFileSync(`${path}.new`, "after!");
        Deno.utimeSync(`${path}.new`, OLD, OLD);
        Deno.renameSync(`${path}.new`, path);
      }, "after!"],
      "shrunk": [(path) => Deno.truncateSync(path, 3), "bef"],
      "emptied": [(path) => Deno.truncateSync(path, 0), ""],
      "grown": [
        (path) => Deno.writeTextFileSync(path, "+", { append: true }),
        "before+",
      ],
      "touched": [
        (path) => Deno.utimeSync(path, new Date(), new Date()),
        "before",
      ],
      "deleted": [(path) => Deno.removeSync(path), undefined],
      "made a folder": [(path) => {
        Deno.removeSync(path);
        Deno.mkdirSync(path);
      }, undefined],
    };
    const names = Object.keys(changes);
    await using files = await folder(
      Object.fromEntries(names.map((name) => [name, "before"])),
    );
    for (const name of names) await Deno.utime(files.in(name), OLD, OLD);
    // Wait until the files are old enough to be cached; ctime can't be set.
    await new Promise((resolve) => setTimeout(resolve, 2_700));
    await using server = serveFolder(files.path);
    const target = (name: string) => get(`/${name.replaceAll(" ", "%20")}`);
    for (const name of names) {
      assertEquals((await server.ask(target(name))).body, "before");
      const path = files.in(name);
      const info = await Deno.stat(path);
      assert(
        cachedContent(path, info) === cachedContent(path, info),
        "The file is not cached: this test would prove nothing",
      );
    }
    for (const name of names) {
      const [change, content] = changes[name]!;
      change(files.in(name));
      const answer = await server.ask(target(name));
      if (content === undefined) assert(answer.status !== 200, name);
      else assertEquals([name, answer.body], [name, content]);
    }
  },
});

Deno.test("cachedContent() returns undefined for a file of size 0", async () => {
  await using files = await folder({ "a": "" });
  assertEquals(cachedContent(files.in("a"), settled(files.in("a"))), undefined);
});

Deno.test({
  name:
    "cachedContent() returns the content of a file that is shorter than its size",
  ignore: Deno.build.os !== "linux",
  fn() {
    const path = "/sys/class/net/lo/mtu";
    const info = Deno.statSync(path);
    assertEquals(info.size > 100, true);
    assertEquals(text(cachedContent(path, info)), Deno.readTextFileSync(path));
  },
});
