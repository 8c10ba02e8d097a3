// CRC-32 checksums of files. Those of files that have not changed for a while are
// remembered, so resumed downloads and ranges don't read the files again.

import { BoundedMap } from "../../../cache/bounded_map.ts";
import type { WalkedEntry } from "./walk.ts";

/** How many checksums are remembered: some 10 MB. */
const MAX_KNOWN = 65_536;

const known = new BoundedMap<number>(MAX_KNOWN);

/** How many checksums of parts are remembered: one for each client that has lost patience. */
const MAX_BEGUN = 256;

/** The checksum of the beginning of a file. */
export interface BegunChecksum {
  /** How many bytes. */
  readonly length: number;
  readonly sum: number;
}

const NOT_BEGUN: BegunChecksum = Object.freeze({ length: 0, sum: 0 });

const begun = new BoundedMap<BegunChecksum>(MAX_BEGUN);

let crc32Of: ((data: Uint8Array, value?: number) => number) | undefined;

/**
 * Computes a CRC-32 checksum, some 2 GB a second. The first call loads `node:zlib`.
 *
 * @param bytes The bytes.
 * @param before The checksum of the bytes before these.
 * @returns The checksum of all bytes.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  crc32Of ??= globalThis.process.getBuiltinModule("node:zlib").crc32;
  return crc32Of(bytes, before);
}

/**
 * Returns the checksum of a file.
 *
 * @param entry The file.
 * @returns The checksum; `undefined` if the file must be read first.
 */
export function knownChecksum(entry: WalkedEntry): number | undefined {
  if (entry.size === 0) return 0;
  return entry.settled ? known.get(stateOf(entry)) : undefined;
}

/**
 * Remembers the checksum of a file, unless a change might not show.
 *
 * @param entry The file, in the state in which it was read.
 * @param checksum Its checksum.
 */
export function rememberChecksum(entry: WalkedEntry, checksum: number): void {
  if (!entry.settled) return;
  const state = stateOf(entry);
  begun.delete(state);
  known.set(state, checksum);
}

/**
 * Returns the checksum of the beginning of a file, to continue from there.
 *
 * @param entry The file.
 * @returns The checksum and how many bytes it is of.
 */
export function begunChecksum(entry: WalkedEntry): BegunChecksum {
  return (entry.settled && begun.get(stateOf(entry))) || NOT_BEGUN;
}

/**
 * Remembers the checksum of the beginning of a file, which its client didn't wait for: a
 * client that retries would never get further otherwise.
 *
 * @param entry The file, in the state in which it was read.
 * @param checksum The checksum and how many bytes it is of.
 */
export function rememberBegun(
  entry: WalkedEntry,
  checksum: BegunChecksum,
): void {
  if (entry.settled) begun.set(stateOf(entry), checksum);
}

function stateOf(entry: WalkedEntry): string {
  const { dev, ino, size, mtimeMs, ctimeMs, path } = entry;
  const file = ino === null || ino === 0 ? path : `${dev} ${ino}`;
  return `${size} ${mtimeMs} ${ctimeMs} ${file}`;
}
