// Entity tags (RFC 9110, 8.8.3): making one of what is known about a file, reading the
// lists of them that requests carry, and the two ways to compare.

import { SETTLED } from "../../../cache/settled.ts";

/** What is known about a file's content without reading it. */
export interface FileVersion {
  /** Size in bytes. */
  readonly size: number;
  /** When the content was changed, in milliseconds since the epoch; `null` if the file system does not say. */
  readonly mtimeMs: number | null;
}

/** One entity tag. */
export interface EntityTag {
  /** Whether it stands for "much the same" rather than for the same bytes. */
  readonly weak: boolean;
  /** What stands between the quotation marks. */
  readonly opaque: string;
}

/** What an If-Match or If-None-Match field names: any representation, or some. */
export type EntityTagList = "*" | readonly EntityTag[];

/**
 * Makes the entity tag of a file whose content was not read, as a field's value.
 *
 * It holds nothing that differs between two servers with the same files, such as an
 * inode. It is strong if size and time can be trusted to identify the bytes. Just after
 * a change they can't (RFC 9110 §8.8.1): the tag is then weak and contains the time of
 * the response, so that it never equals that of a later one and no client keeps a stale
 * file. It is also weak if the time is unknown or in the future.
 *
 * @param file The file.
 * @param now The time of the response, in milliseconds since the epoch.
 * @returns The tag with its quotation marks.
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
  // Decimal, since writing such large numbers in another base takes five times as long.
  let opaque = String(size);
  if (mtimeMs !== null) opaque += "-" + Math.trunc(mtimeMs);
  const age = mtimeMs === null ? -Infinity : now - mtimeMs;
  if (age >= SETTLED) return '"' + opaque + '"';
  if (age > -SETTLED) opaque += "-at-" + Math.trunc(now);
  return 'W/"' + opaque + '"';
}

/**
 * Makes the entity tag of another coding of a file, whose bytes differ (RFC 9110
 * §8.8.3.3).
 *
 * @param tag The tag of the file as it is, or of the file that holds the coded bytes.
 * @param coding The content coding.
 * @param made Whether the bytes are made for the response: they need not be the same the
 * next time, so the tag is weak.
 * @returns The tag with its quotation marks.
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

// A tag may hold a comma, so the list is read tag by tag. Each expression takes a run
// of one kind of characters and none can take back what another took: linear time.
const BETWEEN = /[ \t,]*/y;
const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y;
const AFTER = /[ \t]*(?:,|$)/y;

/**
 * Reads the value of If-Match, If-None-Match or ETag.
 *
 * @param value The value; lines of the same field joined by commas.
 * @returns The tags, or `"*"`; `undefined` where the value is malformed anywhere.
 *
 * @example A list, a star, and what is neither
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
 * Reads a value that is one entity tag, as those of ETag and If-Range are.
 *
 * @param value The value.
 * @returns The tag, `undefined` where the value is anything else.
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

/** Where a match that begins at a place ends. */
function endOf(sticky: RegExp, text: string, at: number): number | undefined {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}

/**
 * Compares by the strong function (8.8.3.2): both tags strong, and the same text.
 *
 * @param a One tag.
 * @param b The other.
 * @returns Whether they stand for the same bytes.
 *
 * @example A weak tag equals nothing, not even itself
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
 * Compares by the weak function (8.8.3.2): the same text, weak or not.
 *
 * @param a One tag.
 * @param b The other.
 * @returns Whether one may be used in place of the other.
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
