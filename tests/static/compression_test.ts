// Compression on the fly: correct, cached, shared and bounded.

import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zlib from "node:zlib";
import { ByteBudget } from "../../cache/byte_budget.ts";
import { CompressionCache } from "../../handlers/static/representation/compression.ts";
import {
  availableCodings,
  type Coding,
} from "../../handlers/static/representation/compression_encoder.ts";
import { pureTest } from "../_lib/pure.ts";

const CODINGS: readonly Coding[] = ["zstd", "br", "gzip"];

/** Text that compresses to about a quarter, without repetition over a distance. */
function text(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    bytes[at] = 97 + (seed >>> 30);
  }
  return bytes;
}

/** Bytes that can't be compressed. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes;
}

function decode(coding: Coding, bytes: Uint8Array): Uint8Array {
  const decoders = {
    br: zlib.brotliDecompressSync,
    gzip: zlib.gunzipSync,
    zstd: zlib.zstdDecompressSync,
  };
  return new Uint8Array(decoders[coding](bytes));
}

function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Not `assertEquals`, which shows the difference of megabytes line by line. */
function assertSame(actual: Uint8Array, expected: Uint8Array, what: string) {
  assertEquals(actual.length, expected.length, what);
  assert(actual.every((byte, at) => byte === expected[at]), what);
}

const give = (bytes: Uint8Array<ArrayBuffer>) => () => Promise.resolve(bytes);

/** A source that records what was read from it, and whether it was closed. */
class Source implements AsyncIterable<Uint8Array> {
  taken = 0;
  closed = false;
  constructor(
    readonly blocks: number,
    readonly block: Uint8Array,
    readonly failAt = Infinity,
  ) {}
  async *[Symbol.asyncIterator]() {
    try {
      for (let n = 0; n < this.blocks; n++) {
        if (n === this.failAt) throw new RangeError("the disk is gone");
        this.taken += this.block.length;
        yield await Promise.resolve(this.block);
      }
    } finally {
      this.closed = true;
    }
  }
}

pureTest(
  "availableCodings() returns zstd, br and gzip, and needs no permission",
  () => {
    assertEquals(availableCodings(), CODINGS);
    assert(availableCodings() === availableCodings());
  },
);

pureTest(
  "compress() returns bytes that decompress to the file, for every coding and size",
  async () => {
    const cache = new CompressionCache(new ByteBudget(2 ** 26));
    for (const coding of CODINGS) {
      for (const size of [1_000, 16_383, 16_384, 16_385, 1_000_000]) {
        const content = text(size);
        const key = `${coding} ${size}`;
        const bytes = await cache.compress(key, coding, give(content));
        assert(bytes !== undefined && bytes.length < size / 2, key);
        assertSame(decode(coding, bytes!), content, key);
        assertEquals(bytes!.buffer.byteLength, bytes!.length, key);
      }
    }
  },
);

Deno.test("compress() keeps the zstd window within the 8 MiB that clients must support", async () => {
  const bytes = await new CompressionCache(new ByteBudget(2 ** 26))
    .compress("a", "zstd", give(text(100_000)));
  // RFC 8878 §3.1.1.1: after the magic number, a descriptor and, unless it is a single segment, the window.
  const [descriptor, window] = bytes!.subarray(4);
  assertEquals(descriptor! & 0x20, 0);
  const exponent = window! >> 3, mantissa = window! & 7;
  assert((1 << (10 + exponent)) * (1 + mantissa / 8) <= 8 * 1024 * 1024);
});

Deno.test("get() returns what compress() made, and nothing before", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26));
  assertEquals(cache.get("a"), undefined);
  const bytes = await cache.compress("a", "gzip", give(text(1_000)));
  assert(bytes !== undefined);
  assert(cache.get("a") === bytes);
  const again = await cache.compress("a", "gzip", () => {
    throw new Error("must not be read again");
  });
  assert(again === bytes);
});

Deno.test("compress() remembers a file that doesn't become smaller", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26));
  for (const coding of CODINGS) {
    for (const content of [new Uint8Array(), text(1), noise(300_000)]) {
      let reads = 0;
      const key = `${coding} ${content.length}`;
      const ask = () =>
        cache.compress(key, coding, () => {
          reads++;
          return Promise.resolve(content);
        });
      assertEquals([await ask(), await ask()], [undefined, undefined], key);
      assertEquals([reads, cache.get(key)], [1, undefined], key);
    }
  }
});

Deno.test("compress() shares the work of concurrent calls", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), {
    concurrency: 1,
  });
  let reads = 0;
  const results = await Promise.all(
    Array.from({ length: 100 }, () =>
      cache.compress("a", "br", () => {
        reads++;
        return Promise.resolve(text(50_000));
      })),
  );
  assertEquals(reads, 1);
  assert(results[0] !== undefined);
  assert(results.every((bytes) => bytes === results[0]));
});

Deno.test("compress() runs `concurrency` calls at once, lets 64 wait and rejects others", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), {
    concurrency: 2,
  });
  let running = 0, most = 0, reads = 0;
  const open = Promise.withResolvers<void>();
  const read = async () => {
    reads++;
    most = Math.max(most, ++running);
    await open.promise;
    running--;
    return text(1_000);
  };
  const jobs = Array.from(
    { length: 66 },
    (_, n) => cache.compress(`${n}`, "gzip", read),
  );
  assertEquals(await cache.compress("one more", "gzip", read), undefined);
  assertEquals(reads, 2);
  open.resolve();
  const results = await Promise.all(jobs);
  assert(results.every((bytes) => bytes !== undefined));
  assertEquals([reads, most], [66, 2]);
  // It was not remembered as incompressible.
  assert(await cache.compress("one more", "gzip", read) !== undefined);
});

Deno.test("compress() rejects for all that wait when reading fails, and then tries again", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), {
    concurrency: 1,
  });
  const fail = () => Promise.reject(new RangeError("the disk is gone"));
  const first = cache.compress("a", "gzip", fail);
  const second = cache.compress("a", "gzip", fail);
  await assertRejects(() => first, RangeError, "the disk is gone");
  await assertRejects(() => second, RangeError, "the disk is gone");
  assert(await cache.compress("a", "gzip", give(text(1_000))) !== undefined);
});

Deno.test("compress() and compressStream() fail cleanly for an unsupported coding", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), {
    concurrency: 1,
  });
  const lzma = "lzma" as Coding;
  const source = new Source(1, text(10));
  for (let n = 0; n < 2; n++) {
    await assertRejects(
      () => cache.compress("a", lzma, give(text(10))),
      TypeError,
      "Cannot compress: this runtime does not support lzma",
    );
    await assertRejects(
      () => Array.fromAsync(cache.compressStream(lzma, source)!),
      TypeError,
      "Cannot compress: this runtime does not support lzma",
    );
  }
  assertEquals(source.taken, 0);
});

Deno.test("CompressionCache evicts the least recently used", async () => {
  const sizes = new CompressionCache(new ByteBudget(2 ** 26));
  const one = await sizes.compress("a", "gzip", give(text(20_000)));
  const cache = new CompressionCache(new ByteBudget(2.5 * (one!.length + 514)));
  for (const key of ["a", "b"]) {
    await cache.compress(key, "gzip", give(text(20_000)));
  }
  assert(cache.get("a") !== undefined);
  await cache.compress("c", "gzip", give(text(20_000)));
  const held = ["a", "b", "c"].map((key) => cache.get(key) !== undefined);
  assertEquals(held, [true, false, true]);
});

Deno.test("CompressionCache returns, but doesn't cache, a result above its budget", async () => {
  const cache = new CompressionCache(new ByteBudget(1_000));
  await cache.compress("small", "gzip", give(text(1_000)));
  assert(await cache.compress("a", "gzip", give(text(100_000))) !== undefined);
  assertEquals(cache.get("a"), undefined);
  assert(cache.get("small") !== undefined);
});

Deno.test("compress() yields to other work while it compresses a large file", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26));
  let done = false, turns = 0;
  const job = cache.compress("a", "br", give(text(2_000_000)))
    .finally(() => done = true);
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    turns++;
  }
  assert(await job !== undefined);
  assert(turns >= 5, `${turns} turns`);
});

Deno.test("compressStream() returns bytes that decompress to the source, for every coding", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), {
    concurrency: 1,
  });
  for (const coding of CODINGS) {
    for (const blocks of [0, 1, 5]) {
      const source = new Source(blocks, text(100_000));
      const pieces = [];
      for await (const piece of cache.compressStream(coding, source)!) {
        pieces.push(piece);
      }
      const expected = concat(Array(blocks).fill(source.block));
      assertSame(decode(coding, concat(pieces)), expected, coding);
      assert(source.closed);
    }
  }
});

Deno.test("compressStream() returns undefined while no slot is free, and doesn't read the source", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), { streams: 1 });
  await using first = cache.compressStream("br", new Source(1, text(10)));
  const second = new Source(1, text(10));
  assertEquals(cache.compressStream("br", second), undefined);
  assertEquals(second.taken, 0);
  await first!.next();
  assertEquals(cache.compressStream("br", second), undefined);
  await first!.return();
  await using next = cache.compressStream("br", second);
  assert(next !== undefined);
});

Deno.test("compressStream() reads no further ahead than the compressor needs", async () => {
  const MB = 1_000_000;
  const sizes = { zstd: 200 * MB, br: 20 * MB, gzip: 20 * MB };
  for (const coding of CODINGS) {
    const size = sizes[coding];
    const block = new Uint8Array(50_000);
    let taken = 0;
    // New noise each time, so the output size shows how much of the source was read.
    const source = async function* () {
      for (; taken < size; taken += block.length) {
        yield await Promise.resolve(crypto.getRandomValues(block));
      }
    };
    const stream = new CompressionCache(new ByteBudget(2 ** 26)).compressStream(
      coding,
      source(),
    )!;
    let sent = 0, ahead = 0, pieces = 0;
    for await (const piece of stream) {
      ahead = Math.max(ahead, taken - sent);
      sent += piece.length;
      // The client pauses now and then, and nothing may happen meanwhile.
      if (++pieces % 100 === 0) {
        const before = taken;
        await new Promise((resolve) => setTimeout(resolve, 1));
        assertEquals(taken, before);
      }
    }
    assert(taken === size && sent >= size, coding);
    assert(ahead < 2 * MB, `${coding}: ${ahead} bytes ahead`);
  }
});

Deno.test("compressStream() frees everything when the consumer stops early", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), { streams: 1 });
  for (const coding of CODINGS) {
    const source = new Source(100, noise(100_000));
    for await (const piece of cache.compressStream(coding, source)!) {
      assert(piece.length > 0);
      break;
    }
    assert(source.closed && source.taken < 3_000_000, coding);
  }
  const source = new Source(1, text(10));
  const unread = cache.compressStream("gzip", source)!;
  await unread.return();
  assertEquals(await unread.next(), { done: true, value: undefined });
  // One slot, released each time and not twice.
  await using next = cache.compressStream("gzip", source);
  assert(next !== undefined);
  assertEquals(cache.compressStream("gzip", source), undefined);
});

Deno.test("compressStream() rethrows an error of the source, and frees everything", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), { streams: 1 });
  for (const coding of CODINGS) {
    for (const failAt of [0, 5]) {
      const source = new Source(10, noise(100_000), failAt);
      const stream = cache.compressStream(coding, source)!;
      await assertRejects(
        () => Array.fromAsync(stream),
        RangeError,
        "the disk is gone",
      );
      assert(source.closed);
    }
  }
});

Deno.test("compress() doesn't wait for streams with slow clients", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26), {
    concurrency: 1,
    streams: 1,
  });
  await using stream = cache.compressStream("gzip", new Source(9, text(9)))!;
  await stream.next();
  assert(await cache.compress("a", "gzip", give(text(1_000))) !== undefined);
});

Deno.test("compress() doesn't cache the result if keep is false", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26));
  const first = give(text(1_000));
  assert(await cache.compress("a", "gzip", first, false) !== undefined);
  assertEquals(cache.get("a"), undefined);
  const again = await cache.compress("a", "gzip", give(text(2_000)), false);
  assertEquals(zlib.gunzipSync(again!).length, 2_000);
});

Deno.test("compress() shares no work if keep is false", async () => {
  const cache = new CompressionCache(new ByteBudget(2 ** 26));
  const sizes = await Promise.all([1_000, 2_000].map(async (size) => {
    const bytes = await cache.compress("a", "gzip", give(text(size)), false);
    return zlib.gunzipSync(bytes!).length;
  }));
  assertEquals(sizes, [1_000, 2_000]);
});

Deno.test("compressStream() splits blocks of any size", async () => {
  const block = text(3_000_000);
  const stream = new CompressionCache(new ByteBudget(2 ** 26))
    .compressStream("gzip", new Source(1, block))!;
  const pieces = await Array.fromAsync(stream);
  assert(pieces.every(({ length }) => length <= 65_536));
  assertSame(decode("gzip", concat(pieces)), block, "gzip");
});
