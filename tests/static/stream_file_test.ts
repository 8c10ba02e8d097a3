// A body that is generated while it is sent: its bytes, and how it ends.

import { assertEquals, assertRejects } from "@std/assert";
import { StreamFile } from "../../handlers/static/representation/stream_file.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";

/** Pieces, and a record of the calls on them. */
class Pieces {
  readonly events: string[] = [];
  readonly origin: Disposable = {
    [Symbol.dispose]: () => {
      this.events.push("disposed");
    },
  };

  async *of(...pieces: (string | Error)[]): AsyncGenerator<Uint8Array> {
    try {
      for (const piece of pieces) {
        await Promise.resolve();
        if (piece instanceof Error) throw piece;
        yield encodeLatin1(piece);
      }
    } finally {
      this.events.push("ended");
    }
  }
}

/** Waits until everything pending is done. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("StreamFile returns its pieces in blocks of any size, and skips empty ones", async () => {
  for (const size of [1, 2, 3, 100]) {
    const pieces = new Pieces();
    using file = new StreamFile(pieces.of("abc", "", "d", "", "efgh", ""));
    const block = new Uint8Array(size);
    let text = "";
    for (;;) {
      const count = await file.readinto(block);
      if (count === 0) break;
      text += decodeLatin1(block.subarray(0, count));
    }
    assertEquals(text, "abcdefgh");
    assertEquals(await file.readinto(block), 0);
  }
});

Deno.test("StreamFile.read() returns the next piece, or a part of it", async () => {
  using file = new StreamFile(new Pieces().of("abc", "def"));
  const read = async (max?: number) => decodeLatin1(await file.read(max));
  assertEquals(file.size, Infinity);
  assertEquals(await read(), "abc");
  assertEquals(await read(2), "de");
  assertEquals(await read(), "f");
  assertEquals([await read(), await read(5)], ["", ""]);
});

Deno.test("StreamFile.close() ends the iterator first, then disposes of its origin, once", async () => {
  const pieces = new Pieces();
  const file = new StreamFile(pieces.of("abc", "def"), pieces.origin);
  await file.read();
  file.close();
  file.close();
  await settle();
  assertEquals(pieces.events, ["ended", "disposed"]);
});

Deno.test("StreamFile.close() waits for the piece in progress", async () => {
  const pieces = new Pieces();
  const file = new StreamFile(pieces.of("abc", "def"), pieces.origin);
  const reading = file.read();
  file.close();
  assertEquals(pieces.events, []);
  assertEquals(decodeLatin1(await reading), "abc");
  await settle();
  assertEquals(pieces.events, ["ended", "disposed"]);
});

Deno.test("StreamFile.close() disposes of the origin also if everything was read, or nothing", async () => {
  const read = new Pieces();
  const all = new StreamFile(read.of("abc"), read.origin);
  while ((await all.read()).length > 0);
  all.close();
  await settle();
  assertEquals(read.events, ["ended", "disposed"]);

  const unread = new Pieces();
  new StreamFile(unread.of("abc"), unread.origin).close();
  await settle();
  assertEquals(unread.events, ["disposed"]);
});

Deno.test("StreamFile rethrows errors of its iterator, and still disposes of its origin", async () => {
  const pieces = new Pieces();
  const fault = new TypeError("Cannot make a piece: it is a test");
  const file = new StreamFile(pieces.of("abc", fault), pieces.origin);
  await file.read();
  await assertRejects(() => file.read(), TypeError, "it is a test");
  file.close();
  await settle();
  assertEquals(pieces.events, ["ended", "disposed"]);
});

Deno.test("StreamFile.close() ignores an error of the piece in progress", async () => {
  const pieces = new Pieces();
  const file = new StreamFile(
    pieces.of(new TypeError("Cannot make a piece: it is a test")),
    pieces.origin,
  );
  const reading = assertRejects(() => file.read(), TypeError);
  file.close();
  await reading;
  await settle();
  assertEquals(pieces.events, ["ended", "disposed"]);
});
