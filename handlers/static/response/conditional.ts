// Preconditions (RFC 9110, 13): whether an answer is sent at all, and whether a Range
// field counts. The order is that of 13.2.2.

import { SETTLED } from "../../../cache/settled.ts";
import { parseStrictHttpDate } from "../../../text/http_date.ts";
import {
  type EntityTag,
  parseEntityTag,
  parseEntityTags,
  strongMatch,
  weakMatch,
} from "./entity_tag.ts";
import { type FieldReader, listField } from "./fields.ts";

/** The validators of what would be sent. */
export interface Validators {
  /** The ETag field's value. */
  readonly etag: string;
  /** The Last-Modified time in whole seconds since the epoch, `null` where there is none. */
  readonly lastModified: number | null;
}

/** What the preconditions come to: the answer itself, 304, or 412. */
export type Verdict = "proceed" | "not modified" | "failed";

/**
 * The fields that a 304 carries (15.4.5), in lower case. The others would only repeat
 * what the client has; Content-Length and Content-Type among them. Those of CORS are an
 * answer to the request at hand, and a browser looks for them in a 304 as well.
 */
export const NOT_MODIFIED_FIELDS: ReadonlySet<string> = new Set([
  "access-control-allow-credentials",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "cache-control",
  "content-location",
  "date",
  "etag",
  "expires",
  "vary",
]);

/** No date is longer; what is, need not be searched for one. */
const MAX_DATE_LENGTH = 100;

/**
 * Evaluates the preconditions of a request, except If-Range, in the order of 13.2.2.
 *
 * A date that is none is ignored. A list of entity tags that is malformed matches
 * nothing: the whole file is the answer to such an If-None-Match, 412 to such an
 * If-Match, which asks that nothing be done by mistake.
 *
 * @param method The request's method.
 * @param fields The request's header fields.
 * @param validators The validators of what would be sent.
 * @returns Whether to go on, or to answer 304 or 412.
 *
 * @example A client that has the file already
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const fields = new Headers({ "If-None-Match": 'W/"a"' });
 * const validators = { etag: '"a"', lastModified: 1_000_000_000 };
 * assertEquals(evaluatePreconditions("GET", fields, validators), "not modified");
 * assertEquals(evaluatePreconditions("PUT", fields, validators), "failed");
 * ```
 */
export function evaluatePreconditions(
  method: string,
  fields: FieldReader,
  validators: Validators,
): Verdict {
  const { etag, lastModified } = validators;

  // Steps 1 and 2: is it still what the client wants to act upon?
  const ifMatch = listField(fields, "If-Match");
  if (ifMatch !== null) {
    if (!matches(ifMatch, etag, strongMatch)) return "failed";
  } else {
    const since = dateOf(fields.get("If-Unmodified-Since"));
    if (since !== undefined && lastModified !== null && lastModified > since) {
      return "failed";
    }
  }

  // Steps 3 and 4: does the client have it already?
  const reads = method === "GET" || method === "HEAD";
  const ifNoneMatch = listField(fields, "If-None-Match");
  if (ifNoneMatch !== null) {
    if (!matches(ifNoneMatch, etag, weakMatch)) return "proceed";
    return reads ? "not modified" : "failed";
  }
  if (reads) {
    const since = dateOf(fields.get("If-Modified-Since"));
    if (since !== undefined && lastModified !== null && lastModified <= since) {
      return "not modified";
    }
  }
  return "proceed";
}

/**
 * Tells whether If-Range lets a Range field count (13.1.5): step 5 of 13.2.2.
 *
 * Only a strong validator will do, since the client puts the parts together byte by
 * byte. A date is one only if it is exactly that of Last-Modified, and the file had
 * settled: two states within its second would have the same date (8.8.2.2).
 *
 * @param value The field's value, `null` where it is absent.
 * @param validators The validators of what would be sent.
 * @param now The time of the answer, in milliseconds since the epoch.
 * @param negotiated Whether the client may have got the file in another coding, with the same date.
 * @returns Whether the range may be sent; otherwise the whole file is.
 *
 * @example By entity tag
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const validators = { etag: '"b"', lastModified: 1_000_000_000 };
 * assert(ifRangeHolds('"b"', validators, Date.now()));
 * assertFalse(ifRangeHolds('"a"', validators, Date.now()));
 * ```
 */
export function ifRangeHolds(
  value: string | null,
  validators: Validators,
  now: number,
  negotiated = false,
): boolean {
  if (value === null) return true;
  if (value.includes('"')) {
    const tag = parseEntityTag(value);
    const own = parseEntityTag(validators.etag);
    return tag !== undefined && own !== undefined && strongMatch(tag, own);
  }
  const { lastModified } = validators;
  if (negotiated) return false;
  if (lastModified === null || dateOf(value) !== lastModified) return false;
  // The time is cut to the second: the change may be as late as its end.
  return now - (lastModified + 1) * 1000 >= SETTLED;
}

/**
 * Whether a field names an entity tag by the strong comparison (RFC 9110 §8.8.3.2): the
 * client has bytes of just this representation.
 *
 * @param value The value of If-Range or If-Match, `null` if it is absent.
 * @param etag The tag.
 * @returns `false` for "*", which names none.
 *
 * @example A list
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(namesStrongly('"a", "b"', '"b"'));
 * assertFalse(namesStrongly("*", '"b"'));
 * ```
 */
export function namesStrongly(value: string | null, etag: string): boolean {
  if (value === null || !value.includes('"')) return false;
  return matches(value, etag, strongMatch);
}

/** Whether a list of entity tags names a file's own. */
function matches(
  list: string,
  etag: string,
  same: (a: EntityTag, b: EntityTag) => boolean,
): boolean {
  // The usual list is the one tag that was given before.
  if (list === etag && etag !== "" && same === weakMatch) return true;
  const tags = parseEntityTags(list);
  if (tags === undefined) return false;
  if (tags === "*") return true;
  const own = parseEntityTag(etag);
  return own !== undefined && tags.some((tag) => same(tag, own));
}

function dateOf(value: string | null): number | undefined {
  if (value === null || value.length > MAX_DATE_LENGTH) return undefined;
  return parseStrictHttpDate(value);
}
