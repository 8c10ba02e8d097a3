// Entity tags made of a file's content, each computed once for a state of the file.

import { BoundedMap } from "../../../cache/bounded_map.ts";
import { SETTLED } from "../../../cache/settled.ts";
import { markFileError } from "../../file_stat.ts";
import { isSameState, openSame, readUpTo, stateKey } from "./open_file.ts";
import { Slots } from "./slots.ts";
import { ContentHash, hashContent } from "./content_hash.ts";

/**
 * The largest file that is hashed on request, in bytes. Reading it takes about two
 * seconds, once; a client that waits much longer takes the server for dead.
 */
export const MAX_HASHED = 1024 * 1024 * 1024;

/** How many files are hashed at once: it all happens on one thread. */
const CONCURRENCY = 2;

/** How many large files' tags are kept, at some hundred bytes each. */
const MAX_TAGS = 4_096;

/** How much is read and hashed before other requests get their turn, in bytes: a fraction of a millisecond. */
const HASHED_AT_ONCE = 256 * 1024;

/** The tag of content in memory; it is forgotten together with the content. */
const small = new WeakMap<Uint8Array, string>();

/** The tag of a large file, by its state; the one used last comes last. */
const large = new BoundedMap<Promise<string | undefined>>(MAX_TAGS);

// Each waiting request has a connection, and those are bounded.
const slots = new Slots(CONCURRENCY, Infinity);

/**
 * The entity tag of content that is in memory.
 *
 * @param content The content, which must not change any more.
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
 * The entity tag of a large file's content.
 *
 * @param path The file's path.
 * @param info The file, as it was seen.
 * @param now The time, in milliseconds since the epoch.
 * @returns The tag; `undefined` for a file that is being changed, or is too large.
 * @throws {Error} The file can't be read just now.
 */
export function tagOfFile(
  path: string,
  info: Deno.FileInfo,
  now: number,
): Promise<string | undefined> {
  const age = now - (info.mtime?.getTime() ?? now);
  if (info.size > MAX_HASHED || age < SETTLED) {
    return Promise.resolve(undefined);
  }
  const key = stateKey(path, info);
  let tag = large.get(key);
  if (tag === undefined) {
    tag = hashFile(path, info);
    const forget = () => large.delete(key);
    // Another state could have the same key for as long as this file is new.
    const isNew = now - (info.ctime?.getTime() ?? 0) < SETTLED;
    // A failure says nothing about the next attempt.
    tag.then((made) => isNew || made === undefined ? forget() : true, forget);
  }
  // The one used last is evicted last.
  large.set(key, tag);
  return tag;
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
    const unchanged = isSameState(await file.stat(), info);
    return unchanged ? `"${hash.digest()}"` : undefined;
  } catch (error) {
    throw markFileError(error);
  } finally {
    slots.release();
  }
}
