// The validators of the file that an upload would replace, as a GET of it sends them.

import { cachedContent } from "../../file_cache.ts";
import { isOutOfReach, modifiedAt } from "../../file_stat.ts";
import {
  MAX_HASHED,
  MAX_IN_MEMORY,
  tagOfContent,
  tagOfFile,
} from "../representation/content_tags.ts";
import {
  evaluatePreconditions,
  type Validators,
} from "../response/conditional.ts";
import { makeEntityTag, parseEntityTags } from "../response/entity_tag.ts";
import { type FieldReader, listField } from "../response/fields.ts";
import type { Conditions } from "./plan.ts";

/** The preconditions that an upload may have. */
export const CONDITIONS: readonly string[] = [
  "If-Match",
  "If-None-Match",
  "If-Unmodified-Since",
];

/** No preconditions. */
export const NO_CONDITIONS: Conditions = Object.freeze({
  verdict: "proceed",
  mustBeNew: false,
});

/** Evaluates the preconditions of a request for the file that is there now. */
export type Evaluate = (
  path: string,
  info: Deno.FileInfo | null,
) => Promise<Conditions>;

/**
 * Prepares to evaluate the preconditions of a request.
 *
 * @param fields The request's header fields.
 * @param contentTags Whether a large file's tag is a hash of its content.
 * @returns The function; `undefined` if the request has no preconditions.
 */
export function conditionsOf(
  fields: FieldReader,
  contentTags: boolean,
): Evaluate | undefined {
  if (CONDITIONS.every((name) => fields.get(name) === null)) return undefined;
  const noneMatch = listField(fields, "If-None-Match");
  const mustBeNew = noneMatch !== null && parseEntityTags(noneMatch) === "*";
  return async (path, info) => {
    if (info === null) {
      // Nothing matches, not even "*" (RFC 9110 §13.1.1).
      const isMissed = fields.get("If-Match") !== null;
      return { verdict: isMissed ? "failed" : "proceed", mustBeNew };
    }
    const validators = await validatorsOf(path, info, contentTags);
    const verdict = evaluatePreconditions("PUT", fields, validators);
    return { verdict, mustBeNew };
  };
}

async function validatorsOf(
  path: string,
  info: Deno.FileInfo,
  contentTags: boolean,
): Promise<Validators> {
  const mtimeMs = modifiedAt(info);
  const now = Date.now();
  const lastModified = mtimeMs === null
    ? null
    : Math.floor(Math.min(mtimeMs, now) / 1000);
  const { size } = info;
  try {
    if (size <= MAX_IN_MEMORY) {
      // An empty file may be a virtual one, whose content is not looked at.
      const content = size === 0
        ? new Uint8Array()
        : cachedContent(path, info, true);
      const etag = content?.length === size ? tagOfContent(content) : "";
      return { etag, lastModified };
    }
    const hashed = (contentTags || mtimeMs === null) && size <= MAX_HASHED;
    const tag = hashed ? await tagOfFile(path, info, now) : undefined;
    return { etag: tag ?? makeEntityTag({ size, mtimeMs }, now), lastModified };
  } catch (error) {
    // Changed or gone: nothing matches.
    if (isOutOfReach(error)) return { etag: "", lastModified };
    throw error;
  }
}
