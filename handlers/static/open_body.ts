// From an answer to a body that can be read, or to what was found instead, if the file is
// no longer what the answer says.

import type { MaybePromise } from "../../connection/files.ts";
import type { SourceFile } from "../source.ts";
import type { Answer, Wanted } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import type { FoundFile, Resolved } from "./found.ts";
import { lookAgain } from "./look_up.ts";
import {
  closeRepresentation,
  compressRepresentation,
  openRepresentation,
} from "./representation.ts";

/** An answer whose body is open. */
export interface Opened {
  readonly answer: Answer;
  /** What to send after the head. */
  readonly source: SourceFile | null;
}

/** Opens the body of an answer; gives what was found instead if that takes another answer. */
export function openBody(
  exchange: Exchange,
  answer: Answer | Wanted,
  found: Resolved,
): MaybePromise<Opened | Resolved> {
  if (found.kind !== "file" || "compress" in answer) {
    return "compress" in answer
      ? compress(exchange, answer.compress, found as FoundFile)
      : openListing(answer, found);
  }
  const { body } = answer;
  if (body.kind !== "file") {
    closeRepresentation(found.coded ?? found.plain);
    return { answer, source: null };
  }
  const source = openRepresentation(body.form, body.parts);
  const next = (
    source: SourceFile | undefined,
  ): MaybePromise<Opened | Resolved> =>
    source === undefined ? lookAgain(exchange, found) : { answer, source };
  return source instanceof Promise ? source.then(next) : next(source);
}

function openListing(answer: Answer, found: Resolved): Opened {
  const { body } = answer;
  if (body.kind === "listing") return { answer, source: body.source };
  if (found.kind === "listing") found.source.close();
  return { answer, source: null };
}

/** Makes the coded form; the file is sent as it is if that does not help. */
async function compress(
  exchange: Exchange,
  form: FoundFile["plain"],
  found: FoundFile,
): Promise<Resolved> {
  // A HEAD needs the length, so that a small file is compressed for it as well.
  const made = await compressRepresentation(form, exchange.method !== "HEAD");
  return made.coding === undefined
    ? { ...found, plain: made, coded: null }
    : { ...found, coded: made };
}

/** Runs something; closes what was found, which may hold an open file, if it throws (a hook may). */
export function releasing<T>(found: Resolved, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (found.kind === "listing") found.source.close();
    if (found.kind === "file") closeRepresentation(found.coded ?? found.plain);
    throw error;
  }
}
