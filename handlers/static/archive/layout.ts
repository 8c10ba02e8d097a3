// The layout of an archive: which bytes are where, before any file is read. Pure.

import type { ByteSlice } from "../response/range.ts";

/** A file or folder in an archive. */
export interface ArchiveEntry {
  /** The path in the archive, with "/" between names and at the end of a folder. */
  readonly name: string;
  /** The size of a file in bytes; 0 for a folder. */
  readonly size: number;
  /** The modification time in milliseconds since the epoch; `null` if it is unknown. */
  readonly mtimeMs: number | null;
  /** The permission bits; `null` if the file system has none. */
  readonly mode: number | null;
}

/**
 * The offsets of an archive's parts: for each entry its header, content and padding, and
 * after the last entry a tail, such as a directory of all entries.
 */
export interface Layout {
  /** The size of the archive in bytes. */
  readonly size: number;
  /** The entries, in order. */
  readonly entries: readonly ArchiveEntry[];
  /** The offset of each entry's header; at last, that of the tail. */
  readonly headerAt: Float64Array;
  /** The offset of each entry's content. */
  readonly dataAt: Float64Array;
  /** The offset of each entry's part of the tail; then of its end; at last, the archive's size. */
  readonly tailAt: Float64Array;
  /** Whether headers and tail contain checksums. */
  readonly hasChecksums: boolean;
  /**
   * Makes the header of an entry.
   *
   * @param index The index of the entry.
   * @param checksum The CRC-32 of its content.
   * @returns The bytes.
   */
  header(index: number, checksum: number): Uint8Array;
  /**
   * Makes a part of the tail.
   *
   * @param index The index of an entry; their count for the end.
   * @param checksum The CRC-32 of the entry's content.
   * @returns The bytes.
   */
  tail(index: number, checksum: number): Uint8Array;
}

/** The permission bits of files and folders on file systems without them. */
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** The bits that are archived: setuid, setgid and sticky bits must not come from the network. */
const PERMISSIONS = 0o777;

/**
 * Whether an entry is a folder.
 *
 * @param entry The entry.
 * @returns `true` if it is.
 */
export function isFolderEntry({ name }: ArchiveEntry): boolean {
  return name.endsWith("/");
}

/**
 * Returns the permission bits of an entry.
 *
 * @param entry The entry.
 * @returns The bits of user, group and others.
 */
export function permissionsOf(entry: ArchiveEntry): number {
  const standard = isFolderEntry(entry) ? FOLDER_MODE : FILE_MODE;
  return (entry.mode ?? standard) & PERMISSIONS;
}

/**
 * Finds the last part that begins at or before an offset.
 *
 * @param starts The offsets of the parts, in ascending order; the first is at or before `at`.
 * @param at The offset.
 * @returns The index of the part.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(partAt(Float64Array.of(0, 10, 30), 29), 1);
 * ```
 */
export function partAt(starts: Float64Array, at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Sums up the sizes of the files that have to be read for checksums alone.
 *
 * @param layout The archive.
 * @param slices The slices of it that are to be sent.
 * @param isKnown Whether the checksum of an entry is known.
 * @returns The number of bytes, each file counted once.
 */
export function unknownBytes(
  layout: Layout,
  slices: readonly ByteSlice[],
  isKnown: (index: number) => boolean,
): number {
  const { entries, headerAt, dataAt, tailAt, hasChecksums } = layout;
  if (!hasChecksums || entries.length === 0) return 0;
  const needed = new Set<number>();
  for (const { start, length } of slices) {
    const end = start + length;
    for (let i = partAt(headerAt, start); i < entries.length; i++) {
      if (headerAt[i]! >= end) break;
      if (dataAt[i]! > start) needed.add(i);
    }
    const first = start < tailAt[0]! ? 0 : partAt(tailAt, start);
    for (let i = first; i < entries.length && tailAt[i]! < end; i++) {
      needed.add(i);
    }
  }
  let sum = 0;
  for (const index of needed) {
    const { size } = entries[index]!;
    if (size > 0 && !isKnown(index)) sum += size;
  }
  return sum;
}

/** What a range may cost in addition to its own bytes: a blink of an eye, from the disk cache. */
const MAX_EXTRA = 64 * 1024 * 1024;

/**
 * Decides whether slices of an archive are sent, or the whole.
 *
 * A resumed download is always continued. It may need the checksums of files that it
 * skips, for the directory at the end, but sending everything would read them as well. Any
 * other range is ignored if it would need much more reading than sending, such as the last
 * 22 bytes.
 *
 * @param layout The archive.
 * @param slices The slices.
 * @param isKnown Whether the checksum of an entry is known.
 * @returns `false` to send the whole archive.
 */
export function canSendSlices(
  layout: Layout,
  slices: readonly ByteSlice[],
  isKnown: (index: number) => boolean,
): boolean {
  const [first] = slices;
  if (slices.length === 1 && first!.start < layout.tailAt[0]!) {
    if (first!.start + first!.length === layout.size) return true;
  }
  const sent = slices.reduce((sum, { length }) => sum + length, 0);
  return unknownBytes(layout, slices, isKnown) <= sent + MAX_EXTRA;
}
