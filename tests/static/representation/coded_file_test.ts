import { assertEquals } from "@std/assert";
import { readCodedFile } from "../../../handlers/static/representation/coded_file.ts";
import { pureTest } from "../../_lib/pure.ts";

function read(coding: string, bytes: readonly number[]) {
  const file = Uint8Array.from(bytes);
  return readCodedFile(
    coding,
    file.length,
    (start, length) => file.subarray(start, start + length),
  );
}

const CUT = { complete: false } as const;

/** A complete gzip file of "hi": head, one stored block, CRC and size. */
const GZIP = [
  ...[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
  ...[1, 2, 0, 0xfd, 0xff, 0x68, 0x69],
  ...[0xac, 0x2a, 0x93, 0xd8],
  ...[2, 0, 0, 0],
];

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** A zstd block of raw bytes, the last one or not. */
function block(last: boolean, bytes: readonly number[], type = 0): number[] {
  const word = (bytes.length << 3) | (type << 1) | (last ? 1 : 0);
  return [word & 0xff, (word >> 8) & 0xff, word >> 16, ...bytes];
}

pureTest("readCodedFile() returns the size at the end of a gzip file", () => {
  assertEquals(read("gzip", GZIP), { complete: true, size: 2 });
  const large = [...GZIP.slice(0, -4), 0xff, 0xff, 0xff, 0xff];
  assertEquals(read("gzip", large), { complete: true, size: 2 ** 32 - 1 });
});

pureTest("readCodedFile() rejects other files as gzip", () => {
  assertEquals(read("gzip", []), CUT);
  assertEquals(read("gzip", GZIP.slice(0, 17)), CUT);
  assertEquals(read("gzip", new Array(100).fill(0)), CUT);
  assertEquals(read("gzip", GZIP.with(2, 7)), CUT);
  assertEquals(read("gzip", GZIP.with(0, 0x20)), CUT);
});

pureTest("readCodedFile() reads the frames of a zstd file to its end", () => {
  // Single segment, size of one byte; without a checksum, and with one.
  const frame = [...MAGIC, 0x20, 3, ...block(true, [1, 2, 3])];
  assertEquals(read("zstd", frame), { complete: true, size: 3 });
  const checked = [...MAGIC, 0x24, 3, ...block(true, [1, 2, 3]), 9, 9, 9, 9];
  assertEquals(read("zstd", checked), { complete: true, size: 3 });
  // Sizes of two, four and eight bytes; that of two counts from 256.
  const sizes: [head: number[], size: number | undefined][] = [
    [[0x60, 1, 0], 257],
    [[0xa0, 1, 1, 0, 0], 257],
    [[0xe0, 0, 0, 0, 0, 1, 0, 0, 0], 2 ** 32],
    [[0x40, 0x58, 1, 0], 257],
    [[0x00, 0x58], undefined],
    // With a dictionary of one and of four bytes.
    [[0x21, 7, 3], 3],
    [[0x23, 7, 7, 7, 7, 3], 3],
  ];
  for (const [head, size] of sizes) {
    const file = [...MAGIC, ...head, ...block(false, [1]), ...block(true, [])];
    assertEquals(read("zstd", file), { complete: true, size });
    assertEquals(read("zstd", file.slice(0, -1)), CUT);
    assertEquals(read("zstd", [...file, 0]), CUT);
  }
  // A run-length block: a length, and one byte.
  const run = [...MAGIC, 0x20, 5, (5 << 3) | 3, 0, 0, 65];
  assertEquals(read("zstd", run), { complete: true, size: 5 });
  // Several frames, one of which is skippable.
  const skipped = [0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
  const several = [...frame, ...skipped, ...checked];
  assertEquals(read("zstd", several), { complete: true, size: 6 });
});

pureTest("readCodedFile() detects truncated and invalid zstd files", () => {
  const file = [
    ...[...MAGIC, 0x24, 6],
    ...block(false, [1, 2, 3], 2),
    ...block(true, [4, 5, 6]),
    ...[9, 9, 9, 9],
  ];
  assertEquals(read("zstd", file), { complete: true, size: 6 });
  for (let length = 0; length < file.length; length++) {
    assertEquals(read("zstd", file.slice(0, length)), CUT, String(length));
  }
  assertEquals(read("zstd", new Array(100).fill(0)), CUT);
  // An undefined block type.
  assertEquals(read("zstd", [...MAGIC, 0x20, 0, 7, 0, 0]), CUT);
});

pureTest("readCodedFile() treats every Brotli file as complete", () => {
  assertEquals(read("br", [1]), { complete: true, size: undefined });
});
