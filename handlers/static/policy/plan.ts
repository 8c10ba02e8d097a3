// The plan of an answer that sends a file. Here the order of the policies is to be read
// from top to bottom; each has its own file, and none does I/O. The handler opens the
// file, and sends what the plan says.

import { formatHttpDate } from "../../../text/http_date.ts";
import {
  evaluatePreconditions,
  ifRangeHolds,
  NOT_MODIFIED_FIELDS,
  type Validators,
} from "./conditional.ts";
import { contentRange, unsatisfiedRange } from "./content_range.ts";
import { type FileVersion, makeEntityTag } from "./entity_tag.ts";
import type { Field, FieldReader } from "./fields.ts";
import { type BodyPart, layOutMultipart } from "./multipart.ts";
import { type ByteSlice, parseRange } from "./range.ts";

/** What the plan needs of a request. */
export interface PlanRequest {
  /** GET or HEAD. */
  readonly method: string;
  /** The header fields; an `HTTPMessage` will do. */
  readonly headers: FieldReader;
}

/** What would be sent. */
export interface PlanFile extends FileVersion {
  /** The value of Content-Type. */
  readonly type: string;
  /** The content coding that the bytes are in, if any. */
  readonly coding?: string;
  /**
   * How many bytes are sent, where that is not `size`: of a file that the server itself
   * compresses. Its tag is then weak, and it has no ranges: made anew, it may be other
   * bytes. `null` where it is not known before they are made.
   */
  readonly length?: number | null;
}

/** What else goes into a plan. */
export interface PlanOptions {
  /** The time of the answer, in milliseconds since the epoch. */
  readonly now: number;
  /** Gives the boundary for a multipart answer; see `makeBoundary()`. */
  readonly boundary: () => string;
  /** The value of Cache-Control, if there is to be one. */
  readonly cacheControl?: string | undefined;
  /** Whether the client may have got the file in another coding before. Default: `false`. */
  readonly negotiated?: boolean;
  /** The value of Vary, if there is to be one. */
  readonly vary?: string | undefined;
  /** Fields that every answer carries, such as those of CORS; a 304 only some of them. */
  readonly headers?: readonly Field[];
}

/** An answer: all that is left is to send it. */
export interface ResponsePlan {
  /** The status code. For 412 and 416 the body is the caller's. */
  readonly status: 200 | 206 | 304 | 412 | 416;
  /** The header fields, in the order to send them. */
  readonly headers: Field[];
  /**
   * What to send as the body, in order; empty for HEAD. A file of unknown length is one
   * slice of length `Infinity`.
   */
  readonly body: readonly BodyPart[];
}

/** The file as the policies see it. */
interface Selected extends Validators {
  readonly file: PlanFile;
  /** How many bytes it has as it is sent, `null` if unknown. */
  readonly length: number | null;
}

const NO_BODY: readonly BodyPart[] = Object.freeze([]);

/**
 * Plans the answer to a GET or HEAD for a file that exists and may be read.
 *
 * A HEAD is answered with the status and fields of the same GET (RFC 9110, 9.3.2). That
 * goes for its Range field too, though 14.2 defines one for GET alone: a client that
 * tries first gets to know what it will get, as from nginx and Apache.
 *
 * @param request The request.
 * @param file What would be sent.
 * @param options The time, and the fields that do not come of the file.
 * @returns The answer.
 *
 * @example Ten bytes, and the last two of them
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const file = { size: 10, mtimeMs: 1000, inode: 7, type: "text/plain" };
 * const options = { now: 1_000_000, boundary: () => "b" };
 * const ask = (fields: HeadersInit) => ({
 *   method: "GET",
 *   headers: new Headers(fields),
 * });
 *
 * const whole = planResponse(ask({}), file, options);
 * assertEquals(whole.status, 200);
 * assertEquals(whole.headers, [
 *   ["Content-Type", "text/plain"],
 *   ["Content-Length", "10"],
 *   ["Last-Modified", "Thu, 01 Jan 1970 00:00:01 GMT"],
 *   ["ETag", '"10-1000-7"'],
 *   ["Accept-Ranges", "bytes"],
 * ]);
 * const part = planResponse(ask({ Range: "bytes=-2" }), file, options);
 * assertEquals(part.status, 206);
 * assertEquals(part.body, [{ start: 8, length: 2 }]);
 * ```
 */
export function planResponse(
  request: PlanRequest,
  file: PlanFile,
  options: PlanOptions,
): ResponsePlan {
  const { method, headers } = request;
  const selected = select(file, options.now);

  // RFC 9110, 13.2.2: the preconditions come first, then the range.
  const verdict = evaluatePreconditions(method, headers, selected);
  if (verdict === "failed") return planFailure(412, options);
  if (verdict === "not modified") return planNotModified(selected, options);

  const range = headers.get("Range");
  if (
    range !== null && file.length === undefined &&
    ifRangeHolds(
      headers.get("If-Range"),
      selected,
      options.now,
      options.negotiated,
    )
  ) {
    const result = parseRange(range, file.size);
    if (result.kind === "unsatisfiable") {
      return planFailure(416, options, file.size);
    }
    // With a content coding it would be unclear which is inside: that or the parts.
    const sendable = result.kind === "slices" &&
      (result.slices.length === 1 || file.coding === undefined);
    if (sendable) {
      return planSlices(method, selected, file.size, result, options);
    }
  }
  return planWhole(method, selected, options);
}

/** Finds the validators and the length of what would be sent. */
function select(file: PlanFile, now: number): Selected {
  return {
    file,
    length: file.length === undefined ? file.size : file.length,
    etag: makeEntityTag(file, now, file.coding, file.length !== undefined),
    lastModified: file.mtimeMs === null
      ? null
      : Math.floor(Math.min(file.mtimeMs, now) / 1000),
  };
}

/** 200: the whole file. */
function planWhole(
  method: string,
  selected: Selected,
  options: PlanOptions,
): ResponsePlan {
  const { file, length } = selected;
  const headers: Field[] = [["Content-Type", file.type]];
  if (length !== null) headers.push(["Content-Length", String(length)]);
  addFileFields(headers, selected, options);
  const body = method === "HEAD" || length === 0
    ? NO_BODY
    : [{ start: 0, length: length ?? Infinity }];
  return { status: 200, headers, body };
}

/** 206: one slice as it is, several as multipart/byteranges (15.3.7). */
function planSlices(
  method: string,
  selected: Selected,
  size: number,
  { slices }: { readonly slices: readonly ByteSlice[] },
  options: PlanOptions,
): ResponsePlan {
  const { type } = selected.file;
  const headers: Field[] = [];
  let body: readonly BodyPart[] = slices;
  if (slices.length === 1) {
    const slice = slices[0]!;
    headers.push(
      ["Content-Type", type],
      ["Content-Length", String(slice.length)],
      ["Content-Range", contentRange(slice, size)],
    );
  } else {
    const multipart = layOutMultipart(slices, size, type, options.boundary());
    body = multipart.parts;
    headers.push(
      ["Content-Type", multipart.contentType],
      ["Content-Length", String(multipart.contentLength)],
    );
  }
  addFileFields(headers, selected, options);
  return { status: 206, headers, body: method === "HEAD" ? NO_BODY : body };
}

/** 304: only what NOT_MODIFIED_FIELDS names. */
function planNotModified(
  selected: Selected,
  options: PlanOptions,
): ResponsePlan {
  const headers: Field[] = [];
  addFileFields(headers, selected, options);
  return {
    status: 304,
    headers: headers.filter(([name]) =>
      NOT_MODIFIED_FIELDS.has(name.toLowerCase())
    ),
    body: NO_BODY,
  };
}

/** 412 or 416: the fields that belong to the error; its page is the caller's. */
function planFailure(
  status: 412 | 416,
  options: PlanOptions,
  size?: number,
): ResponsePlan {
  const headers: Field[] = [];
  if (size !== undefined) {
    headers.push(["Content-Range", unsatisfiedRange(size)]);
  }
  if (options.vary !== undefined) headers.push(["Vary", options.vary]);
  if (options.headers !== undefined) headers.push(...options.headers);
  return { status, headers, body: NO_BODY };
}

/** Adds the fields that 200, 206 and 304 have in common, in their one order. */
function addFileFields(
  headers: Field[],
  { file, etag, lastModified }: Selected,
  { cacheControl, vary, headers: others }: PlanOptions,
): void {
  if (file.coding !== undefined) {
    headers.push(["Content-Encoding", file.coding]);
  }
  if (lastModified !== null) {
    headers.push(["Last-Modified", formatHttpDate(lastModified)]);
  }
  headers.push(["ETag", etag]);
  // Never "none": some caches take any value for "bytes".
  if (file.length === undefined) headers.push(["Accept-Ranges", "bytes"]);
  if (cacheControl !== undefined) headers.push(["Cache-Control", cacheControl]);
  if (vary !== undefined) headers.push(["Vary", vary]);
  if (others !== undefined) headers.push(...others);
}
