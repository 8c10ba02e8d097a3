// Decides whether an upload is received, from plain data: the fields of the request, what there is
// under its name, the policy, the limits and the free space. Pure.

import type { Verdict } from "../response/conditional.ts";
import { type FieldReader, listField } from "../response/fields.ts";
import { parseDigests } from "./digest.ts";
import type { Announced, Digest, Refused, UploadPolicy } from "./interfaces.ts";
import { KEEP_FREE, KEEP_SHARE, type UploadLimits } from "./options.ts";

/** How a file that was received gets its name. */
export type Publish = "create" | "rename" | "replace";

/** A decision. */
export interface Plan {
  readonly kind: "publish";
  readonly how: Publish;
  /** The status code if the name is taken after all. */
  readonly taken: 409 | 412;
}

/** What is under a name. */
export type Existing = "nothing" | "file" | "folder" | "other";

/** The size of a body, from the fields of its request. */
export interface BodySize {
  /** The value of Content-Length. */
  readonly length: number | undefined;
  /** Whether it is chunked, so that it ends by itself. */
  readonly chunked: boolean;
}

/**
 * Reads how long a body is. The parser has checked the fields.
 *
 * @param fields The request's header fields.
 * @returns The size.
 */
export function bodySize(fields: FieldReader): BodySize {
  const length = fields.get("Content-Length");
  return {
    length: length === null ? undefined : Number(length),
    chunked: fields.get("Transfer-Encoding") !== null,
  };
}

/**
 * Decides on the fields of a request whose body is a file.
 *
 * @param fields The request's header fields.
 * @param maxSize The size of the largest file that is received.
 * @returns What the client announces; or why it is refused.
 */
export function planContent(
  fields: FieldReader,
  maxSize: number,
): Required<Announced> | Refused {
  // A part of a file must never replace the whole (RFC 9110 §14.5).
  if (fields.get("Content-Range") !== null) {
    return refused(400, "PUT with Content-Range is not supported");
  }
  const coding = listField(fields, "Content-Encoding");
  if (coding !== null && !/^(?:[ \t,]*identity)?[ \t,]*$/i.test(coding)) {
    const own = [["Accept-Encoding", "identity"]] as const;
    return { ...refused(415, "Send the file without coding"), fields: own };
  }
  const digests = digestsOf(fields, "Content-Digest", "Repr-Digest");
  if ("kind" in digests) return digests;
  const { length, chunked } = bodySize(fields);
  if (length === undefined && !chunked) {
    return refused(411, "Length Required");
  }
  return refuseSize(length, maxSize) ?? { size: length, digests };
}

/**
 * Reads the digests of a request.
 *
 * @param fields The request's header fields.
 * @param names The names of the fields.
 * @returns The digests; or why they are refused.
 */
export function digestsOf(
  fields: FieldReader,
  ...names: readonly string[]
): readonly Digest[] | Refused {
  const digests: Digest[] = [];
  for (const name of names) {
    const parsed = parseDigests(listField(fields, name));
    if (parsed === undefined) return refused(400, `Malformed ${name}`);
    digests.push(...parsed);
  }
  return digests;
}

/**
 * Decides on the size of a file.
 *
 * @param size The size, as far as it is known.
 * @param maxSize The size of the largest file that is received.
 * @returns Why it is refused.
 */
export function refuseSize(
  size: number | undefined,
  maxSize: number,
): Refused | undefined {
  return size !== undefined && size > maxSize
    ? refused(413, `Files must have at most ${maxSize} bytes`)
    : undefined;
}

/**
 * The most folders that a file brings with it. Without a limit, each small request could create
 * as many as a path may have, which nobody wants to remove one by one. A project's sources are
 * some ten levels deep.
 */
const MAX_FOLDERS = 16;

/**
 * Decides on the folders that are missing for a file.
 *
 * @param missing How many there are.
 * @returns Why the file is refused.
 */
export function refuseFolders(missing: number): Refused | undefined {
  return missing > MAX_FOLDERS
    ? refused(400, `More than ${MAX_FOLDERS} folders are missing`)
    : undefined;
}

/** The most files of a form, with what their headers may need. */
const MAX_PARTS = 1_000;
const PART_HEAD = 16 * 1024;

/**
 * Decides on the size of a form.
 *
 * @param length Its size, as far as it is known.
 * @param maxSize The size of the largest file that is received.
 * @returns Why it is refused: no form with as many files as possible is so large.
 */
export function refuseForm(
  length: number | undefined,
  maxSize: number,
): Refused | undefined {
  return length !== undefined && length > MAX_PARTS * (maxSize + PART_HEAD)
    ? refused(413, `Files must have at most ${maxSize} bytes`)
    : undefined;
}

/** The preconditions of a request, evaluated (RFC 9110 §13). */
export interface Conditions {
  /** The result of all. */
  readonly verdict: Verdict;
  /** Whether there must be no file: `If-None-Match: *`. */
  readonly mustBeNew: boolean;
}

/**
 * Decides what happens to a file of the same name.
 *
 * @param existing What is under the name.
 * @param policy The policy.
 * @param conditions The preconditions.
 * @returns How the file gets its name; or why it is refused.
 */
export function planName(
  existing: Existing,
  policy: UploadPolicy,
  { verdict, mustBeNew }: Conditions,
): Plan | Refused {
  if (existing === "folder") {
    return refused(409, "There is a folder of this name");
  }
  if (existing === "other") return refused(409, "The name is taken");
  if (verdict !== "proceed" || (mustBeNew && existing === "file")) {
    return refused(412, "Precondition Failed");
  }
  if (mustBeNew) return publish("create", 412);
  switch (policy) {
    case "error":
      return existing === "file"
        ? refused(409, "There is a file of this name")
        : publish("create");
    case "rename":
      return publish("rename");
    case "overwrite":
      return publish("replace");
  }
}

/** The state of a file system. */
export interface Space {
  /** How many bytes are free. */
  readonly free: number;
  /** How many bytes it has. */
  readonly total: number;
  /** How many more files it can have; `undefined` if there is no limit. */
  readonly files: number | undefined;
  /** How many bytes other uploads still need. */
  readonly reserved: number;
}

/** How many files a file system must have left. */
const MIN_FILES = 1_000;

/**
 * Decides whether there is space.
 *
 * @param space The file system; `undefined` if that can't be found out.
 * @param needed How many bytes the upload still needs; 0 if that is unknown.
 * @param limits The limits.
 * @param taken How many bytes all uploads have had, with those that other uploads still need.
 * @returns Why the upload is refused.
 */
export function refuseSpace(
  space: Space | undefined,
  needed: number,
  { keepFree, maxTotal }: Pick<UploadLimits, "keepFree" | "maxTotal">,
  taken: number,
): Refused | undefined {
  if (taken + needed > maxTotal) {
    return refused(507, "The limit of all uploads is reached");
  }
  if (space === undefined) return undefined;
  const { free, total, files = Infinity, reserved } = space;
  const kept = keepFree ?? Math.min(KEEP_FREE, total * KEEP_SHARE);
  return free - reserved - needed < kept || files < MIN_FILES
    ? NO_SPACE
    : undefined;
}

/** There is no space left. */
export const NO_SPACE: Refused = Object.freeze(
  refused(507, "There is not enough space"),
);

function publish(how: Publish, taken: 409 | 412 = 409): Plan {
  return { kind: "publish", how, taken };
}

function refused(status: number, reason: string): Refused {
  return { kind: "refused", status, reason };
}
