// The tar format: ustar (POSIX.1-1988), with pax records (POSIX.1-2001) for values that
// don't fit. It has no checksums of contents, so any range can be sent at once. Pure.

import {
  type ArchiveEntry,
  isFolderEntry,
  type Layout,
  permissionsOf,
} from "./layout.ts";

const BLOCK = 512;

/** Two empty blocks. */
const END = new Uint8Array(2 * BLOCK);

/** The largest number of 11 octal digits: 8 GiB - 1 for a size, the year 2242 for a time. */
const MAX_OCTAL = 8 ** 11 - 1;

const MAX_NAME = 100;
const MAX_PREFIX = 155;

const encoder = new TextEncoder();

/**
 * Lays out a tar archive.
 *
 * @param entries The files and folders, in order.
 * @returns The layout.
 */
export function layOutTar(entries: readonly ArchiveEntry[]): Layout {
  const count = entries.length;
  const headerAt = new Float64Array(count + 1);
  const dataAt = new Float64Array(count);
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    headerAt[index] = at;
    at += headerSize(entry);
    dataAt[index] = at;
    at += padded(entry.size);
  }
  headerAt[count] = at;
  const tailAt = new Float64Array(count + 2).fill(at);
  tailAt[count + 1] = at + END.length;
  return {
    size: at + END.length,
    entries,
    headerAt,
    dataAt,
    tailAt,
    hasChecksums: false,
    header: (index) => header(entries[index]!),
    tail: (index) => index === count ? END : new Uint8Array(),
  };
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function secondsOf({ mtimeMs }: ArchiveEntry): number {
  return Math.floor((mtimeMs ?? 0) / 1000);
}

/** The pax records of an entry; "" if it needs none. */
function paxRecords(entry: ArchiveEntry): string {
  const { name, size } = entry;
  const seconds = secondsOf(entry);
  let records = "";
  if (splitName(name) === undefined) records += paxRecord("path", name);
  if (size > MAX_OCTAL) records += paxRecord("size", String(size));
  if (seconds < 0 || seconds > MAX_OCTAL) {
    records += paxRecord("mtime", String(seconds));
  }
  return records;
}

/** A record, which begins with its length, including the digits of that. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const size = encoder.encode(rest).length;
  let length = size + String(size).length;
  length = size + String(length).length;
  return length + rest;
}

function headerSize(entry: ArchiveEntry): number {
  const records = paxRecords(entry);
  if (records === "") return BLOCK;
  return 2 * BLOCK + padded(encoder.encode(records).length);
}

function header(entry: ArchiveEntry): Uint8Array {
  const { size } = entry;
  const seconds = secondsOf(entry);
  const [prefix, name] = splitName(entry.name) ?? ["", "long-name"];
  const type = isFolderEntry(entry) ? "5" : "0";
  const mode = permissionsOf(entry);
  const block = ustar({ prefix, name, type, mode, size, seconds });
  const records = encoder.encode(paxRecords(entry));
  if (records.length === 0) return block;
  const bytes = new Uint8Array(2 * BLOCK + padded(records.length));
  const fields = { mode: 0o644, size: records.length, seconds: 0 };
  bytes.set(ustar({ prefix: "", name: "PaxHeader", type: "x", ...fields }));
  bytes.set(records, BLOCK);
  bytes.set(block, bytes.length - BLOCK);
  return bytes;
}

/** Splits a name at a slash so that both parts fit; `undefined` if it is not ASCII or too long. */
function splitName(name: string): [prefix: string, name: string] | undefined {
  // deno-lint-ignore no-control-regex
  if (!/^[\x01-\x7f]*$/.test(name)) return undefined;
  if (name.length <= MAX_NAME) return ["", name];
  // The slash at the end of a folder is a part of its last name.
  const slash = name.lastIndexOf("/", Math.min(MAX_PREFIX, name.length - 2));
  return slash <= 0 || name.length - slash - 1 > MAX_NAME
    ? undefined
    : [name.slice(0, slash), name.slice(slash + 1)];
}

interface UstarFields {
  readonly prefix: string;
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly seconds: number;
}

function ustar(fields: UstarFields): Uint8Array {
  const { prefix, name, type, mode, size, seconds } = fields;
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(encoder.encode(text), at);
  put(0, name);
  put(100, octal(mode, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(seconds, 11));
  // The checksum is computed as if its field were blank.
  put(148, " ".repeat(8));
  put(156, type);
  put(257, "ustar\x0000");
  put(329, octal(0, 7));
  put(337, octal(0, 7));
  put(345, prefix);
  const sum = block.reduce((sum, byte) => sum + byte, 0);
  put(148, octal(sum, 6) + "\0 ");
  return block;
}

/** A number in octal digits; 0 if it is in a pax record instead. */
function octal(value: number, digits: number): string {
  const fits = value >= 0 && value < 8 ** digits;
  return (fits ? value : 0).toString(8).padStart(digits, "0");
}
