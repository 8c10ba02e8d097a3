// Opens the body of a planned response. If the file has changed meanwhile, returns the new
// look-up instead.

import type { MaybePromise } from "../../connection/files.ts";
import {
  AppendedFile,
  BytesFile,
  DiskFile,
  type SourceFile,
} from "../source.ts";
import { after } from "./after.ts";
import { type Answer, answerFor, type Wanted } from "./answer.ts";
import { compressFile } from "./representation/compress_file.ts";
import type { Exchange } from "./exchange.ts";
import { lookAgain } from "./forms.ts";
import type { FoundFile, Resolved } from "./found.ts";
import type { Representation } from "./representation/representation.ts";
import { openSame } from "./representation/open_file.ts";
import { PartsFile, takeParts } from "./representation/parts_file.ts";
import type { BodyPart } from "./response/multipart.ts";
import { UnchangedFile } from "./representation/unchanged_file.ts";

/** A planned response with its body open. */
export interface Opened {
  readonly answer: Answer;
  /** The body; the caller closes it. */
  readonly source: SourceFile | null;
}

/**
 * Decides on the response, and opens its body.
 *
 * @param exchange The request.
 * @param found What was found. Open files that the body doesn't use are closed.
 * @returns The open body, or a new result to decide on.
 * @throws {Error} The file can't be read just now, or a hook threw.
 */
export function decideAndOpen(
  exchange: Exchange,
  found: Resolved,
): MaybePromise<Opened | Resolved> {
  const { live } = exchange.site;
  // The script's URL has the secret.
  if (live === undefined || !mayTag(found.kind) || exchange.isOutside) {
    return decide(exchange, found);
  }
  return after(live.tag(exchange, found), (found) => decide(exchange, found));
}

/** Whether live reload may change a response. Refusals are sent synchronously. */
function mayTag(kind: Resolved["kind"]): boolean {
  return kind === "file" || kind === "listing" || kind === "missing";
}

function decide(
  exchange: Exchange,
  found: Resolved,
): MaybePromise<Opened | Resolved> {
  let answer: Answer | Wanted;
  try {
    answer = answerFor(exchange, found);
  } catch (error) {
    release(found);
    throw error;
  }
  if ("compress" in answer) {
    return compress(exchange, answer.compress, found as FoundFile);
  }
  const { body } = answer;
  if (body.kind === "listing") return { answer, source: body.source };
  if (body.kind !== "file") {
    release(found);
    return { answer, source: null };
  }
  const { form, parts } = body;
  release(found, form);
  if (form.open !== undefined) return { answer, source: form.open(parts) };
  if (form.source !== undefined) {
    return { answer, source: withTail(form.source, form) };
  }
  if (form.content !== undefined) {
    return { answer, source: contentOf(form.content, parts) };
  }
  if (form.file !== undefined) {
    return { answer, source: partsOf(form.file, form, parts, false) };
  }
  return openParts(exchange, answer, found as FoundFile, form, parts);
}

/** Closes all open files except that of the form to send. */
function release(found: Resolved, sent?: Representation): void {
  if (found.kind === "listing") found.source.close();
  if (found.kind === "live" || found.kind === "upload") found.source?.close();
  if (found.kind !== "file") return;
  for (const form of [found.plain, found.coded]) {
    if (form === null || form === sent) continue;
    form.source?.close();
    form.file?.close();
  }
}

/** Compresses a form. If that doesn't help, the plain file is sent. */
async function compress(
  exchange: Exchange,
  form: Representation,
  found: FoundFile,
): Promise<Resolved> {
  const send = exchange.method !== "HEAD";
  // HEAD needs the length, so a small file is compressed for it as well.
  const coded = await compressFile(form, found.plain, send);
  return { ...found, coded: coded ?? null };
}

async function openParts(
  exchange: Exchange,
  answer: Answer,
  found: FoundFile,
  form: Representation,
  parts: readonly BodyPart[],
): Promise<Opened | Resolved> {
  const file = await openSame(form.path, form.info);
  return file === undefined
    ? lookAgain(exchange, { ...found, path: found.plain.path })
    : { answer, source: partsOf(file, form, parts, form !== found.plain) };
}

function contentOf(
  content: Uint8Array,
  parts: readonly BodyPart[],
): SourceFile {
  return new BytesFile(
    isWhole(parts, content.length) ? content : takeParts(content, parts),
  );
}

function partsOf(
  file: Deno.FsFile,
  form: Representation,
  parts: readonly BodyPart[],
  isSubstitute: boolean,
): SourceFile {
  const { path, info, size, tail } = form;
  const source = isWhole(parts, size)
    ? withTail(new DiskFile(file, size - (tail?.length ?? 0)), form)
    : new PartsFile(file, parts);
  // A plain file, such as a log, may grow while it is sent. A precompressed one must not change.
  return isSubstitute ? new UnchangedFile(source, file, path, info) : source;
}

function withTail(source: SourceFile, { tail }: Representation): SourceFile {
  return tail === undefined ? source : new AppendedFile(source, tail);
}

function isWhole(parts: readonly BodyPart[], size: number): boolean {
  const part = parts[0];
  return parts.length === 1 && typeof part === "object" && part.start === 0 &&
    part.length === size;
}
