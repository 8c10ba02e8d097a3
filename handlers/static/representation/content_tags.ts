// Entity tags from hashes of content, each computed once per state of a file.

import { BoundedMap } from "../../../cache/bounded_map.ts";
import { SETTLED } from "../../../cache/settled.ts";
import { markFileError, modifiedAt, statOpened } from "../../file_stat.ts";
import { isUntouched, openSame, readUpTo, stateKey } from "./open_file.ts";
import { Slots } from "./slots.ts";
import { ContentHash, hashContent } from "./content_hash.ts";

/**
 * The largest file that is read before its head is sent, in bytes. Its ETag is a hash of
 * its content. Only the size decides, so a file never switches to another kind of ETag.
 */
export const MAX_IN_MEMORY: number = 256 * 1024;

/**
 * The largest file that is hashed, in bytes. Reading it takes about two seconds, once; much
 * longer, and clients would take the server for dead.
 */
export const MAX_HASHED = 1024 * 1024 * 1024;

/** How many files are hashed at once. It all happens on one thread. */
const CONCURRENCY = 2;

/** How many tags of large files are kept, at a few hundred bytes each. */
const MAX_TAGS = 4_096;

/** How much is hashed before other requests get a turn, in bytes: a fraction of a millisecond. */
const HASHED_AT_ONCE = 256 * 1024;

/** The tags of content in memory. */
const small = new WeakMap<Uint8Array, string>();

/** The tags of large files, by state; the most recently used comes last. */
const large = new BoundedMap<Promise<string | undefined>>(MAX_TAGS);

// No queue limit: each waiting request has a connection, and those are bounded.
const slots = new Slots(CONCURRENCY, Infinity);

/**
 * Returns the entity tag of content in memory.
 *
 * @param content The content, which must not change afterwards.
 * @returns The tag with its quotation marks.
 */
export function tagOfContent(content: Uint8Array): string {
  let tag = small.get(content);
  if (tag === undefined) {
    tag = `"${hashContent(content)}"`;
    small.set(content, tag);
  }
  return tag;
}

/**
 * Returns the entity tag of a large file's content.
 *
 * @param path The file's path.
 * @param info The file's stat result.
 * @param now The time, in milliseconds since the epoch.
 * @returns The tag; `undefined` if the file is changing, or was changed so recently that a further
 * change might not show. It is at most `MAX_HASHED` long.
 * @throws {Error} The file can't be read just now.
 */
export function tagOfFile(
  path: string,
  info: Deno.FileInfo,
  now: number,
): Promise<string | undefined> {
  const modified = modifiedAt(info);
  const changed = info.ctime?.getTime();
  const age = now - (modified ?? changed ?? 0);
  if (age < SETTLED) return Promise.resolve(undefined);
  const key = stateKey(path, info);
  const isNew = now - (changed ?? 0) < SETTLED;
  const isTimeless = modified === null && changed === undefined;
  if (isNew || isTimeless) return hashAfterNow(key, path, info);
  let tag = large.get(key);
  if (tag === undefined) {
    tag = hashFile(path, info);
    const forget = () => large.delete(key);
    // Failures are not cached.
    tag.then((made) => {
      if (made === undefined) forget();
    }, forget);
  }
  // Mark it as recently used.
  large.set(key, tag);
  return tag;
}

/** The hashes of files whose next state could have the same key: those that run, and the next ones. */
const running = new Map<string, Promise<string | undefined>>();
const waiting = new Map<string, Promise<string | undefined>>();

/**
 * Hashes a file whose key says nothing about its content. A request must not get a hash that began
 * before it, but shares the next one, so that many requests cause no more than two.
 */
function hashAfterNow(
  key: string,
  path: string,
  info: Deno.FileInfo,
): Promise<string | undefined> {
  const start = () => {
    waiting.delete(key);
    const job = hashFile(path, info).finally(() => {
      if (running.get(key) === job) running.delete(key);
    });
    running.set(key, job);
    return job;
  };
  const before = running.get(key);
  if (before === undefined) return start();
  let next = waiting.get(key);
  // Whether the one before fails doesn't matter.
  if (next === undefined) waiting.set(key, next = before.then(start, start));
  return next;
}

async function hashFile(
  path: string,
  info: Deno.FileInfo,
): Promise<string | undefined> {
  await slots.take();
  try {
    using file = await openSame(path, info);
    if (file === undefined) return undefined;
    const hash = new ContentHash();
    for (let left = info.size; left > 0;) {
      const block = await readUpTo(file, Math.min(left, HASHED_AT_ONCE));
      if (block.length === 0) return undefined;
      hash.update(block);
      left -= block.length;
    }
    const unchanged = isUntouched(await statOpened(file, path), info);
    return unchanged ? `"${hash.digest()}"` : undefined;
  } catch (error) {
    throw markFileError(error);
  } finally {
    slots.release();
  }
}
