// The files that `send_head()` returns.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isUnavailable } from "../../handlers/file_stat.ts";
import {
  BytesFile,
  DiskFile,
  ResponseWriter,
  type SourceFile,
} from "../../handlers/mod.ts";
import { copyBlocks, openSource } from "../../handlers/source.ts";
import { folder } from "./_folder.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Reads pieces of these sizes. */
async function pieces(
  file: SourceFile,
  sizes: (number | undefined)[],
): Promise<string[]> {
  const read: string[] = [];
  for (const size of sizes) {
    read.push(text(await (size === undefined ? file.read() : file.read(size))));
  }
  return read;
}

async function disk(path: string, size: number): Promise<DiskFile> {
  return new DiskFile(await Deno.open(path), size);
}

Deno.test("BytesFile and DiskFile read the next bytes, and nothing at EOF", async () => {
  await using files = await folder({ "a": "hello world", "empty": "" });
  const rows: [(number | undefined)[], string[]][] = [
    [[undefined, undefined], ["hello world", ""]],
    [[5, 1, undefined, 1], ["hello", " ", "world", ""]],
    [[0, 11, 1], ["", "hello world", ""]],
    [[100, 1], ["hello world", ""]],
  ];
  for (const [sizes, expected] of rows) {
    using bytes = new BytesFile(new TextEncoder().encode("hello world"));
    assertEquals(await pieces(bytes, sizes), expected);
    assertEquals(bytes.size, 11);
    using file = await disk(files.in("a"), 11);
    assertEquals(await pieces(file, sizes), expected);
    assertEquals(file.size, 11);
  }
  using nothing = new BytesFile(new Uint8Array());
  assertEquals(await pieces(nothing, [undefined, 1]), ["", ""]);
  using empty = await disk(files.in("empty"), 0);
  assertEquals(await pieces(empty, [undefined, 1]), ["", ""]);
});

Deno.test("BytesFile.read() returns nothing after close()", () => {
  const file = new BytesFile(new Uint8Array(5));
  file.close();
  assertEquals(file.read().length, 0);
  file.close();
  file[Symbol.dispose]();
});

Deno.test("DiskFile reads at most the size it was created with", async () => {
  await using files = await folder({ "a": "hello world" });
  using file = await disk(files.in("a"), 5);
  assertEquals(await pieces(file, [undefined, undefined]), ["hello", ""]);
});

Deno.test("DiskFile ends early if the file is shorter", async () => {
  await using files = await folder({ "a": "hello" });
  using file = await disk(files.in("a"), 100);
  assertEquals(await pieces(file, [undefined, undefined]), ["hello", ""]);
});

Deno.test("DiskFile reads a large file in blocks of 256 KiB at most", async () => {
  await using files = await folder({ "a": "x".repeat(600_000) });
  using file = await disk(files.in("a"), 600_000);
  let total = 0;
  for (;;) {
    const piece = await file.read();
    if (piece.length === 0) break;
    assert(piece.length <= 256 * 1024);
    total += piece.length;
  }
  assertEquals(total, 600_000);
});

Deno.test("DiskFile.close() can be called twice", async () => {
  await using files = await folder({ "a": "hello" });
  const file = await disk(files.in("a"), 5);
  file.close();
  file.close();
  file[Symbol.dispose]();
  await assertRejects(() => file.read());
});

Deno.test("openSource() finds the actual size of a file that reports 0", async () => {
  const rows: [length: number, size: number][] = [
    [0, 0],
    [1, 1],
    [262_143, 262_143],
    // More than `openSource()` reads.
    [262_144, Infinity],
    [600_000, Infinity],
  ];
  for (const [length, size] of rows) {
    const content = "0123456789".repeat(length / 10 + 1).slice(0, length);
    await using files = await folder({ "a": content });
    for (const into of [undefined, new Uint8Array(100_000)]) {
      using source = await openSource(await Deno.open(files.in("a")), 0);
      assertEquals([length, source.size], [length, size]);
      let read = "";
      for (;;) {
        const piece = into === undefined
          ? await source.read()
          : into.subarray(0, await source.readinto(into));
        if (piece.length === 0) break;
        read += text(piece);
      }
      assert(read === content);
    }
  }
});

Deno.test("openSource() trusts any other size and reads nothing", async () => {
  await using files = await folder({ "a": "hello world" });
  using source = await openSource(await Deno.open(files.in("a")), 5);
  assertEquals(source.size, 5);
  assertEquals(await pieces(source, [undefined, undefined]), ["hello", ""]);
});

Deno.test({
  name: "openSource() closes a file that can't be read, and throws",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const file = await Deno.open("/proc/self/mem");
    const error = await assertRejects(() => openSource(file, 0));
    assert(isUnavailable(error));
    assertThrows(() => file.close(), Deno.errors.BadResource);
  },
});

Deno.test("readinto() fills a buffer, and returns 0 at EOF", async () => {
  await using files = await folder({ "a": "hello world" });
  const bytes = new BytesFile(new TextEncoder().encode("hello world"));
  const file = await disk(files.in("a"), 8);
  for (const [source, rest] of [[bytes, "ld"], [file, ""]] as const) {
    using _source = source;
    const into = new Uint8Array(9);
    assertEquals(await source.readinto(into), 11 - 2 - (rest === "" ? 1 : 0));
    const left = await source.readinto(into);
    assertEquals(text(into.subarray(0, left)), rest);
    assertEquals(await source.readinto(into), 0);
  }
});

Deno.test("copyBlocks() doesn't mix the content of parallel copies", async () => {
  const SIZE = 1_000_000;
  const names = ["a", "b", "c", "d"];
  await using files = await folder(
    Object.fromEntries(names.map((name) => [name, name.repeat(SIZE)])),
  );
  const copies = [...names, ...names, ...names].map(async (name) => {
    using source = await disk(files.in(name), SIZE);
    const pieces: string[] = [];
    const writer = new ResponseWriter({
      async write(bytes) {
        // A slow client reads part of each block after the others continued.
        await new Promise((resolve) => setTimeout(resolve, 1));
        const part = bytes.subarray(0, 200_000);
        pieces.push(text(part));
        return part.length;
      },
    });
    await copyBlocks(source, writer);
    await writer.flush();
    assert(pieces.join("") === name.repeat(SIZE));
  });
  await Promise.all(copies);
});

Deno.test("BytesFile.read() returns a copy, which may be modified", () => {
  const content = new Uint8Array([1, 2, 3]);
  const file = new BytesFile(content);
  file.read(2).fill(0);
  file.read().fill(0);
  assertEquals(content, new Uint8Array([1, 2, 3]));
});
