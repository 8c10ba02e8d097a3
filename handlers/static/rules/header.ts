// Compiles one header rule, of a file or of the options. Pure.

import { TOKEN, UNSENDABLE } from "../../../parser/syntax.ts";
import { faultOfField } from "../response/extra_fields.ts";
import type { Dialect } from "./interfaces.ts";
import { compileFor, compileHost, type Pattern } from "./pattern.ts";
import { parseTemplate, type Template } from "./target.ts";

/** A compiled header rule. */
export interface Header {
  readonly pattern: Pattern;
  /** The host that it applies to; `undefined` for any. */
  readonly host: Pattern | undefined;
  /** The fields to set. */
  readonly set: readonly (readonly [name: string, value: Template])[];
  /** The lower-case names of fields to remove, before others are set. */
  readonly remove: readonly string[];
}

/** Fields that frame the body, or that caches need: without them, the response would be wrong. */
const KEPT: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "server",
  "transfer-encoding",
  "vary",
]);

const URL_PARTS = /^https:\/\/([^/]+)([^]*)$/;

/** The pattern of a header rule, and that of its host. */
export type HeaderPlace = Pick<Header, "pattern" | "host">;

/**
 * Compiles the pattern of a header rule.
 *
 * @param path The pattern.
 * @param dialect The host whose patterns apply.
 * @returns The patterns, or why they can't match.
 */
export function compilePlace(
  path: string,
  dialect: Dialect,
): HeaderPlace | string {
  if (/\s/.test(path)) return "no path has a space; write %20";
  const [, host, rest = ""] = URL_PARTS.exec(path) ?? [];
  if (dialect === "netlify" || host === undefined) {
    if (!path.startsWith("/")) {
      return dialect === "netlify"
        ? 'the path must begin with "/"'
        : 'the path must begin with "/" or "https://"';
    }
    const pattern = compileFor(path, dialect);
    return typeof pattern === "string" ? pattern : { pattern, host: undefined };
  }
  if (/:[0-9]+$/.test(host)) return "a host can't have a port";
  const stars = path.split("*").length - 1;
  if (stars > 1) return "only one * is allowed";
  const pattern = compileFor(rest || "/", dialect);
  const ofHost = compileHost(host);
  if (typeof pattern === "string") return pattern;
  return typeof ofHost === "string" ? ofHost : { pattern, host: ofHost };
}

/**
 * Checks a field to set.
 *
 * @param name Its name.
 * @param value Its value.
 * @param dialect The host whose rules apply.
 * @returns Why it can't be set; `undefined` if it can.
 */
export function faultOfSet(
  name: string,
  value: string,
  dialect: Dialect,
): string | undefined {
  if (dialect === "netlify" && /^basic-auth$/i.test(name)) {
    return "Basic-Auth is not supported, so these paths have no password; use --users";
  }
  if (/^content-type$/i.test(name)) {
    return UNSENDABLE.test(value)
      ? `the value of ${name} contains a character outside Latin-1`
      : undefined;
  }
  return faultOfField(name, value);
}

/**
 * Checks the name of a field to remove.
 *
 * @param name The name.
 * @param dialect The host whose rules apply.
 * @returns Why it can't be removed; `undefined` if it can.
 */
export function faultOfRemoval(
  name: string,
  dialect: Dialect,
): string | undefined {
  if (dialect === "netlify") return "only Cloudflare can remove a field";
  if (!TOKEN.test(name)) return `${name} is not a valid header name`;
  return KEPT.has(name.toLowerCase())
    ? `${name} can't be removed: the response would be wrong without it`
    : undefined;
}

/**
 * Puts a header rule together.
 *
 * @param place Its patterns.
 * @param set The fields to set, each name once.
 * @param remove The names of the fields to remove.
 * @param dialect The host whose placeholders apply.
 * @returns The rule.
 */
export function makeHeader(
  place: HeaderPlace,
  set: readonly (readonly [name: string, value: string])[],
  remove: readonly string[],
  dialect: Dialect,
): Header {
  // Only Cloudflare fills in values.
  const names = dialect === "netlify"
    ? new Set<string>()
    : new Set([...place.pattern.names, ...place.host?.names ?? []]);
  return {
    ...place,
    set: set.map(([name, value]) => [
      name,
      parseTemplate(value, names, dialect),
    ]),
    remove: remove.map((name) => name.toLowerCase()),
  };
}
