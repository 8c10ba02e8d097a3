// Entity tags (RFC 9110 §8.8.3): made from a file's size and time, parsed from requests, and
// compared in the two defined ways. Up to 256 KiB, a file's tag is a hash of its content
// instead (`representation/content_tags.ts`); `forms.ts` chooses.

import { SETTLED } from "../../../cache/settled.ts";

/** Facts about a file that don't require reading it. */
export interface FileVersion {
  /** Size in bytes. */
  readonly size: number;
  /** The modification time, in milliseconds since the epoch; `null` if the file system has none. */
  readonly mtimeMs: number | null;
}

/** One entity tag. */
export interface EntityTag {
  /** Whether it is weak: equal tags mean equivalent content, not the same bytes. */
  readonly weak: boolean;
  /** The text between the quotation marks. */
  readonly opaque: string;
}

/** The value of If-Match or If-None-Match; "*" matches any representation. */
export type EntityTagList = "*" | readonly EntityTag[];

/**
 * Makes the entity tag of a file whose content was not read.
 *
 * It contains nothing that differs between servers with the same files, such as an inode.
 * It is strong if the file has not changed for a while. Just after a change, a second one
 * could leave the same size and time (RFC 9110 §8.8.1), so the tag is weak and contains the
 * time of the response, and never equals a later tag. The same if the time is unknown, since the
 * size alone says little. It is also weak if the time is in the future.
 *
 * A file that is replaced by one of the same size and time, as `cp -p` and reproducible
 * builds do, keeps its tag: clients get 304, and keep the old file. `etag: "content"` is for
 * such files.
 *
 * @param file The file.
 * @param now The time of the response, in milliseconds since the epoch.
 * @returns The value of ETag.
 *
 * @example A file that has not changed for a day, and one that has just changed
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const file = { size: 255, mtimeMs: 4096 };
 * assertEquals(makeEntityTag(file, 86_400_000), '"255-4096"');
 * assertEquals(makeEntityTag(file, 4097), 'W/"255-4096-at-4097"');
 * ```
 */
export function makeEntityTag(file: FileVersion, now: number): string {
  const { size, mtimeMs } = file;
  // Decimal, because formatting such large numbers in another base takes five times as long.
  let opaque = String(size);
  if (mtimeMs !== null) opaque += "-" + Math.trunc(mtimeMs);
  const age = mtimeMs === null ? 0 : now - mtimeMs;
  if (age >= SETTLED) return '"' + opaque + '"';
  if (age > -SETTLED) opaque += "-at-" + Math.trunc(now);
  return 'W/"' + opaque + '"';
}

/**
 * Makes the entity tag of a coded form, whose bytes differ (RFC 9110 §8.8.3.3).
 *
 * @param tag The tag of the plain file, or of the precompressed file.
 * @param coding The content coding.
 * @param made Whether the bytes are made for this response: the next time they may differ,
 * so the tag is weak.
 * @returns The value of ETag.
 *
 * @example Compressed beforehand, and on the fly
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(codedEntityTag('"a"', "gzip", false), '"a-gzip"');
 * assertEquals(codedEntityTag('"a"', "gzip", true), 'W/"a-gzip"');
 * ```
 */
export function codedEntityTag(
  tag: string,
  coding: string,
  made: boolean,
): string {
  const coded = tag.slice(0, -1) + "-" + coding + '"';
  return made && !coded.startsWith("W/") ? "W/" + coded : coded;
}

// A tag may contain a comma, so the list is parsed tag by tag. No two adjacent parts of
// these patterns match the same characters, so they take linear time.
const BETWEEN = /[ \t,]*/y;
const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y;
const AFTER = /[ \t]*(?:,|$)/y;

/**
 * Parses the value of If-Match, If-None-Match or ETag.
 *
 * @param value The value; several lines joined by commas.
 * @returns The tags, or `"*"`; `undefined` if any part is malformed.
 *
 * @example A list, an asterisk, and a malformed value
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseEntityTags('W/"a", "b,c"'), [
 *   { weak: true, opaque: "a" },
 *   { weak: false, opaque: "b,c" },
 * ]);
 * assertEquals(parseEntityTags("*"), "*");
 * assertEquals(parseEntityTags("a"), undefined);
 * ```
 */
export function parseEntityTags(value: string): EntityTagList | undefined {
  if (value === "*") return "*";
  const tags: EntityTag[] = [];
  let at = endOf(BETWEEN, value, 0)!;
  while (at < value.length) {
    TAG.lastIndex = at;
    const found = TAG.exec(value);
    if (found === null) return undefined;
    tags.push({ weak: found[1] !== undefined, opaque: found[2]! });
    const next = endOf(AFTER, value, TAG.lastIndex);
    if (next === undefined) return undefined;
    at = endOf(BETWEEN, value, next)!;
  }
  return tags.length === 0 ? undefined : tags;
}

/**
 * Parses a single entity tag, as in ETag and If-Range.
 *
 * @param value The value.
 * @returns The tag; `undefined` if the value is anything else.
 *
 * @example A tag, and a list of two
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseEntityTag('"a"'), { weak: false, opaque: "a" });
 * assertEquals(parseEntityTag('"a", "b"'), undefined);
 * ```
 */
export function parseEntityTag(value: string): EntityTag | undefined {
  const tags = parseEntityTags(value);
  return tags === undefined || tags === "*" || tags.length > 1
    ? undefined
    : tags[0];
}

/** The end of a match that begins at an index. */
function endOf(sticky: RegExp, text: string, at: number): number | undefined {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}

/**
 * Strong comparison (RFC 9110 §8.8.3.2): both tags are strong and have the same text.
 *
 * @param a One tag.
 * @param b The other.
 * @returns Whether they identify the same bytes.
 *
 * @example A weak tag matches nothing, not even itself
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const strong = { weak: false, opaque: "a" };
 * const weak = { weak: true, opaque: "a" };
 * assert(strongMatch(strong, strong));
 * assertFalse(strongMatch(weak, weak));
 * ```
 */
export function strongMatch(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.opaque === b.opaque;
}

/**
 * Weak comparison (RFC 9110 §8.8.3.2): the tags have the same text, weak or not.
 *
 * @param a One tag.
 * @param b The other.
 * @returns Whether they identify equivalent content.
 *
 * @example Weak and strong
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(weakMatch({ weak: true, opaque: "a" }, { weak: false, opaque: "a" }));
 * ```
 */
export function weakMatch(a: EntityTag, b: EntityTag): boolean {
  return a.opaque === b.opaque;
}
