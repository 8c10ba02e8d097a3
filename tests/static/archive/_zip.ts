// A strict reader of zip archives, and archives without contents.

import { assert, assertEquals } from "@std/assert";
import type {
  ArchiveEntry,
  Layout,
} from "../../../handlers/static/archive/layout.ts";

/** The bytes of an archive, some of which may be made up. */
export interface ArchiveBytes {
  readonly size: number;
  /** Returns some of the bytes. */
  slice(start: number, end: number): Uint8Array;
}

/** An entry as a reader sees it. */
export interface ReadEntry {
  readonly name: string;
  readonly size: number;
  readonly checksum: number;
  readonly mode: number;
  /** In seconds since 1970; `undefined` without the extra field. */
  readonly mtime: number | undefined;
  readonly version: number;
  /** The offsets of its header and content. */
  readonly headerAt: number;
  readonly dataAt: number;
}

/** Facts of a facts-only entry. */
export function entry(
  name: string,
  size = 0,
  more: Partial<ArchiveEntry> = {},
): ArchiveEntry {
  return { name, size, mtimeMs: 1_709_294_400_000, mode: 0o644, ...more };
}

/** An archive with zeros for contents, so that it can be of any size. */
export function hollow(layout: Layout): ArchiveBytes {
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  const add = (at: number, bytes: Uint8Array) => pieces.push({ at, bytes });
  const count = layout.entries.length;
  for (let i = 0; i < count; i++) add(layout.headerAt[i]!, layout.header(i, i));
  for (let i = 0; i <= count; i++) add(layout.tailAt[i]!, layout.tail(i, i));
  return {
    size: layout.size,
    slice(start, end) {
      const slice = new Uint8Array(Math.max(0, end - start));
      let low = 0;
      for (let high = pieces.length; low < high;) {
        const middle = (low + high) >> 1;
        const { at, bytes } = pieces[middle]!;
        if (at + bytes.length <= start) low = middle + 1;
        else high = middle;
      }
      for (let i = low; i < pieces.length && pieces[i]!.at < end; i++) {
        const { at, bytes } = pieces[i]!;
        const from = Math.max(start, at);
        const to = Math.min(end, at + bytes.length);
        slice.set(bytes.subarray(from - at, to - at), from - start);
      }
      return slice;
    },
  };
}

/** Reads numbers one after the other. */
class Fields {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get left(): number {
    return this.#view.byteLength - this.#at;
  }

  u16(): number {
    return this.#view.getUint16((this.#at += 2) - 2, true);
  }

  u32(): number {
    return this.#view.getUint32((this.#at += 4) - 4, true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64((this.#at += 8) - 8, true));
  }

  skip(count: number): void {
    this.#at += count;
  }

  bytes(count: number): Uint8Array {
    const { buffer, byteOffset } = this.#view;
    return new Uint8Array(
      buffer,
      byteOffset + (this.#at += count) - count,
      count,
    );
  }
}

/** Reads the directory of an archive, and checks that headers and contents fill the rest. */
export function readZip(bytes: ArchiveBytes): ReadEntry[] {
  const end = readEnd(bytes);
  const directory = new Fields(bytes.slice(end.start, end.start + end.size));
  const entries: ReadEntry[] = [];
  for (let i = 0; i < end.count; i++) {
    entries.push(readCentral(directory, bytes));
  }
  assertEquals(directory.left, 0);
  let at = 0;
  for (const { headerAt, dataAt, size } of entries) {
    assertEquals(headerAt, at);
    at = dataAt + size;
  }
  assertEquals(at, end.start);
  return entries;
}

/** Reads the records at the end. */
export function readEnd(
  bytes: ArchiveBytes,
): { count: number; size: number; start: number; zip64: boolean } {
  const at = bytes.size - 22;
  const fields = new Fields(bytes.slice(at, bytes.size));
  assertEquals(fields.u32(), 0x06054b50);
  assertEquals(fields.u32(), 0);
  const [onDisk, count] = [fields.u16(), fields.u16()];
  assertEquals(onDisk, count);
  const [size, start] = [fields.u32(), fields.u32()];
  assertEquals(fields.u16(), 0);
  const needs64 = count === 0xffff || size === 0xffffffff ||
    start === 0xffffffff;
  if (!needs64) {
    assertEquals(start + size, at);
    return { count, size, start, zip64: false };
  }
  const locator = new Fields(bytes.slice(at - 20, at));
  assertEquals([locator.u32(), locator.u32()], [0x07064b50, 0]);
  const endAt = locator.u64();
  assertEquals(locator.u32(), 1);
  const large = new Fields(bytes.slice(endAt, at - 20));
  assertEquals([large.u32(), large.u64()], [0x06064b50, 44]);
  assertEquals([large.u16() & 0xff, large.u16()], [45, 45]);
  assertEquals([large.u32(), large.u32()], [0, 0]);
  const values = [large.u64(), large.u64(), large.u64(), large.u64()];
  assertEquals(large.left, 0);
  assertEquals(values[0], values[1]);
  const [, all = 0, length = 0, from = 0] = values;
  // Only values that don't fit are replaced by the largest number.
  assertEquals(count, Math.min(all, 0xffff));
  assertEquals(size, Math.min(length, 0xffffffff));
  assertEquals(start, Math.min(from, 0xffffffff));
  assertEquals(from + length, endAt);
  return { count: all, size: length, start: from, zip64: true };
}

function readCentral(fields: Fields, bytes: ArchiveBytes): ReadEntry {
  assertEquals(fields.u32(), 0x02014b50);
  const madeBy = fields.u16();
  assertEquals(madeBy >> 8, 3);
  const version = fields.u16();
  assertEquals(madeBy & 0xff, version);
  assertEquals([fields.u16(), fields.u16()], [1 << 11, 0]);
  const [time, date, checksum] = [fields.u16(), fields.u16(), fields.u32()];
  const sizes = [fields.u32(), fields.u32()];
  assertEquals(sizes[0], sizes[1]);
  const [nameLength, extraLength] = [fields.u16(), fields.u16()];
  assertEquals([fields.u16(), fields.u16(), fields.u16()], [0, 0, 0]);
  const [attributes, offset] = [fields.u32(), fields.u32()];
  const name = decode(fields.bytes(nameLength));
  assertEquals((attributes & 0x10) !== 0, name.endsWith("/"));
  const extra = readExtra(fields.bytes(extraLength));
  const large = [...extra.large];
  let [size = 0, headerAt] = [sizes[0], offset];
  if (size === 0xffffffff) {
    size = large.shift()!;
    assertEquals(large.shift(), size);
  }
  if (headerAt === 0xffffffff) headerAt = large.shift()!;
  assertEquals(large, []);
  assertEquals(version, extra.large.length > 0 ? 45 : 20);
  const local = readLocal(bytes, headerAt);
  assertEquals(
    { ...local, dataAt: 0, version: 0 },
    {
      name,
      time,
      date,
      checksum,
      size,
      mtime: extra.mtime,
      dataAt: 0,
      version: 0,
    },
  );
  const { dataAt } = local;
  const mode = attributes >>> 16;
  return {
    name,
    size,
    checksum,
    mode,
    mtime: extra.mtime,
    version,
    headerAt,
    dataAt,
  };
}

/** Reads a header in front of a file, as a reader of a stream does: it must say everything. */
export function readLocal(bytes: ArchiveBytes, at: number): {
  name: string;
  time: number;
  date: number;
  checksum: number;
  size: number;
  mtime: number | undefined;
  version: number;
  dataAt: number;
} {
  const fields = new Fields(bytes.slice(at, at + 30));
  assertEquals(fields.u32(), 0x04034b50);
  const version = fields.u16();
  // UTF-8, but no data descriptor; stored.
  assertEquals([fields.u16(), fields.u16()], [1 << 11, 0]);
  const [time, date, checksum] = [fields.u16(), fields.u16(), fields.u32()];
  const sizes = [fields.u32(), fields.u32()];
  assertEquals(sizes[0], sizes[1]);
  const [nameLength, extraLength] = [fields.u16(), fields.u16()];
  const dataAt = at + 30 + nameLength + extraLength;
  const name = decode(bytes.slice(at + 30, at + 30 + nameLength));
  const { large, mtime } = readExtra(bytes.slice(dataAt - extraLength, dataAt));
  let [size = 0] = sizes;
  if (size === 0xffffffff) {
    assertEquals(large.length, 2);
    assertEquals(large[0], large[1]);
    size = large[0]!;
  } else assertEquals(large, []);
  assertEquals(version, large.length > 0 ? 45 : 20);
  return { name, time, date, checksum, size, mtime, version, dataAt };
}

function readExtra(
  bytes: Uint8Array,
): { large: number[]; mtime: number | undefined } {
  const fields = new Fields(bytes);
  const large: number[] = [];
  let mtime: number | undefined;
  while (fields.left > 0) {
    const [id, size] = [fields.u16(), fields.u16()];
    if (id === 1) {
      for (let i = 0; i < size; i += 8) large.push(fields.u64());
      continue;
    }
    assertEquals([id, size, fields.bytes(1)[0]], [0x5455, 5, 1]);
    mtime = fields.u32() | 0;
  }
  return { large, mtime };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    .decode(bytes);
}

/** Bytes in memory. */
export function inMemory(bytes: Uint8Array): ArchiveBytes {
  return {
    size: bytes.length,
    slice(start, end) {
      assert(start >= 0 && end <= bytes.length);
      return bytes.slice(start, end);
    },
  };
}
