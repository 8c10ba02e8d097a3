// Compresses files on the fly: as a whole, cached, or while they are sent.

import { cacheBudget } from "../../../cache/shared_budget.ts";
import { DiskFile, type SourceFile } from "../../source.ts";
import { CompressionCache, MAX_SOURCE } from "./compression.ts";
import { availableCodings, type Coding } from "./compression_encoder.ts";
import type { Representation } from "./representation.ts";
import { openSame, readUpTo, stateKey } from "./open_file.ts";
import { SETTLED } from "../../../cache/settled.ts";
import { codedEntityTag } from "../response/entity_tag.ts";
import { StreamFile } from "./stream_file.ts";

/** Thrown to all that wait for the same file if it has changed meanwhile. */
const CHANGED = new TypeError("Cannot compress a file: it was changed");

const NO_CODINGS: readonly Coding[] = Object.freeze([]);

/** Compressed files, shared by all clients. */
const compressions = new CompressionCache(cacheBudget);

/**
 * Returns the codings that a file can be compressed with.
 *
 * @param plain The file.
 * @param now The time, in milliseconds since the epoch.
 * @returns The codings; none for a file that was just changed, since a further change might not be noticed.
 */
export function codingsFor(
  { info }: Representation,
  now: number,
): readonly Coding[] {
  const settled = now - (info.mtime?.getTime() ?? now) > SETTLED;
  return settled ? availableCodings() : NO_CODINGS;
}

/**
 * Returns the form of a file that is compressed on the fly.
 *
 * @param plain The file.
 * @param coding One of `codingsFor()`.
 * @param now The time, in milliseconds since the epoch.
 * @returns The form, with its content if that is cached.
 */
export function codedOnTheFly(
  plain: Representation,
  coding: string,
  now: number,
): Representation {
  const { path, info, lastModified } = plain;
  const content = canBeKept(info, now)
    ? compressions.get(`${coding} ${stateKey(path, info)}`)
    : undefined;
  const etag = codedEntityTag(plain.etag, coding, true);
  const size = content?.length ?? Infinity;
  const made = "on the fly";
  const form = { path, info, size, etag, lastModified, coding, made } as const;
  return content === undefined ? form : { ...form, content };
}

/**
 * Compresses a file, if that makes it smaller and there is capacity.
 *
 * @param form The form to compress.
 * @param plain The plain file.
 * @param send Whether the content will be sent, as for GET, or not, as for HEAD.
 * @returns The form with its content; `undefined` to send the plain file.
 * @throws {Error} The file can't be read just now.
 */
export async function compressFile(
  form: Representation,
  plain: Representation,
  send: boolean,
): Promise<Representation | undefined> {
  const { path, info } = form;
  const coding = form.coding as Coding;
  if (info.size > MAX_SOURCE) {
    const streamed = { ...form, made: "streamed" } as const;
    if (!send) return streamed;
    const source = await openStream(path, info, coding);
    return source === undefined ? undefined : { ...streamed, source };
  }
  try {
    const content = await compressions.compress(
      `${coding} ${stateKey(path, info)}`,
      coding,
      () => contentOf(plain),
      canBeKept(info, Date.now()),
    );
    return content && { ...form, content, size: content.length };
  } catch (error) {
    // Opening it again will show its current state.
    if (error === CHANGED) return undefined;
    throw error;
  }
}

/** Opens a file to be compressed while it is sent; `undefined` if it has changed, or too many are being sent. */
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
  // Without the end of the coding, the client notices that the file is incomplete.
  if (missing > 0) {
    throw new Deno.errors.UnexpectedEof(
      `Cannot send a file to its end: it was truncated, ${missing} bytes are missing`,
    );
  }
}

async function contentOf(
  { path, info, content }: Representation,
): Promise<Uint8Array<ArrayBuffer>> {
  if (content !== undefined) return content as Uint8Array<ArrayBuffer>;
  using file = await openSame(path, info);
  const whole = file && await readUpTo(file, info.size);
  if (whole?.length !== info.size) throw CHANGED;
  return whole;
}

/** False while a further change in the same second could reuse the key. */
function canBeKept({ ctime }: Deno.FileInfo, now: number): boolean {
  return ctime === null || now - ctime.getTime() > SETTLED;
}
