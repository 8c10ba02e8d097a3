// What is sent for what was found: status, every field, and the body. Pure: the exchange
// brings the clock and the chance. `answerForForm()` is RFC 9110 §13.2.2 from top to bottom.

import type { SourceFile } from "../source.ts";
import type { Exchange } from "./exchange.ts";
import type { Representation } from "./form.ts";
import type { FoundFile, Resolved } from "./found.ts";
import { LISTING_CSP } from "./listing/csp.ts";
import { evaluatePreconditions, ifRangeHolds } from "./policy/conditional.ts";
import { contentRange, unsatisfiedRange } from "./policy/content_range.ts";
import { makeEntityTag } from "./policy/entity_tag.ts";
import type { Field } from "./policy/fields.ts";
import { toLocation } from "./policy/location.ts";
import { type BodyPart, layOutMultipart } from "./policy/multipart.ts";
import { parseRange } from "./policy/range.ts";
import { mergeVary } from "./policy/vary.ts";

/** The whole response, ready to be sent by the ordinary hooks. */
export interface Answer {
  readonly status: number;
  /** All fields but those of the connection, Server and Date; of an error also but those of its page. */
  readonly fields: readonly Field[];
  readonly body: Body;
}

/** What follows the head. A length of `Infinity` is sent chunked. */
export type Body =
  /** Nothing; `length` is what a GET would send. */
  | { readonly kind: "none"; readonly length: number }
  /** Parts of a file in one of its forms. */
  | {
    readonly kind: "file";
    readonly length: number;
    readonly form: Representation;
    readonly parts: readonly BodyPart[];
  }
  /** A listing. */
  | {
    readonly kind: "listing";
    readonly length: number;
    readonly source: SourceFile;
  }
  /** The page of `error_page()`. */
  | { readonly kind: "error"; readonly reason: string | undefined };

/** A form is wanted that is not made yet: compress it, and ask again with what came of it. */
export interface Wanted {
  readonly compress: Representation;
}

const METHODS = "GET, HEAD, OPTIONS";
const NOTHING: Body = Object.freeze({ kind: "none", length: 0 });
const NO_NAMES: ReadonlySet<string> = new Set();
const NO_VALIDATORS = Object.freeze({ etag: "", lastModified: null });

/** Decides on the whole response. */
export function answerFor(
  exchange: Exchange,
  found: Resolved,
): Answer | Wanted {
  const refuse = (status: number, own: Field[] = []) =>
    refusal(exchange, status, own, "");
  switch (found.kind) {
    case "file":
      return answerForFile(exchange, found);
    case "listing":
      return answerForListing(exchange, found);
    case "redirect": {
      const { status, names, trailingSlash, vary } = found;
      const to = toLocation(names, trailingSlash, exchange.target.text);
      const own: Field[] = [["Location", to], ["Content-Length", "0"]];
      const fields = policyFields(exchange, own, vary);
      return { status, fields, body: NOTHING };
    }
    case "options": {
      const fields = policyFields(exchange, [["Allow", METHODS]], "");
      return { status: 204, fields, body: NOTHING };
    }
    case "missing":
      return refusal(exchange, 404, [], found.vary, "File not found");
    case "unavailable":
      return refuse(503, [["Retry-After", "1"]]);
    case "unauthorized":
      return refuse(401, [["WWW-Authenticate", found.challenge]]);
    case "misdirected":
      return refuse(421);
    case "method not allowed":
      return refuse(405, [["Allow", METHODS]]);
  }
}

/** Chooses the form. A range is of the plain file, unless the client has the coded one already. */
function answerForFile(exchange: Exchange, found: FoundFile): Answer | Wanted {
  const { plain, coded } = found;
  if (coded === null) return answerForForm(exchange, found, plain, false);
  const answer = answerForForm(exchange, found, coded, true);
  const ranged = coded.made === "on the way" &&
    exchange.headers.get("Range") !== null;
  return ranged && !("status" in answer && answer.status === 304)
    ? answerForForm(exchange, found, plain, true)
    : answer;
}

/** Answers with one form of a file: preconditions, then the range, then all of it. */
export function answerForForm(
  exchange: Exchange,
  { name, type, vary }: Pick<FoundFile, "name" | "type" | "vary">,
  form: Representation,
  negotiated: boolean,
): Answer | Wanted {
  const { now, headers, method, request, site } = exchange;
  const { info, coding } = form;
  const made = coding !== undefined && form.made !== "before";
  const mtimeMs = info.mtime?.getTime() ?? null;
  const version = {
    size: info.size,
    mtimeMs,
    inode: info.ino,
    changedMs: info.ctime?.getTime() ?? null,
  };
  const etag = makeEntityTag(version, now, coding, made);
  const lastModified = mtimeMs === null
    ? null
    : Math.floor(Math.min(mtimeMs, now) / 1000);
  const validators = { etag, lastModified };
  const cacheControl = site.cacheControl?.(name);
  const cached: Field[] = cacheControl === undefined
    ? []
    : [["Cache-Control", cacheControl]];

  const verdict = evaluatePreconditions(method, headers, validators);
  if (verdict === "not modified") {
    const own: Field[] = [["ETag", etag], ...cached];
    const fields = fileFields(exchange, own, vary, 304);
    return { status: 304, fields, body: NOTHING };
  }
  // If compressing does not help, the plain file's tag decides, also on a 412.
  if (form.made === "on the way" && form.bytes === undefined) {
    return { compress: form };
  }
  if (verdict === "failed") return refusal(exchange, 412, [], vary);

  const own: Field[] = [];
  const finish = (
    status: number,
    length: number,
    parts: readonly BodyPart[],
  ) => {
    if (coding !== undefined) own.push(["Content-Encoding", coding]);
    if (lastModified !== null) {
      own.push(["Last-Modified", request.date_time_string(lastModified)]);
    }
    own.push(["ETag", etag]);
    // Never "none": some caches take any value for "bytes".
    if (!made) own.push(["Accept-Ranges", "bytes"]);
    own.push(...cached);
    const fields = fileFields(exchange, own, vary, status);
    const body: Body = method === "HEAD" || length === 0
      ? { kind: "none", length }
      : { kind: "file", length, form, parts };
    return { status, fields, body };
  };

  // What is compressed on the fly has no ranges: made anew, it may be other bytes.
  const range = made ? null : headers.get("Range");
  if (
    range !== null &&
    ifRangeHolds(headers.get("If-Range"), validators, now, negotiated)
  ) {
    const { size } = info;
    const result = parseRange(range, size);
    if (result.kind === "unsatisfiable") {
      const own: Field[] = [["Content-Range", unsatisfiedRange(size)]];
      return refusal(exchange, 416, own, vary);
    }
    if (result.kind === "slices" && result.slices.length === 1) {
      const slice = result.slices[0]!;
      own.push(
        ["Content-Type", type],
        ["Content-Length", String(slice.length)],
        ["Content-Range", contentRange(slice, size)],
      );
      return finish(206, slice.length, result.slices);
    }
    // With a content coding it would be unclear which is inside: that or the parts.
    if (result.kind === "slices" && coding === undefined) {
      const boundary = exchange.boundary();
      const body = layOutMultipart(result.slices, size, type, boundary);
      own.push(
        ["Content-Type", body.contentType],
        ["Content-Length", String(body.contentLength)],
      );
      return finish(206, body.contentLength, body.parts);
    }
  }
  const length = made ? form.bytes?.length ?? Infinity : info.size;
  own.push(["Content-Type", type]);
  if (length !== Infinity) own.push(["Content-Length", String(length)]);
  return finish(200, length, [{ start: 0, length }]);
}

/** Answers with a listing, which has no validator: only "*" matches it (RFC 9110 §13.1.1). */
function answerForListing(
  exchange: Exchange,
  { source, json }: Extract<Resolved, { kind: "listing" }>,
): Answer {
  const verdict = evaluatePreconditions("GET", exchange.headers, NO_VALIDATORS);
  if (verdict === "failed") return refusal(exchange, 412, [], "");
  const cached: Field = ["Cache-Control", "no-cache"];
  if (verdict === "not modified") {
    const fields = fileFields(exchange, [cached], "Accept", 304);
    return { status: 304, fields, body: NOTHING };
  }
  const length = source.size;
  const own: Field[] = json ? [["Content-Type", "application/json"]] : [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Content-Security-Policy", LISTING_CSP],
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

function refusal(
  exchange: Exchange,
  status: number,
  own: Field[],
  vary: string,
  reason?: string,
): Answer {
  const fields = policyFields(exchange, own, vary);
  return { status, fields, body: { kind: "error", reason } };
}

/** The fields of a file or listing: its own, the user's in place of those of the same names, and the policies'. */
function fileFields(
  exchange: Exchange,
  own: Field[],
  vary: string,
  status: number,
): Field[] {
  if (exchange.request.extra_response_headers.length === 0) {
    return policyFields(exchange, own, vary);
  }
  const { names, fields, notModified, vary: more } = exchange.extra;
  const given = status === 304 ? notModified : fields;
  const all = more === "" ? vary : mergeVary(vary, [more]);
  const kept = own.filter(([name]) => !names.has(name.toLowerCase()));
  return policyFields(exchange, [...kept, ...given], all, names);
}

/**
 * Adds to these fields what every response of the site carries, whoever decided on it:
 * the security fields, CORS and Vary.
 */
export function policyFields(
  { site, method, headers }: Exchange,
  fields: Field[] = [],
  vary = "",
  replaced: ReadonlySet<string> = NO_NAMES,
): Field[] {
  const add = (list: readonly Field[]) => {
    for (const field of list) {
      if (replaced.size === 0 || !replaced.has(field[0].toLowerCase())) {
        fields.push(field);
      }
    }
  };
  add(site.fields);
  if (site.cors !== undefined) {
    const decision = site.cors({ method, headers });
    add(decision.headers);
    if (decision.vary.length > 0) vary = mergeVary(vary, decision.vary);
  }
  if (vary !== "") fields.push(["Vary", vary]);
  return fields;
}
