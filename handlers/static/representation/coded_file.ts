// Whether a compressed file is complete, and its decoded size, as far as the format shows
// that without decoding. A compressor that is still running, or was stopped, leaves a file
// that begins like a complete one.

/** Reads bytes of a file; returns fewer than requested only at its end. */
export type ByteReader = (start: number, length: number) => Uint8Array;

/** What a compressed file's format shows. */
export type CodedFile =
  /** It is truncated, or in another format. */
  | { readonly complete: false }
  /** It is complete. The decoded size is `undefined` if the format doesn't include it. */
  | { readonly complete: true; readonly size: number | undefined };

const INCOMPLETE: CodedFile = Object.freeze({ complete: false });
const UNKNOWN: CodedFile = Object.freeze({ complete: true, size: undefined });

/** The most zstd blocks, of up to 128 KiB each, that are checked; more would take too long. */
const MAX_BLOCKS = 8_192;

/**
 * Checks a compressed file.
 *
 * @param coding Its content coding.
 * @param fileSize Its size in bytes.
 * @param read Reads bytes of it.
 * @returns What the format shows. Brotli shows nothing without decoding, so such a file
 * counts as complete.
 *
 * @example A truncated file
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new Uint8Array([0x1f, 0x8b, 8]);
 * const read = (start: number, length: number) =>
 *   bytes.subarray(start, start + length);
 * assertEquals(readCodedFile("gzip", bytes.length, read), { complete: false });
 * ```
 */
export function readCodedFile(
  coding: string,
  fileSize: number,
  read: ByteReader,
): CodedFile {
  if (coding === "gzip") return readGzip(fileSize, read);
  return coding === "zstd" ? readZstd(fileSize, read) : UNKNOWN;
}

/** RFC 1952 §2.3: a head of at least 10 bytes, and at the end the size modulo 2^32. */
function readGzip(fileSize: number, read: ByteReader): CodedFile {
  const [first, second, method] = read(0, 3);
  if (first !== 0x1f || second !== 0x8b || method !== 8 || fileSize < 18) {
    return INCOMPLETE;
  }
  return { complete: true, size: littleEndian(read(fileSize - 4, 4)) };
}

/** RFC 8878 §3.1: frames of blocks, each preceded by its length. */
function readZstd(fileSize: number, read: ByteReader): CodedFile {
  let at = 0;
  let size: number | undefined = 0;
  let blocks = 0;
  while (at < fileSize) {
    const magic = littleEndian(read(at, 4));
    if ((magic & ~0xf) >>> 0 === 0x184d2a50) {
      at += 8 + littleEndian(read(at + 4, 4));
      continue;
    }
    if (magic !== 0xfd2fb528) return INCOMPLETE;
    const head = readFrameHead(read(at + 4, 14));
    if (head === undefined) return INCOMPLETE;
    if (size !== undefined) {
      size = head.size === undefined ? undefined : size + head.size;
    }
    at += 4 + head.length;
    for (let last = false; !last;) {
      if (++blocks > MAX_BLOCKS) return { complete: true, size };
      const block = read(at, 3);
      if (block.length < 3) return INCOMPLETE;
      const word = littleEndian(block);
      const [type, length] = [(word >>> 1) & 3, word >>> 3];
      if (type === 3) return INCOMPLETE;
      last = (word & 1) === 1;
      // A run-length block has one byte.
      at += 3 + (type === 1 ? 1 : length);
    }
    if (head.checksum) at += 4;
  }
  return at === fileSize && fileSize > 0
    ? { complete: true, size }
    : INCOMPLETE;
}

/** RFC 8878 §3.1.1.1, after the magic number. */
function readFrameHead(
  bytes: Uint8Array,
): { length: number; checksum: boolean; size: number | undefined } | undefined {
  const descriptor = bytes[0];
  if (descriptor === undefined) return undefined;
  const single = (descriptor & 0x20) !== 0;
  const flag = descriptor >>> 6;
  const dictionary = [0, 1, 2, 4][descriptor & 3]!;
  const width = flag === 0 ? (single ? 1 : 0) : 1 << flag;
  const start = 1 + (single ? 0 : 1) + dictionary;
  if (bytes.length < start + width) return undefined;
  const value = littleEndian(bytes.subarray(start, start + width));
  const size = width === 0 ? undefined : width === 2 ? value + 256 : value;
  const checksum = (descriptor & 4) !== 0;
  return { length: start + width, checksum, size };
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
