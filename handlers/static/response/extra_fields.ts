// The header fields that the user adds to files and listings. They replace the server's
// own fields of the same name, since two would be a list or an invalid response.

import { TOKEN, UNSENDABLE } from "../../../parser/syntax.ts";
import { NOT_MODIFIED_FIELDS } from "./conditional.ts";
import type { Field } from "./fields.ts";

/** Fields that differ for each response, in lower case: one value for all files would be wrong. */
const PER_RESPONSE: ReadonlySet<string> = new Set([
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
 * Checks a field for all files.
 *
 * @param name The field's name.
 * @param value Its value.
 * @returns The problem, or `undefined` if the field is valid.
 *
 * @example A field that every response already has
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   faultOfField("ETag", '"1"'),
 *   "ETag must not be set: it differs for each response",
 * );
 * assertEquals(faultOfField("X-Robots-Tag", "noindex"), undefined);
 * ```
 */
export function faultOfField(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) {
    return `${JSON.stringify(name)} is not a valid header name`;
  }
  if (PER_RESPONSE.has(name.toLowerCase())) {
    return `${name} must not be set: it differs for each response`;
  }
  return UNSENDABLE.test(value)
    ? `the value of ${name} contains a line break or a character outside Latin-1`
    : undefined;
}

/** The user's fields, grouped by how they are sent. */
export interface ExtraFields {
  /** The lower-case names: the server's own fields of these names are not sent. */
  readonly names: ReadonlySet<string>;
  /** The fields, without Vary. */
  readonly fields: readonly Field[];
  /** Those that a 304 has (RFC 9110 §15.4.5). */
  readonly notModified: readonly Field[];
  /** The user's Vary, which is merged with the server's; empty for none. */
  readonly vary: string;
}

/**
 * Groups the user's fields.
 *
 * @param fields The fields.
 * @returns The fields by how they are sent.
 *
 * @example Vary is separate, to be merged with the server's own
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

/** The fields of the header rules that match a request. */
export interface RuledFields {
  /** The value of Content-Type of a file; `undefined` for its usual one. */
  readonly type: string | undefined;
  /** The other fields to send, each name once. */
  readonly set: readonly Field[];
  /** The lower-case names of the server's own fields that are not sent. */
  readonly removed: readonly string[];
}

/** No fields of the user. */
export const NO_EXTRA: ExtraFields = sortExtraFields([]);

/** The fields that `--cache` and `--cdn-cache` set, or live reload. */
const CACHING: ReadonlySet<string> = new Set([
  "cache-control",
  "cdn-cache-control",
]);

/**
 * Adds the fields of header rules to the user's. The user's own win, and so do those that say
 * how to cache the response: they are the command's, and rules are the site's.
 *
 * @param extra The user's fields.
 * @param ruled The fields of header rules.
 * @param own The response's own fields.
 * @returns All fields.
 */
export function withRuledFields(
  extra: ExtraFields,
  ruled: RuledFields,
  own: readonly Field[],
): ExtraFields {
  const kept = new Set(extra.names);
  for (const [name] of own) {
    const key = name.toLowerCase();
    if (CACHING.has(key)) kept.add(key);
  }
  const set = ruled.set.filter(([name]) => !kept.has(name.toLowerCase()));
  const more = sortExtraFields(set);
  const removed = ruled.removed.filter((name) => !kept.has(name));
  return {
    names: new Set([...extra.names, ...more.names, ...removed]),
    fields: [...extra.fields, ...more.fields],
    notModified: [...extra.notModified, ...more.notModified],
    vary: [extra.vary, more.vary].filter((names) => names !== "").join(", "),
  };
}
