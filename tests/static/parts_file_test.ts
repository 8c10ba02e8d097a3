// Parts of a file with text between them, read in blocks of any size.

import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  PartsFile,
  takeParts,
} from "../../handlers/static/representation/parts_file.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import { type Folder, folder } from "../handlers/_folder.ts";

const DIGITS = "0123456789";

const PARTS = [
  "--b\r\n",
  { start: 2, length: 3 },
  "\r\n--b\r\n",
  { start: 0, length: 1 },
  { start: 9, length: 1 },
  "\r\n--b--\r\n",
] as const;

const JOINED = "--b\r\n234\r\n--b\r\n09\r\n--b--\r\n";

async function opened(
  files: Folder,
  parts: ConstructorParameters<typeof PartsFile>[1] = PARTS,
): Promise<PartsFile> {
  return new PartsFile(await Deno.open(files.in("a")), parts);
}

/** Everything that `readinto()` reads, into a buffer of this size. */
async function readAll(file: PartsFile, size: number): Promise<string> {
  const block = new Uint8Array(size);
  let text = "";
  for (;;) {
    const count = await file.readinto(block);
    if (count === 0) return text;
    text += decodeLatin1(block.subarray(0, count));
  }
}

Deno.test("PartsFile returns its parts in order, in blocks of any size", async () => {
  await using files = await folder({ a: DIGITS });
  for (const size of [1, 2, 3, 5, 7, 100]) {
    using file = await opened(files);
    assertEquals(file.size, JOINED.length);
    assertEquals(await readAll(file, size), JOINED);
    assertEquals(await file.readinto(new Uint8Array(size)), 0);
  }
});

Deno.test("PartsFile.read() returns at most the requested size, and nothing at the end", async () => {
  await using files = await folder({ a: DIGITS });
  for (const max of [1, 4, 1_000, -1, undefined]) {
    using file = await opened(files);
    let text = "";
    for (;;) {
      const piece = await file.read(max);
      if (piece.length === 0) break;
      if (max !== undefined && max > 0) {
        assertEquals(piece.length <= max, true);
      }
      text += decodeLatin1(piece);
    }
    assertEquals(text, JOINED);
  }
});

Deno.test("PartsFile ends where its file was truncated, without substituting other bytes", async () => {
  await using files = await folder({ a: DIGITS });
  using file = await opened(files);
  await Deno.truncate(files.in("a"), 4);
  assertEquals(await readAll(file, 100), "--b\r\n23");
});

Deno.test("PartsFile without parts is empty", async () => {
  await using files = await folder({ a: DIGITS });
  using file = await opened(files, []);
  assertEquals([file.size, await readAll(file, 10)], [0, ""]);
});

Deno.test("PartsFile.close() can be called again, and doesn't change the array of parts", async () => {
  await using files = await folder({ a: DIGITS });
  const parts = [...PARTS];
  const file = await opened(files, parts);
  await readAll(file, 10);
  file.close();
  file.close();
  assertEquals(parts, [...PARTS]);
});

Deno.test("takeParts() joins the parts of content in memory", () => {
  assertEquals(decodeLatin1(takeParts(encodeLatin1(DIGITS), PARTS)), JOINED);
  assertEquals(takeParts(encodeLatin1(DIGITS), []).length, 0);
});

Deno.test("takeParts() returns a single slice without copying it", () => {
  const content = encodeLatin1(DIGITS);
  const slice = takeParts(content, [{ start: 2, length: 3 }]);
  assertEquals(decodeLatin1(slice), "234");
  assertStrictEquals(slice.buffer, content.buffer);
});
