// The zip format (PKWARE's APPNOTE.TXT), with stored files only. Pure.
//
// All sizes are known in advance, and so are all offsets. The checksum is in front of the
// content, because readers of streams, such as Java's ZipInputStream, reject stored files
// with a data descriptor after them. The larger records of zip64 are used only for values
// that need them, since old readers don't know them.

import {
  type ArchiveEntry,
  isFolderEntry,
  type Layout,
  permissionsOf,
} from "./layout.ts";

/** The largest value of a field with 16 or 32 bits means "see the zip64 record". */
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;

const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
const ZIP64_END_SIZE = 56;
const ZIP64_LOCATOR_SIZE = 20;

/** The version that a reader needs: 2.0 for folders, 4.5 for zip64. */
const PLAIN_VERSION = 20;
const ZIP64_VERSION = 45;

/** Made on Unix, so readers restore permissions. */
const MADE_ON_UNIX = 3 << 8;

/** Names are UTF-8. */
const UTF_8 = 1 << 11;

const UNIX_FILE = 0o100000;
const UNIX_FOLDER = 0o040000;
const DOS_FOLDER = 0x10;

const ZIP64_EXTRA = 0x0001;
const TIME_EXTRA = 0x5455;
const TIME_EXTRA_SIZE = 9;

/** 1980-01-01, the first day of DOS. */
const FIRST_DATE = 0x0021;

const encoder = new TextEncoder();

/** The values of an entry that don't fit in 32 bits, for a zip64 record. */
function zip64Values(size: number, offset: number): number[] {
  // Readers expect both sizes in a local header, so always both.
  const values = size >= MAX_32 ? [size, size] : [];
  if (offset >= MAX_32) values.push(offset);
  return values;
}

function zip64Size(values: readonly number[]): number {
  return values.length === 0 ? 0 : 4 + 8 * values.length;
}

/**
 * Lays out a zip archive.
 *
 * @param entries The files and folders, in order. Each name has at most 65,535 bytes.
 * @returns The layout.
 */
export function layOutZip(entries: readonly ArchiveEntry[]): Layout {
  const count = entries.length;
  const headerAt = new Float64Array(count + 1);
  const dataAt = new Float64Array(count);
  const tailAt = new Float64Array(count + 2);
  const names = new Uint16Array(count);
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    const { name, size } = entry;
    names[index] = encoder.encode(name).length;
    headerAt[index] = at;
    at += LOCAL_SIZE + names[index]! + zip64Size(zip64Values(size, 0)) +
      timeExtraSize(entry);
    dataAt[index] = at;
    at += size;
  }
  headerAt[count] = at;
  for (const [index, entry] of entries.entries()) {
    const values = zip64Values(entry.size, headerAt[index]!);
    tailAt[index] = at;
    at += CENTRAL_SIZE + names[index]! + zip64Size(values) +
      timeExtraSize(entry);
  }
  tailAt[count] = at;
  const end = endRecords(count, headerAt[count]!, at);
  tailAt[count + 1] = at + end.length;
  return {
    size: at + end.length,
    entries,
    headerAt,
    dataAt,
    tailAt,
    hasChecksums: true,
    header: (index, checksum) => localHeader(entries[index]!, checksum),
    tail: (index, checksum) =>
      index === count
        ? end
        : centralHeader(entries[index]!, checksum, headerAt[index]!),
  };
}

/** Writes numbers of 16, 32 and 64 bits, and bytes, one after the other. */
class Record {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint16(this.#at, value, true);
      this.#at += 2;
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint32(this.#at, value, true);
      this.#at += 4;
    }
    return this;
  }

  u64(...values: number[]): this {
    for (const value of values) {
      this.#view.setBigUint64(this.#at, BigInt(value), true);
      this.#at += 8;
    }
    return this;
  }

  add(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  zip64(values: readonly number[]): this {
    if (values.length === 0) return this;
    return this.u16(ZIP64_EXTRA, 8 * values.length).u64(...values);
  }

  /** The time of modification, in UTC: the one of DOS has no time zone. */
  time(entry: ArchiveEntry): this {
    const seconds = unixTime(entry);
    if (seconds === undefined) return this;
    this.u16(TIME_EXTRA, TIME_EXTRA_SIZE - 4);
    this.bytes[this.#at++] = 1;
    return this.u32(seconds);
  }
}

function localHeader(entry: ArchiveEntry, checksum: number): Uint8Array {
  const { name, size } = entry;
  const encoded = encoder.encode(name);
  const values = zip64Values(size, 0);
  const extra = zip64Size(values) + timeExtraSize(entry);
  return new Record(LOCAL_SIZE + encoded.length + extra)
    .u32(0x04034b50)
    .u16(versionFor(values), UTF_8, 0, ...dosTime(entry))
    .u32(checksum, Math.min(size, MAX_32), Math.min(size, MAX_32))
    .u16(encoded.length, extra)
    .add(encoded).zip64(values).time(entry).bytes;
}

function centralHeader(
  entry: ArchiveEntry,
  checksum: number,
  offset: number,
): Uint8Array {
  const { name, size } = entry;
  const encoded = encoder.encode(name);
  const values = zip64Values(size, offset);
  const extra = zip64Size(values) + timeExtraSize(entry);
  const version = versionFor(values);
  const folder = isFolderEntry(entry);
  const mode = permissionsOf(entry) | (folder ? UNIX_FOLDER : UNIX_FILE);
  return new Record(CENTRAL_SIZE + encoded.length + extra)
    .u32(0x02014b50)
    .u16(MADE_ON_UNIX | version, version, UTF_8, 0, ...dosTime(entry))
    .u32(checksum, Math.min(size, MAX_32), Math.min(size, MAX_32))
    // Without a comment, on the first disk, without internal attributes.
    .u16(encoded.length, extra, 0, 0, 0)
    .u32(mode * 0x10000 + (folder ? DOS_FOLDER : 0), Math.min(offset, MAX_32))
    .add(encoded).zip64(values).time(entry).bytes;
}

/** The end of the central directory, which begins and ends at these offsets. */
function endRecords(count: number, start: number, end: number): Uint8Array {
  const size = end - start;
  const needsZip64 = count >= MAX_16 || size >= MAX_32 || start >= MAX_32;
  const more = needsZip64 ? ZIP64_END_SIZE + ZIP64_LOCATOR_SIZE : 0;
  const record = new Record(more + END_SIZE);
  if (needsZip64) {
    record.u32(0x06064b50).u64(ZIP64_END_SIZE - 12)
      .u16(MADE_ON_UNIX | ZIP64_VERSION, ZIP64_VERSION).u32(0, 0)
      .u64(count, count, size, start)
      .u32(0x07064b50, 0).u64(end).u32(1);
  }
  const entries = Math.min(count, MAX_16);
  return record.u32(0x06054b50).u16(0, 0, entries, entries)
    .u32(Math.min(size, MAX_32), Math.min(start, MAX_32)).u16(0).bytes;
}

function versionFor(zip64: readonly number[]): number {
  return zip64.length === 0 ? PLAIN_VERSION : ZIP64_VERSION;
}

/** The time in seconds since 1970; `undefined` if it is unknown or needs more than 32 bits. */
function unixTime({ mtimeMs }: ArchiveEntry): number | undefined {
  if (mtimeMs === null) return undefined;
  const seconds = Math.floor(mtimeMs / 1000);
  return seconds === (seconds | 0) ? seconds : undefined;
}

function timeExtraSize(entry: ArchiveEntry): number {
  return unixTime(entry) === undefined ? 0 : TIME_EXTRA_SIZE;
}

/** The time and date of DOS, between 1980 and 2107, in steps of two seconds. */
function dosTime({ mtimeMs }: ArchiveEntry): [time: number, date: number] {
  const date = new Date(mtimeMs ?? NaN);
  const year = date.getUTCFullYear();
  if (!(year >= 1980)) return [0, FIRST_DATE];
  if (year > 2107) return [0xbf7d, 0xff9f];
  return [
    date.getUTCHours() << 11 | date.getUTCMinutes() << 5 |
    date.getUTCSeconds() >> 1,
    (year - 1980) << 9 | (date.getUTCMonth() + 1) << 5 | date.getUTCDate(),
  ];
}
