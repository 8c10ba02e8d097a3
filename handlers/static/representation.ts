// The forms in which a file can be sent: as it is, from a compressed file beside it, or
// compressed on the way. And their content, of just the state that the head tells of.

import type { MaybePromise } from "../../connection/files.ts";
import { cachedContent } from "../file_cache.ts";
import { isFileError } from "../file_stat.ts";
import { BytesFile, DiskFile, type SourceFile } from "../source.ts";
import { chooseCoding } from "./policy/accept.ts";
import {
  availableCodings,
  type Coding,
  CompressionCache,
} from "./compression.ts";
import { SETTLED } from "./policy/entity_tag.ts";
import type { BodyPart } from "./policy/multipart.ts";
import type { Representation } from "./form.ts";
import { PartsFile, takeParts } from "./parts_file.ts";
import type { ServedFolder } from "./served_folder.ts";
import type { CompressedSibling } from "./siblings.ts";
import { StreamFile } from "./stream_file.ts";

/** What decides which form is sent. */
export interface Negotiation {
  /** The value of Accept-Encoding. */
  readonly accept: string;
  /** The compressed files beside the file, if they count. */
  readonly siblings: readonly CompressedSibling[];
  /** Whether the file may be compressed on the way. */
  readonly compress: boolean;
  /** The time, in milliseconds since the epoch. */
  readonly now: number;
}

/** The largest file that is compressed as a whole and kept, in bytes; larger ones are compressed while they are sent. */
const MAX_KEPT = 8 * 1024 * 1024;

/** How often a file is opened that is another one each time, as where it is saved again and again. */
const MAX_TRIES = 5;

/** What was compressed for one client is there for the next. */
const compressions = new CompressionCache({ maxSource: MAX_KEPT });

/**
 * Chooses the form of a file.
 *
 * @param path The file's path.
 * @param info The file.
 * @param negotiation What the client takes, and what there may be.
 * @returns The form.
 */
export function chooseRepresentation(
  path: string,
  info: Deno.FileInfo,
  { accept, siblings, compress, now }: Negotiation,
): Representation {
  // A file that was changed just now may change again and look the same.
  const settled = now - (info.mtime?.getTime() ?? now) > SETTLED;
  const made = compress && settled ? availableCodings() : [];
  const codings = [...siblings.map(({ coding }) => coding), ...made];
  const coding = chooseCoding(accept, codings);
  if (coding === "identity") return { path, info };
  const sibling = siblings.find((other) => other.coding === coding);
  if (sibling !== undefined) return { ...sibling, made: "before" };
  const bytes = canBeKept(info, now)
    ? compressions.get(keyOf(path, info, coding))
    : undefined;
  const form = { path, info, coding, made: "on the way" } as const;
  return bytes === undefined ? form : { ...form, bytes };
}

/**
 * Compresses a file, where that helps and there is time for it.
 *
 * @param form The form, of which nothing is made yet.
 * @param send Whether the content will be sent, as for GET, and not for HEAD.
 * @returns The form with its content, or another one.
 */
export async function compressRepresentation(
  form: Representation,
  send: boolean,
): Promise<Representation> {
  const { path, info } = form;
  const coding = form.coding as Coding;
  if (info.size > MAX_KEPT) {
    const streamed = { ...form, made: "while it is sent" } as const;
    if (!send) return streamed;
    const source = await openStream(path, info, coding);
    return source === undefined ? { path, info } : { ...streamed, source };
  }
  try {
    const bytes = await compressions.compress(
      keyOf(path, info, coding),
      coding,
      () => readWhole(path, info),
      canBeKept(info, Date.now()),
    );
    return bytes === undefined ? { path, info } : { ...form, bytes };
  } catch (error) {
    // It was changed meanwhile, which opening it will show.
    if (isFileError(error)) return { path, info };
    throw error;
  }
}

/**
 * Opens a form's content.
 *
 * @param form The form.
 * @param parts What is sent of it.
 * @returns The content; `undefined` where the file is no longer what was seen.
 */
export function openRepresentation(
  form: Representation,
  parts: readonly BodyPart[],
): MaybePromise<SourceFile | undefined> {
  const { path, info, bytes } = form;
  if (form.source !== undefined) return form.source;
  if (form.file !== undefined) return partsOf(form.file, info, parts);
  let content = bytes;
  try {
    content ??= cachedContent(path, info, true);
  } catch (error) {
    if (isFileError(error)) return undefined;
    throw error;
  }
  if (content === undefined) return openParts(path, info, parts);
  if (bytes === undefined && content.length !== info.size) return undefined;
  return new BytesFile(
    isWhole(parts, content.length) ? content : takeParts(content, parts),
  );
}

async function openParts(
  path: string,
  info: Deno.FileInfo,
  parts: readonly BodyPart[],
): Promise<SourceFile | undefined> {
  const file = await openSame(path, info);
  return file === undefined ? undefined : partsOf(file, info, parts);
}

function partsOf(
  file: Deno.FsFile,
  info: Deno.FileInfo,
  parts: readonly BodyPart[],
): SourceFile {
  return isWhole(parts, info.size)
    ? new DiskFile(file, info.size)
    : new PartsFile(file, parts);
}

/**
 * Opens a file first, and looks at it then. It costs more, but nothing can come between
 * the two, as it does time and again with a log that is always written to.
 *
 * @param folder The served folder.
 * @param path The file's path.
 * @returns The file as it is; `undefined` where there is none that may be shown.
 */
export async function openFirst(
  folder: ServedFolder,
  path: string,
): Promise<Representation | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    // A pipe would keep whoever opens it waiting.
    if (!folder.find(path)?.isFile) return undefined;
    const opened = await openFile(path);
    if (opened === undefined) return undefined;
    const { file, info } = opened;
    if (info.isFile && folder.allows(path, info)) return { path, info, file };
    file.close();
  }
  return undefined;
}

/**
 * Closes what a form holds open, where nothing is sent of it.
 *
 * @param form The form.
 */
export function closeRepresentation({ source, file }: Representation): void {
  source?.close();
  file?.close();
}

/** Opens a file to be compressed while it is sent; `undefined` where there is no room for one more. */
async function openStream(
  path: string,
  info: Deno.FileInfo,
  coding: Coding,
): Promise<SourceFile | undefined> {
  const file = await openSame(path, info);
  if (file === undefined) return undefined;
  const origin = new DiskFile(file, info.size);
  const pieces = compressions.compressStream(coding, blocksOf(origin));
  if (pieces !== undefined) return new StreamFile(pieces, origin);
  origin.close();
  return undefined;
}

async function* blocksOf(file: SourceFile): AsyncGenerator<Uint8Array> {
  let missing = file.size;
  for (;;) {
    const block = await file.read();
    if (block.length === 0) break;
    missing -= block.length;
    yield block;
  }
  // Only the missing end of the coding tells the client that this is not all.
  if (missing > 0) {
    throw new Deno.errors.UnexpectedEof(
      `Cannot send a file to its end: ${missing} bytes are missing`,
    );
  }
}

/** Opens a file that is still the one that was seen: no link has been turned elsewhere meanwhile. */
async function openSame(
  path: string,
  seen: Deno.FileInfo,
): Promise<Deno.FsFile | undefined> {
  const opened = await openFile(path);
  if (opened === undefined) return undefined;
  const { file, info } = opened;
  const same = info.isFile && info.ino === seen.ino && info.dev === seen.dev &&
    info.size === seen.size && info.mtime?.getTime() === seen.mtime?.getTime();
  if (same) return file;
  file.close();
  return undefined;
}

async function openFile(
  path: string,
): Promise<{ file: Deno.FsFile; info: Deno.FileInfo } | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    file = await Deno.open(path);
    return { file, info: await file.stat() };
  } catch (error) {
    file?.close();
    if (isFileError(error)) return undefined;
    throw error;
  }
}

async function readWhole(
  path: string,
  info: Deno.FileInfo,
): Promise<Uint8Array<ArrayBuffer>> {
  using file = await openSame(path, info);
  if (file === undefined) {
    throw new TypeError("Cannot compress a file: it was changed meanwhile");
  }
  const content = new Uint8Array(info.size);
  for (let length = 0; length < content.length;) {
    const count = await file.read(content.subarray(length));
    if (count === null) {
      throw new TypeError("Cannot compress a file: it was cut meanwhile");
    }
    length += count;
  }
  return content;
}

function isWhole(parts: readonly BodyPart[], size: number): boolean {
  const part = parts[0];
  return parts.length === 1 && typeof part === "object" && part.start === 0 &&
    part.length === size;
}

/** Whether another state of the file would have another key: within the second of its last change, of any kind, it may have the same. */
function canBeKept({ ctime }: Deno.FileInfo, now: number): boolean {
  return ctime === null || now - ctime.getTime() > SETTLED;
}

/** One state of a file in one coding, whichever path leads to it. */
function keyOf(path: string, info: Deno.FileInfo, coding: string): string {
  const { dev, ino, size, mtime, ctime } = info;
  const file = ino === null || ino === 0 ? path : `${dev} ${ino}`;
  return `${coding} ${size} ${mtime?.getTime()} ${ctime?.getTime()} ${file}`;
}
