// The header fields that the user adds to files and listings. One that the server would
// send itself is replaced: two of a name would be one list, or no valid answer.

import { UNSENDABLE } from "../../response_head.ts";
import { TOKEN } from "../../../parser/syntax.ts";
import { NOT_MODIFIED_FIELDS } from "./conditional.ts";
import type { Field } from "./fields.ts";

/** What each answer says of itself, in lower case: one value for all files could only be wrong. */
const TOLD_BY_ANSWER: ReadonlySet<string> = new Set([
  "accept-ranges",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "etag",
  "keep-alive",
  "last-modified",
  "server",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Tells what is wrong with a field for all files.
 *
 * @param name The field's name.
 * @param value Its value.
 * @returns What is wrong; `undefined` where nothing is.
 *
 * @example A field that each answer has already
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(faultOfField("ETag", '"1"'), "ETag is told by each answer itself");
 * assertEquals(faultOfField("X-Robots-Tag", "noindex"), undefined);
 * ```
 */
export function faultOfField(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return `${JSON.stringify(name)} is no name of a field`;
  if (TOLD_BY_ANSWER.has(name.toLowerCase())) {
    return `${name} is told by each answer itself`;
  }
  return UNSENDABLE.test(value)
    ? `the value of ${name} holds a line end or a character outside latin-1`
    : undefined;
}

/** The user's fields, sorted by how they are sent. */
export interface ExtraFields {
  /** The names, in lower case: the server's own fields of these names are not sent. */
  readonly names: ReadonlySet<string>;
  /** The fields, without Vary. */
  readonly fields: readonly Field[];
  /** Those of them that a 304 carries (RFC 9110, 15.4.5). */
  readonly notModified: readonly Field[];
  /** What Vary names besides the server's own; empty for nothing. */
  readonly vary: string;
}

/**
 * Sorts the user's fields.
 *
 * @param fields The fields, as they were given.
 * @returns The fields by how they are sent.
 *
 * @example Vary is joined with the server's own
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const extra = sortExtraFields([["Vary", "Cookie"], ["X-A", "1"]]);
 * assertEquals(extra.vary, "Cookie");
 * assertEquals(extra.fields, [["X-A", "1"]]);
 * ```
 */
export function sortExtraFields(fields: readonly Field[]): ExtraFields {
  const isVary = ([name]: Field) => name.toLowerCase() === "vary";
  const others = fields.filter((field) => !isVary(field));
  return {
    names: new Set(others.map(([name]) => name.toLowerCase())),
    fields: others,
    notModified: others.filter(([name]) =>
      NOT_MODIFIED_FIELDS.has(name.toLowerCase())
    ),
    vary: fields.filter(isVary).map(([, value]) => value).join(", "),
  };
}
