// The fields of responses: those of the user, the rules and the policies. Pure.

import type { Exchange } from "./exchange.ts";
import type { FoundFile } from "./found.ts";
import {
  type ExtraFields,
  NO_EXTRA,
  withRuledFields,
} from "./response/extra_fields.ts";
import type { Field } from "./response/fields.ts";
import { mergeVary } from "./response/vary.ts";

/** The facts about a file that a response depends on, besides its forms. */
export type AnsweredFile =
  & Pick<FoundFile, "cacheControl" | "csp" | "name" | "type" | "vary">
  & {
    /** The value of Content-Disposition, for an archive. */
    readonly disposition?: string;
  };

const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * Adds the fields of the site's cache rules.
 *
 * @param fields The response's fields.
 * @param exchange The request.
 * @param file The file.
 */
export function addCacheControl(
  fields: Field[],
  { site }: Exchange,
  { cacheControl, disposition, name }: AnsweredFile,
): void {
  const value = cacheControl ?? site.cacheControl?.(name);
  if (value !== undefined) fields.push(["Cache-Control", value]);
  if (disposition !== undefined) return;
  const forCdn = site.cdnCacheControl?.(name);
  if (forCdn !== undefined) fields.push(["CDN-Cache-Control", forCdn]);
}

/**
 * Returns the fields of a file or listing: its own, replaced by the user's of the same names,
 * plus those of the policies. A page that the server makes keeps its Content-Security-Policy:
 * one for the site's files would block the style and the script of the page.
 *
 * @param exchange The request.
 * @param own The response's own fields.
 * @param vary The request fields that the response depends on so far.
 * @param status The status code.
 * @returns All fields.
 */
export function fileFields(
  exchange: Exchange,
  own: Field[],
  vary: string,
  status: number,
): Field[] {
  const given = exchange.request.extra_response_headers.length > 0;
  return given || exchange.ruled !== undefined
    ? withExtra(exchange, own, vary, status, given ? exchange.extra : NO_EXTRA)
    : policyFields(exchange, own, vary);
}

/**
 * Returns the same, with the fields of header rules.
 *
 * @param exchange The request.
 * @param own The response's own fields.
 * @param vary The request fields that the response depends on so far.
 * @param status The status code.
 * @param extra The user's fields.
 * @returns All fields.
 */
export function withExtra(
  exchange: Exchange,
  own: Field[],
  vary: string,
  status: number,
  extra: ExtraFields,
): Field[] {
  const { ruled } = exchange;
  const given = ruled === undefined
    ? extra
    : withRuledFields(extra, ruled, own);
  const { names, fields, notModified, vary: more } = own.some(isPolicy)
    ? withoutPolicy(given)
    : given;
  const sent = status === 304 ? notModified : fields;
  const all = more === "" ? vary : mergeVary(vary, [more]);
  const kept = own.filter(([name]) => !names.has(name.toLowerCase()));
  return policyFields(exchange, [...kept, ...sent], all, names);
}

function isPolicy([name]: Field): boolean {
  return name.toLowerCase() === "content-security-policy";
}

function withoutPolicy(extra: ExtraFields): ExtraFields {
  const names = new Set(extra.names);
  if (!names.delete("content-security-policy")) return extra;
  const fields = extra.fields.filter((field) => !isPolicy(field));
  return { ...extra, names, fields };
}

/**
 * Adds fields, except those that the user replaced.
 *
 * @param fields The response's fields.
 * @param more The fields to add.
 * @param replaced The lower-case names of those to leave out.
 */
export function addFields(
  fields: Field[],
  more: readonly Field[],
  replaced: ReadonlySet<string>,
): void {
  for (const field of more) {
    if (replaced.size === 0 || !replaced.has(field[0].toLowerCase())) {
      fields.push(field);
    }
  }
}

/**
 * Adds the fields that every response of the site has: security, CORS and Vary.
 *
 * @param exchange The request.
 * @param fields The response's own fields; the others are appended to them.
 * @param vary The request fields that the response depends on so far.
 * @param replaced The lower-case names that the user set for all files.
 * @returns All fields.
 */
export function policyFields(
  { site, method, headers }: Exchange,
  fields: Field[] = [],
  vary: string = "",
  replaced: ReadonlySet<string> = NO_NAMES,
): Field[] {
  addFields(fields, site.fields, replaced);
  if (site.cors !== undefined) {
    const decision = site.cors({ method, headers });
    addFields(fields, decision.headers, replaced);
    if (decision.vary.length > 0) vary = mergeVary(vary, decision.vary);
  }
  if (vary !== "") fields.push(["Vary", vary]);
  return fields;
}
