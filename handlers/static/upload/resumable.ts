// The fields of resumable uploads (draft-ietf-httpbis-resumable-upload), and what they ask for. Pure.

import type { Field, FieldReader } from "../response/fields.ts";
import type { Refused } from "./interfaces.ts";

/** The interop version of the draft. A client of another version is served like one without it. */
export const INTEROP_VERSION = "8";

/** The media type of the body of an append. */
export const PARTIAL = "application/partial-upload";

/** How long an unfinished upload is kept after its last byte, in seconds: a train ride, or a lunch. */
export const KEPT_FOR = 3_600;

const VERSION: Field = ["Upload-Draft-Interop-Version", INTEROP_VERSION];

/** The types of problems (RFC 9457) that the draft registers. */
const PROBLEMS = "https://iana.org/assignments/http-problem-types#";

/** What the first request of an upload says about it. */
export interface Creation {
  readonly kind: "creation";
  /** Whether its body ends the upload. */
  readonly complete: boolean;
  /** The size of the whole; `undefined` if the client doesn't know it yet. */
  readonly size: number | undefined;
}

/** What an append says. */
export interface Append {
  readonly kind: "append";
  readonly offset: number;
  /** Whether its body ends the upload. */
  readonly complete: boolean;
  /** The size of the whole, if the client says it. */
  readonly size: number | undefined;
}

/**
 * Reads whether a request creates an upload that can be resumed.
 *
 * @param fields The request's header fields.
 * @param length The size of its body, if it is known.
 * @returns `undefined` for an ordinary upload.
 */
export function planCreation(
  fields: FieldReader,
  length: number | undefined,
): Creation | Refused | undefined {
  const flag = fields.get("Upload-Complete");
  if (flag === null) return undefined;
  const complete = parseBoolean(flag);
  if (complete === undefined) return malformed("Upload-Complete");
  if (fields.get("Upload-Draft-Interop-Version")?.trim() !== INTEROP_VERSION) {
    if (complete) return undefined;
    // Its body is a part, which must not be stored as the whole.
    const reason = `Upload-Draft-Interop-Version must be ${INTEROP_VERSION}`;
    return { ...refused(400, reason), fields: [VERSION] };
  }
  const size = sizeOf(fields, complete ? length : undefined);
  if (typeof size === "object") return size;
  if (size !== undefined && length !== undefined && length > size) {
    return inconsistent();
  }
  return { kind: "creation", complete, size };
}

/**
 * Reads an append.
 *
 * @param fields The request's header fields.
 * @param length The size of its body, if it is known.
 * @returns The append.
 */
export function planAppend(
  fields: FieldReader,
  length: number | undefined,
): Append | Refused {
  const [type = ""] = (fields.get("Content-Type") ?? "").split(";", 1);
  if (type.trim().toLowerCase() !== PARTIAL) {
    const accepts: Field = ["Accept-Patch", PARTIAL];
    return { ...refused(415, `Send ${PARTIAL}`), fields: [accepts] };
  }
  const offset = parseInteger(fields.get("Upload-Offset"));
  if (offset === undefined) return malformed("Upload-Offset");
  const complete = parseBoolean(fields.get("Upload-Complete"));
  if (complete === undefined) return malformed("Upload-Complete");
  const end = length === undefined ? undefined : offset + length;
  const size = sizeOf(fields, complete ? end : undefined);
  if (typeof size === "object") return size;
  if (size !== undefined && end !== undefined && end > size) {
    return inconsistent();
  }
  return { kind: "append", offset, complete, size };
}

/** The state of an upload, as an append meets it. */
export interface Progress {
  /** How many bytes there are. */
  readonly offset: number;
  /** The size of the whole, if it is known. */
  readonly size: number | undefined;
  readonly complete: boolean;
}

/** A refusal with details for programs, in JSON (RFC 9457). */
export interface Problem extends Refused {
  readonly details: Readonly<Record<string, string | number>>;
}

/**
 * Decides whether an append fits.
 *
 * @param append The append.
 * @param progress The upload.
 * @returns Why it is refused.
 */
export function refuseAppend(
  { offset, size }: Append,
  progress: Progress,
): Refused | Problem | undefined {
  const fields = progressFields(progress);
  if (progress.complete) {
    return {
      ...refused(400, "The upload is complete"),
      fields,
      details: { type: PROBLEMS + "completed-upload" },
    };
  }
  if (offset !== progress.offset) {
    return {
      ...refused(409, "The offset is not that of the upload"),
      fields,
      details: {
        type: PROBLEMS + "mismatching-upload-offset",
        "expected-offset": progress.offset,
        "provided-offset": offset,
      },
    };
  }
  return size !== undefined && progress.size !== undefined &&
      size !== progress.size
    ? inconsistent()
    : undefined;
}

/**
 * Formats how far an upload is.
 *
 * @param progress The upload.
 * @returns The fields.
 */
export function progressFields(
  { offset, size, complete }: Progress,
): Field[] {
  const fields: Field[] = [
    ["Upload-Offset", String(offset)],
    ["Upload-Complete", complete ? "?1" : "?0"],
  ];
  if (size !== undefined) fields.push(["Upload-Length", String(size)]);
  return fields;
}

/**
 * Formats where an upload can be resumed.
 *
 * @param location The reference to it.
 * @param maxSize The size of the largest file that is received.
 * @returns The fields of the interim response, and of the first final one.
 */
export function resourceFields(location: string, maxSize: number): Field[] {
  return [["Location", location], limitField(maxSize), VERSION];
}

/**
 * Formats the limits of uploads.
 *
 * @param maxSize The size of the largest file that is received.
 * @returns The field.
 */
export function limitField(maxSize: number): Field {
  return ["Upload-Limit", `max-size=${maxSize}, max-age=${KEPT_FOR}`];
}

/** The size of the whole: as the client says, and as its last part implies. */
function sizeOf(
  fields: FieldReader,
  implied: number | undefined,
): number | Refused | undefined {
  const given = fields.get("Upload-Length");
  if (given === null) return implied;
  const size = parseInteger(given);
  if (size === undefined) return malformed("Upload-Length");
  return implied === undefined || implied === size ? size : inconsistent();
}

function inconsistent(): Problem {
  return {
    ...refused(400, "The sizes contradict each other"),
    details: { type: PROBLEMS + "inconsistent-upload-length" },
  };
}

function malformed(name: string): Refused {
  return refused(400, `Malformed or missing ${name}`);
}

/** Parses a boolean (RFC 9651 §3.3.6). */
function parseBoolean(value: string | null): boolean | undefined {
  const found = value === null ? null : /^[ \t]*\?([01])[ \t]*$/.exec(value);
  return found === null ? undefined : found[1] === "1";
}

/** Parses an integer that is not negative (RFC 9651 §3.3.1). */
function parseInteger(value: string | null): number | undefined {
  const found = value === null
    ? null
    : /^[ \t]*([0-9]{1,15})[ \t]*$/.exec(value);
  return found === null ? undefined : Number(found[1]);
}

function refused(status: number, reason: string): Refused {
  return { kind: "refused", status, reason };
}
