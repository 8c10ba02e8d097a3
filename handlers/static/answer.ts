// The response for what was found: status, every field, and the body. Pure: the exchange
// supplies the clock and random bytes. `answerForForm()` is RFC 9110 §13.2.2 from top to
// bottom.

import type { SourceFile } from "../source.ts";
import { RETRY_AFTER } from "../unavailable.ts";
import {
  addCacheControl,
  addFields,
  type AnsweredFile,
  fileFields,
  policyFields,
  withExtra,
} from "./answer_fields.ts";
import type { Exchange } from "./exchange.ts";
import type { FoundFile, Resolved } from "./found.ts";
import type { Representation } from "./representation/representation.ts";
import { allowLive, LISTING_CSP } from "./listing/csp.ts";
import {
  evaluatePreconditions,
  ifRangeHolds,
  namesStrongly,
} from "./response/conditional.ts";
import { contentRange, unsatisfiedRange } from "./response/content_range.ts";
import type { Field } from "./response/fields.ts";
import { NO_EXTRA } from "./response/extra_fields.ts";
import { toReference } from "./lookup/location.ts";
import { type BodyPart, layOutMultipart } from "./response/multipart.ts";
import { parseRange, type RangeResult } from "./response/range.ts";
import { isActiveType, SANDBOX, UPLOAD_METHODS } from "./upload/entrance.ts";

/** The whole response, ready to be sent by the ordinary hooks. */
export interface Answer {
  /** The status code. */
  readonly status: number;
  /**
   * All fields except Server, Date and those of the connection; for an error also without
   * those of its page.
   */
  readonly fields: readonly Field[];
  readonly body: Body;
}

/** The body after the head. A body of length `Infinity` is sent chunked. */
export type Body =
  /** Empty; `length` is that of the body which a GET would send. */
  | { readonly kind: "none"; readonly length: number }
  /** Parts of one form of a file. */
  | {
    readonly kind: "file";
    readonly length: number;
    readonly form: Representation;
    readonly parts: readonly BodyPart[];
  }
  /** A listing, or a target of live reload. */
  | {
    readonly kind: "listing";
    readonly length: number;
    readonly source: SourceFile;
  }
  /** The page of `error_page()`. */
  | { readonly kind: "error"; readonly reason: string | undefined };

/** Compress this form first, then call `answerFor()` again with the result. */
export interface Wanted {
  readonly compress: Representation;
}

/** The methods that a static site supports without uploads. */
const METHODS = "GET, HEAD, OPTIONS";

/** `Retry-After` if too many passwords wait to be checked, in seconds. */
const RETRY_AFTER_BUSY = "2";

/** Matches the Vary of a file that has coded forms, whether or not this client accepts one. */
const VARIES_BY_CODING = /(?:^|[\s,])accept-encoding(?:$|[\s,])/i;

const NOTHING: Body = Object.freeze({ kind: "none", length: 0 });
const MISSING: Body = Object.freeze({
  kind: "error",
  reason: "File not found",
});
const NO_VALIDATORS = Object.freeze({ etag: "", lastModified: null });

/**
 * Decides on the whole response.
 *
 * @param exchange The request.
 * @param found What was found for it.
 * @returns The response, or the form to compress first.
 */
export function answerFor(
  exchange: Exchange,
  found: Resolved,
): Answer | Wanted {
  switch (found.kind) {
    case "file":
      return answerForFile(exchange, found);
    case "archive":
      return answerForArchive(exchange, found);
    case "too large":
      return refusal(exchange, 403, [], "", found.reason);
    case "listing":
      return answerForListing(exchange, found);
    case "redirect":
      return answerForRedirect(exchange, found);
    case "moved":
      return answerForMoved(exchange, found);
    case "options": {
      const fields = policyFields(exchange, [allow(exchange)], "");
      return { status: 204, fields, body: NOTHING };
    }
    case "missing":
      return answerForMissing(exchange, found);
    case "live":
      return answerForLive(exchange, found);
    case "unavailable":
      return retryable(exchange, RETRY_AFTER);
    case "busy":
      return retryable(exchange, RETRY_AFTER_BUSY);
    case "unauthorized":
      return refusal(exchange, 401, [["WWW-Authenticate", found.challenge]]);
    case "forbidden":
      return refusal(exchange, 403);
    case "misdirected":
      return refusal(exchange, 421);
    case "bad authority":
      return refusal(exchange, 400, [], "", "Bad host in request target");
    case "method not allowed":
      return refusal(exchange, 405, [allow(exchange)]);
    case "refused":
      return refusal(
        exchange,
        found.status,
        [...found.fields ?? []],
        "",
        found.reason,
      );
    case "upload":
      return answerForUpload(exchange, found);
  }
}

/**
 * Chooses the form: a range is of the plain file, unless the client names the coded form's
 * ETag in If-Range or If-Match.
 */
function answerForFile(exchange: Exchange, found: FoundFile): Answer | Wanted {
  const { plain, coded, vary } = found;
  // A client that wants no coding now may have cached a coded form before.
  const negotiated = VARIES_BY_CODING.test(vary);
  if (coded === null) return answerForForm(exchange, found, plain, negotiated);
  const { headers } = exchange;
  if (headers.get("Range") === null || namesForm(exchange, coded)) {
    return answerForForm(exchange, found, coded, negotiated);
  }
  const verdict = evaluatePreconditions(exchange.method, headers, coded);
  return answerForForm(
    exchange,
    found,
    verdict === "not modified" ? coded : plain,
    negotiated,
  );
}

/** Whether a range request names this form's ETag, so the client has other parts of it. */
function namesForm({ headers }: Exchange, { etag }: Representation): boolean {
  return namesStrongly(headers.get("If-Range"), etag) ||
    namesStrongly(headers.get("If-Match"), etag);
}

/**
 * Responds with one form of a file: preconditions first, then the range, else all of it.
 *
 * @param exchange The request.
 * @param file The file.
 * @param form The form.
 * @param negotiated Whether the client may have cached another form before.
 * @returns The response, or the form to compress first.
 */
export function answerForForm(
  exchange: Exchange,
  file: AnsweredFile,
  form: Representation,
  negotiated: boolean,
): Answer | Wanted {
  const { headers, method, now } = exchange;
  const { etag, made, size } = form;
  const { vary } = file;
  // Preconditions and ranges don't apply to an error (RFC 9110 §13.2.1).
  const { status } = exchange;
  const verdict = status === undefined
    ? evaluatePreconditions(method, headers, form)
    : "proceed";
  if (verdict === "not modified") {
    const own: Field[] = [];
    if (etag !== "") own.push(["ETag", etag]);
    addCacheControl(own, exchange, file);
    const fields = fileFields(exchange, own, vary, 304);
    return { status: 304, fields, body: NOTHING };
  }
  // If compression doesn't help, the plain file's ETag decides, also for a 412.
  if (made === "on the fly" && form.content === undefined) {
    return { compress: form };
  }
  if (verdict === "failed") return refusal(exchange, 412, [], vary);

  // Compressing again may produce other bytes, so there are no ranges.
  const ranges = made === "stored" && status === undefined;
  const range = ranges ? headers.get("Range") : null;
  if (
    range !== null &&
    ifRangeHolds(headers.get("If-Range"), form, now, negotiated)
  ) {
    const result = rangeOf(range, form);
    if (result.kind === "unsatisfiable") {
      const own: Field[] = [["Content-Range", unsatisfiedRange(size)]];
      return refusal(exchange, 416, own, vary);
    }
    if (result.kind === "slices" && result.slices.length === 1) {
      const slice = result.slices[0]!;
      return answerWith(exchange, file, form, 206, {
        type: file.type,
        length: slice.length,
        range: contentRange(slice, size),
        parts: result.slices,
      });
    }
    // With a content coding, it would be unclear whether it applies to the parts or the whole.
    if (result.kind === "slices" && form.coding === undefined) {
      const boundary = exchange.boundary();
      const body = layOutMultipart(result.slices, size, file.type, boundary);
      const { contentType: type, contentLength: length, parts } = body;
      return answerWith(exchange, file, form, 206, { type, length, parts });
    }
  }
  return answerWith(exchange, file, form, status ?? 200, {
    type: file.type,
    length: size,
    parts: [{ start: 0, length: size }],
  });
}

/** Parses a range. One that the form can't send is ignored. */
function rangeOf(
  value: string,
  { size, canSend }: Representation,
): RangeResult {
  const range = parseRange(value, size);
  return range.kind === "slices" && canSend?.(range.slices) === false
    ? { kind: "none" }
    : range;
}

/** The part of a form that is sent. */
interface Content {
  readonly type: string;
  readonly length: number;
  readonly range?: string;
  readonly parts: readonly BodyPart[];
}

/** A 200 or 206, with its fields in a fixed order. */
function answerWith(
  exchange: Exchange,
  file: AnsweredFile,
  form: Representation,
  status: number,
  { type, length, range, parts }: Content,
): Answer {
  const { coding, etag, lastModified, made } = form;
  // Those of the file are not of an error.
  const validated = exchange.status === undefined;
  const own: Field[] = [["Content-Type", type]];
  if (length !== Infinity) own.push(["Content-Length", String(length)]);
  if (range !== undefined) own.push(["Content-Range", range]);
  if (coding !== undefined) own.push(["Content-Encoding", coding]);
  if (validated && lastModified !== null) {
    const date = exchange.request.date_time_string(lastModified);
    own.push(["Last-Modified", date]);
  }
  if (validated && etag !== "") own.push(["ETag", etag]);
  if (file.disposition !== undefined) {
    own.push(["Content-Disposition", file.disposition]);
  }
  // Never "none": some caches treat any value as "bytes".
  if (validated && made === "stored") own.push(["Accept-Ranges", "bytes"]);
  if (file.csp !== undefined) own.push(["Content-Security-Policy", file.csp]);
  addCacheControl(own, exchange, file);
  const fields = fileFields(exchange, own, file.vary, status);
  // In addition to a policy of the user's: browsers obey all.
  const { upload } = exchange.site;
  if (upload !== undefined && isActiveType(file.type)) fields.push(SANDBOX);
  const body: Body = exchange.method === "HEAD" || length === 0
    ? { kind: "none", length }
    : { kind: "file", length, form, parts };
  return { status, fields, body };
}

/** An archive is always revalidated, like a listing. The rules for files don't apply. */
function answerForArchive(
  exchange: Exchange,
  found: Extract<Resolved, { kind: "archive" }>,
): Answer | Wanted {
  const { form, type, disposition } = found;
  const facts = { name: "", vary: "", cacheControl: "no-cache" };
  return answerForForm(exchange, { ...facts, type, disposition }, form, false);
}

/** A listing has no validator, so only "*" matches it (RFC 9110 §13.1.1). */
function answerForListing(
  exchange: Exchange,
  { source, json, live, csp = LISTING_CSP }: Extract<
    Resolved,
    { kind: "listing" }
  >,
): Answer {
  const verdict = evaluatePreconditions("GET", exchange.headers, NO_VALIDATORS);
  if (verdict === "failed") return refusal(exchange, 412);
  const cached: Field = ["Cache-Control", live ? "no-store" : "no-cache"];
  if (verdict === "not modified") {
    const fields = fileFields(exchange, [cached], "Accept", 304);
    return { status: 304, fields, body: NOTHING };
  }
  const length = source.size;
  const own: Field[] = json ? [["Content-Type", "application/json"]] : [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Content-Security-Policy", live ? allowLive(csp) : csp],
  ];
  own.push(cached);
  if (length !== Infinity) own.push(["Content-Length", String(length)]);
  return {
    status: 200,
    fields: fileFields(exchange, own, "Accept", 200),
    body: exchange.method === "HEAD"
      ? { kind: "none", length }
      : { kind: "listing", length, source },
  };
}

function answerForRedirect(
  exchange: Exchange,
  found: Extract<Resolved, { kind: "redirect" }>,
): Answer {
  const { status, names, trailingSlash, vary } = found;
  const to = toReference(names, trailingSlash, exchange.target.text);
  const own: Field[] = [["Location", to], ["Content-Length", "0"]];
  const fields = policyFields(exchange, own, vary);
  return { status, fields, body: NOTHING };
}

/** Not cached, so that browsers follow changes of the rules. */
function answerForMoved(
  exchange: Exchange,
  { status, location }: Extract<Resolved, { kind: "moved" }>,
): Answer {
  const fields = policyFields(exchange, [
    ["Location", location],
    ["Cache-Control", "no-cache"],
    ["Content-Length", "0"],
  ]);
  return { status, fields, body: NOTHING };
}

function answerForMissing(
  exchange: Exchange,
  { vary, cacheControl }: Extract<Resolved, { kind: "missing" }>,
): Answer {
  const own: Field[] = [];
  if (cacheControl !== undefined) own.push(["Cache-Control", cacheControl]);
  const fields = withExtra(exchange, own, vary, 404, NO_EXTRA);
  return { status: 404, fields, body: MISSING };
}

/** Without the user's fields, such as a policy for pages, and those of CORS. */
function answerForLive(
  { method, site }: Exchange,
  found: Extract<Resolved, { kind: "live" }>,
): Answer {
  const { status, source } = found;
  const fields = [...found.fields];
  addFields(fields, site.fields, new Set(fields.map(lowerName)));
  if (source === null) return { status, fields, body: NOTHING };
  const length = source.size;
  const body: Body = method === "HEAD"
    ? { kind: "none", length }
    : { kind: "listing", length, source };
  return { status, fields, body };
}

/** With the fields of every response, but without the user's: it is not a file. */
function answerForUpload(
  exchange: Exchange,
  { status, fields, source }: Extract<Resolved, { kind: "upload" }>,
): Answer {
  const all = policyFields(exchange, [...fields]);
  if (source === null) return { status, fields: all, body: NOTHING };
  const length = source.size;
  const body: Body = exchange.method === "HEAD"
    ? { kind: "none", length }
    : { kind: "listing", length, source };
  return { status, fields: all, body };
}

function allow({ site }: Exchange): Field {
  return ["Allow", site.upload === undefined ? METHODS : UPLOAD_METHODS];
}

function lowerName([name]: Field): string {
  return name.toLowerCase();
}

function refusal(
  exchange: Exchange,
  status: number,
  own: Field[] = [],
  vary = "",
  reason?: string,
): Answer {
  const fields = policyFields(exchange, own, vary);
  return { status, fields, body: { kind: "error", reason } };
}

/** A 503, which no cache may store even if the user's fields allow it. */
function retryable(exchange: Exchange, after: string): Answer {
  const own: Field[] = [["Retry-After", after], ["Cache-Control", "no-store"]];
  return refusal(exchange, 503, own);
}
