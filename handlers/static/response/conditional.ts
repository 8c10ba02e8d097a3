// Preconditions (RFC 9110 §13), evaluated in the order of §13.2.2.

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

/** The validators of the selected representation. */
export interface Validators {
  /** The value of ETag. */
  readonly etag: string;
  /** The Last-Modified time in whole seconds since the epoch, `null` for none. */
  readonly lastModified: number | null;
}

/** The result of evaluating preconditions: respond normally, with 304, or with 412. */
export type Verdict = "proceed" | "not modified" | "failed";

/**
 * The fields of a 304 (RFC 9110 §15.4.5), in lower case. Others, such as Content-Type,
 * would only repeat what the client has. The CORS fields are included because browsers
 * check them in a 304 as well.
 */
export const NOT_MODIFIED_FIELDS: ReadonlySet<string> = new Set([
  "access-control-allow-credentials",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "cache-control",
  "cdn-cache-control",
  "content-location",
  "date",
  "etag",
  "expires",
  "vary",
]);

/** No date is longer, so longer values need not be parsed. */
const MAX_DATE_LENGTH = 100;

/**
 * Evaluates a request's preconditions except If-Range, in the order of RFC 9110 §13.2.2.
 *
 * A malformed date is ignored. A malformed list of entity tags matches nothing, so
 * If-None-Match gets the whole file and If-Match gets 412.
 *
 * @param method The request's method.
 * @param fields The request's header fields.
 * @param validators The validators of the representation.
 * @returns Whether to proceed, or to respond with 304 or 412.
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

  // Steps 1 and 2: does the client act on the current state?
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
 * Whether If-Range allows a range response (RFC 9110 §13.1.5): step 5 of §13.2.2.
 *
 * Only a strong validator counts, because the client combines the parts byte by byte. A
 * date counts only if it equals Last-Modified and the file had settled: two states within
 * the same second would have the same date (RFC 9110 §8.8.2.2).
 *
 * @param value The field's value, `null` if it is absent.
 * @param validators The validators of the representation.
 * @param now The time of the response, in milliseconds since the epoch.
 * @param negotiated Whether the client may have another coding of the file, with the same date.
 * @returns Whether to send the range; otherwise send the whole file.
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
  // Last-Modified is rounded down: the file may have changed at the end of that second.
  return now - (lastModified + 1) * 1000 >= SETTLED;
}

/**
 * Whether a field contains an entity tag, by strong comparison (RFC 9110 §8.8.3.2): the
 * client has bytes of exactly this representation.
 *
 * @param value The value of If-Range or If-Match, `null` if it is absent.
 * @param etag The tag.
 * @returns `false` for "*", which names no tag.
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

/** Whether a list of entity tags contains a representation's own. */
function matches(
  list: string,
  etag: string,
  same: (a: EntityTag, b: EntityTag) => boolean,
): boolean {
  // Fast path: usually the list is just the last tag sent.
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
