// CRC-32 checksums of files. Those of files that have not changed for a while are
// remembered, so resumed downloads and ranges don't read the files again.

import { BoundedMap } from "../../../cache/bounded_map.ts";
import type { WalkedEntry } from "./walk.ts";

/** How many checksums are remembered: some 10 MB. */
const MAX_KNOWN = 65_536;

const known = new BoundedMap<number>(MAX_KNOWN);

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
  if (entry.settled) known.set(stateOf(entry), checksum);
}

function stateOf(entry: WalkedEntry): string {
  const { dev, ino, size, mtimeMs, ctimeMs, path } = entry;
  const file = ino === null || ino === 0 ? path : `${dev} ${ino}`;
  return `${size} ${mtimeMs} ${ctimeMs} ${file}`;
}
