// The forms of a file: plain, and coded as the client prefers. Everything about a form is
// found here, so `answerFor()` doesn't have to look at the file again.

import type { MaybePromise } from "../../connection/files.ts";
import { cachedContent } from "../file_cache.ts";
import { isOutOfReach, markFileError, modifiedAt } from "../file_stat.ts";
import { after } from "./after.ts";
import { codedOnTheFly, codingsFor } from "./representation/compress_file.ts";
import {
  MAX_HASHED,
  MAX_IN_MEMORY,
  tagOfContent,
  tagOfFile,
} from "./representation/content_tags.ts";
import type { Exchange } from "./exchange.ts";
import type { FoundFile, Resolved } from "./found.ts";
import type { Representation } from "./representation/representation.ts";
import {
  type OpenedFile,
  openFirst,
  readUpTo,
} from "./representation/open_file.ts";
import { chooseCoding } from "./representation/accept.ts";
import { isCompressible } from "./representation/compressible.ts";
import { codedEntityTag, makeEntityTag } from "./response/entity_tag.ts";
import { listField } from "./response/fields.ts";
import { mergeVary } from "./response/vary.ts";
import {
  type CompressedSibling,
  findSiblings,
} from "./representation/siblings.ts";
import { openUnsized } from "./representation/unsized_file.ts";

const NO_SIBLINGS: readonly CompressedSibling[] = Object.freeze([]);

/** Where a file was found, before its content was looked at. */
export type FileAt = Pick<FoundFile, "folder" | "name" | "type" | "vary"> & {
  readonly path: string;
};

/** The coded form, if any, and whether it depends on the request. */
interface Coded {
  readonly form: Representation | null;
  readonly negotiated: boolean;
}

const NOT_CODED: Coded = Object.freeze({ form: null, negotiated: false });
const NOT_WANTED: Coded = Object.freeze({ form: null, negotiated: true });

/**
 * Finds the forms of a file.
 *
 * @param exchange The request.
 * @param at Where the file is.
 * @param info The file, as it was just seen.
 * @returns The file, or whatever is there by now.
 * @throws {Error} The file can't be read just now.
 */
export function formsOf(
  exchange: Exchange,
  at: FileAt,
  info: Deno.FileInfo,
): MaybePromise<Resolved> {
  const plain = plainForm(exchange, at.path, info);
  const coding = exchange.site.codingOf(at.path);
  if (coding !== undefined) return formNamed(exchange, at, plain, coding);
  if (plain === undefined) return lookAgain(exchange, at);
  return plain instanceof Promise
    ? plain.then((plain) => withCoded(exchange, at, plain))
    : withCoded(exchange, at, plain);
}

/** The only form of a file whose name implies a coding, such as `a.svgz`. */
function formNamed(
  exchange: Exchange,
  at: FileAt,
  plain: MaybePromise<Representation> | undefined,
  coding: string,
): MaybePromise<Resolved> {
  return plain === undefined
    ? lookAgain(exchange, at)
    : after(plain, (plain) => foundFile(at, { ...plain, coding }, null, false));
}

function withCoded(
  exchange: Exchange,
  at: FileAt,
  plain: Representation,
): MaybePromise<Resolved> {
  const coded = codedForm(exchange, at, plain);
  return coded instanceof Promise
    ? coded.then(({ form, negotiated }) =>
      foundFile(at, plain, form, negotiated)
    )
    : foundFile(at, plain, coded.form, coded.negotiated);
}

/**
 * Looks again at a file that changed after it was found. Opens it first, so that nothing
 * can change in between. It is sent without compression.
 *
 * @param exchange The request.
 * @param at Where the file is.
 * @returns The file, already open if it is large; or that it is missing.
 * @throws {Error} The file can't be read just now.
 */
export async function lookAgain(
  exchange: Exchange,
  at: FileAt,
): Promise<Resolved> {
  const opened = await openFirst(at.folder, at.path);
  exchange.now = Date.now();
  if (opened === undefined) return { kind: "missing", vary: at.vary };
  const plain = await openedForm(exchange, at.path, opened);
  const { codingOf, compressMinSize, precompressed } = exchange.site;
  const coding = codingOf(at.path);
  if (coding !== undefined) {
    return foundFile(at, { ...plain, coding }, null, false);
  }
  const negotiated = (compressMinSize !== undefined || precompressed) &&
    isCompressible(at.type);
  return foundFile(at, plain, null, negotiated);
}

function foundFile(
  { folder, name, type, vary }: FileAt,
  plain: Representation,
  coded: Representation | null,
  negotiated: boolean,
): FoundFile {
  if (negotiated) {
    vary = vary === ""
      ? "Accept-Encoding"
      : mergeVary(vary, ["Accept-Encoding"]);
  }
  return { kind: "file", folder, name, type, plain, coded, vary };
}

/** The plain file; `undefined` if its content doesn't match its size. */
function plainForm(
  exchange: Exchange,
  path: string,
  info: Deno.FileInfo,
): MaybePromise<Representation> | undefined {
  const { size } = info;
  if (size > MAX_IN_MEMORY) {
    const tag = tagOfLarge(exchange, path, info);
    return after(tag, (etag) => {
      const lastModified = modified(info, exchange.now);
      return { path, info, size, etag, lastModified, made: "stored" };
    });
  }
  // Virtual files, such as those in /proc, have the size 0.
  const content = size === 0 ? undefined : contentOf(path, info);
  if (content?.length !== size) return undefined;
  const etag = tagOfContent(content);
  const lastModified = modified(info, exchange.now);
  return { path, info, size, etag, lastModified, made: "stored", content };
}

/** The form of a file that was opened first. */
async function openedForm(
  exchange: Exchange,
  path: string,
  { file, info }: OpenedFile,
): Promise<Representation> {
  using guard = new DisposableStack();
  guard.use(file);
  const lastModified = modified(info, exchange.now);
  if (info.size > MAX_IN_MEMORY) {
    const etag = await tagOfLarge(exchange, path, info);
    guard.move();
    const { size } = info;
    return { path, info, size, etag, lastModified, made: "stored", file };
  }
  if (info.size === 0) {
    // openUnsized() closes the file.
    guard.move();
    const source = await openUnsized(file);
    if (source.size !== Infinity) {
      return contentForm(path, info, lastModified, await source.read());
    }
    const facts = { size: Infinity, etag: "", lastModified: null } as const;
    return { path, info, ...facts, made: "streamed", source };
  }
  const content = await readUpTo(file, info.size);
  return contentForm(path, info, lastModified, content);
}

function contentForm(
  path: string,
  info: Deno.FileInfo,
  lastModified: number | null,
  content: Uint8Array,
): Representation {
  return {
    path,
    info,
    size: content.length,
    etag: tagOfContent(content),
    // The size and time of a virtual file mean nothing.
    lastModified: content.length === info.size ? lastModified : null,
    made: "stored",
    content,
  };
}

/** The coded form that the client prefers, if any. */
function codedForm(
  exchange: Exchange,
  { folder, type }: FileAt,
  plain: Representation,
): MaybePromise<Coded> {
  const { site, now } = exchange;
  const { compressMinSize: least, precompressed } = site;
  if (least === undefined && !precompressed) return NOT_CODED;
  const accept = listField(exchange.headers, "Accept-Encoding");
  const compressible = isCompressible(type);
  if (accept === null && compressible) return NOT_WANTED;
  const siblings = precompressed
    ? findSiblings(folder, plain.path, plain.info, now)
    : NO_SIBLINGS;
  if (!compressible && siblings.length === 0) return NOT_CODED;
  if (accept === null) return NOT_WANTED;
  const made = compressible && least !== undefined && plain.size >= least
    ? codingsFor(plain, now)
    : [];
  const form = chooseForm(exchange, plain, accept, siblings, made);
  return after(form, (form) => ({ form, negotiated: true }));
}

function chooseForm(
  exchange: Exchange,
  plain: Representation,
  accept: string,
  siblings: readonly CompressedSibling[],
  made: readonly string[],
): MaybePromise<Representation | null> {
  const codings = [...siblings.map(({ coding }) => coding), ...made];
  const coding = chooseCoding(accept, codings);
  if (coding === "identity") return null;
  const sibling = siblings.find((other) => other.coding === coding);
  if (sibling === undefined) return codedOnTheFly(plain, coding, exchange.now);
  const form = siblingForm(exchange, sibling);
  if (form !== undefined) return form;
  const others = siblings.filter((other) => other !== sibling);
  return chooseForm(exchange, plain, accept, others, made);
}

/** The form of a precompressed file; `undefined` if it has just changed. */
function siblingForm(
  exchange: Exchange,
  { coding, path, info }: CompressedSibling,
): MaybePromise<Representation> | undefined {
  const form = plainForm(exchange, path, info);
  return form && after(form, (form) => {
    const etag = codedEntityTag(form.etag, coding, false);
    return { ...form, etag, coding };
  });
}

/** The ETag of a file that is not read before it is sent. */
function tagOfLarge(
  { site, now }: Exchange,
  path: string,
  info: Deno.FileInfo,
): MaybePromise<string> {
  const mtimeMs = modifiedAt(info);
  const { size } = info;
  const hashed = (site.contentTags || mtimeMs === null) && size <= MAX_HASHED;
  if (!hashed) return makeEntityTag({ size, mtimeMs }, now);
  return tagOfFile(path, info, now).then((tag) =>
    // A weak one that never repeats, as for a file that has just changed.
    tag ?? makeEntityTag({ size, mtimeMs: now }, now)
  );
}

function modified(info: Deno.FileInfo, now: number): number | null {
  const time = modifiedAt(info);
  return time === null ? null : Math.floor(Math.min(time, now) / 1000);
}

/** A small file's content; `undefined` if it changed after it was seen. */
function contentOf(
  path: string,
  info: Deno.FileInfo,
): Uint8Array | undefined {
  try {
    return cachedContent(path, info, true);
  } catch (error) {
    // Changed, gone or unreadable: lookAgain() finds out which.
    if (isOutOfReach(error)) return undefined;
    throw markFileError(error);
  }
}
