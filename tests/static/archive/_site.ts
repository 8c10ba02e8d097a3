// A served folder with archives, and ways to read them.

import { crc32 } from "node:zlib";
import { assertEquals } from "@std/assert";
import type {
  StaticFileHandler,
  StaticFileOptions,
} from "../../../handlers/static/mod.ts";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import { CHANGED, type Site, site } from "../_site.ts";
import { inMemory, readZip } from "./_zip.ts";

/** A small tree: its archive has 1 + 6 entries. */
export const TREE: Readonly<Record<string, string>> = {
  "a.txt": "hello",
  "empty/": "",
  "sub/b.bin": "b".repeat(1_000),
  "sub/deep/c.txt": "",
};

/** Larger than the files that are read at once. */
export const LARGE = "0123456789abcdef".repeat(40_000);

/** Serves files and archives of them. Folders are as old as the files. */
export async function archives(
  files: Readonly<Record<string, string>> = TREE,
  options: StaticFileOptions = {},
  Handler?: typeof StaticFileHandler,
): Promise<Site> {
  const served = await site(files, { archive: true, ...options }, Handler);
  await ageFolders(served.folder.path);
  return served;
}

/** Makes folders old. */
export async function ageFolders(path: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) await ageFolders(`${path}/${name}`);
  }
  await Deno.utime(path, CHANGED, CHANGED);
}

/** Reads an archive in Latin-1, and returns the contents by name, without the outer folder. Folders are `null`. */
export function unzip(body: string): Record<string, string | null> {
  const bytes = encodeLatin1(body);
  const entries = readZip(inMemory(bytes));
  const [outer] = entries;
  const found: Record<string, string | null> = {};
  for (const { name, size, checksum, dataAt } of entries) {
    const content = bytes.subarray(dataAt, dataAt + size);
    assertEquals(checksum, crc32(content), name);
    assertEquals(name.startsWith(outer!.name), true);
    const rest = name.slice(outer!.name.length);
    found[rest] = name.endsWith("/") ? null : decodeLatin1(content);
  }
  return found;
}
