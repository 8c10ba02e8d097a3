// Compiles one redirect or rewrite, of a file or of the options. Pure.

import type { Dialect, IsProxied } from "./interfaces.ts";
import { compileFrom, type Pattern } from "./pattern.ts";
import { compileTarget, type RuleTarget } from "./target.ts";

/** A redirect or rewrite as it was written, with the host's defaults. */
export interface WrittenRedirect {
  readonly from: string;
  readonly to: string;
  readonly status: number;
  readonly force: boolean;
  /** The parameters of the query that it needs. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The line or number of the rule. */
  readonly line: number;
}

/** A compiled redirect or rewrite. */
export interface Redirect {
  readonly pattern: Pattern;
  /** The host that it applies to; `undefined` for any. */
  readonly host: string | undefined;
  /** As written; `:name` is any value. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly target: RuleTarget;
  readonly status: number;
  readonly forced: boolean;
  /** What is odd about it, although it applies. */
  readonly note: string | undefined;
  readonly line: number;
}

/** What is wrong with a line. */
export interface Fault {
  readonly line: number;
  readonly reason: string;
}

/** Statuses whose responses have no body, or need fields that a rule can't give. */
const NOT_FOR_FILES: ReadonlySet<number> = new Set([204, 205, 206, 304]);

const REDIRECTS_OF_CLOUDFLARE: ReadonlySet<number> = new Set([
  301,
  302,
  303,
  307,
  308,
]);

const URL_PARTS = /^https?:\/\/([^/?#]*)([^]*)$/i;

/**
 * Compiles a redirect.
 *
 * @param written The redirect as it was written.
 * @param dialect The host whose rules apply.
 * @param isProxied Whether the site's proxy has an upstream for a URL; absent if no rewrite may be to one.
 * @returns The redirect, or why it can't apply.
 */
export function compileRedirect(
  written: WrittenRedirect,
  dialect: Dialect,
  isProxied?: IsProxied,
): Redirect | string {
  const { to, status, query, line } = written;
  const place = placeOf(written.from, dialect);
  if (typeof place === "string") return place;
  const pattern = compileFrom(place.path, dialect);
  if (typeof pattern === "string") return pattern;
  const names = new Set(pattern.names);
  for (const [, value] of query) {
    if (value.startsWith(":")) names.add(value.slice(1));
  }
  const fault = faultOfStatus(status, dialect) ??
    faultOfRewrite(to, status, dialect, isProxied);
  if (fault !== undefined) return fault;
  const target = compileTarget(to, names, dialect, !isRedirect(status));
  if (typeof target === "string") return target;
  const { host } = place;
  const forced = dialect === "cloudflare" || written.force;
  const name = unknownPlaceholder(target);
  const note = name &&
    `the path to redirect has no ${name}, so the target has that text`;
  return { pattern, host, query, target, status, forced, note, line };
}

/** A placeholder in a target that has no value. A colon within a name, as in `/Talk:Main`, begins none. */
function unknownPlaceholder(
  { path, query = [], fragment }: RuleTarget,
): string | undefined {
  for (const part of [...path, ...query, ...fragment]) {
    const found = typeof part === "string"
      ? /[/=](:[A-Za-z]\w*)/.exec(part)?.[1]
      : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The host and the path of a pattern. */
function placeOf(
  from: string,
  dialect: Dialect,
): { host: string | undefined; path: string } | string {
  const [, host, path = ""] = URL_PARTS.exec(from) ?? [];
  if (dialect === "cloudflare") {
    if (host !== undefined) return "only a path can be redirected, not a URL";
    return { host, path: from.startsWith("/") ? from : `/${from}` };
  }
  if (host !== undefined) {
    return { host: host.toLowerCase(), path: path || "/" };
  }
  if (!from.startsWith("/")) {
    return 'the path to redirect must begin with "/", "http:" or "https:"';
  }
  return from.startsWith("/.netlify")
    ? "/.netlify is the host's own"
    : { host, path: from };
}

function faultOfStatus(status: number, dialect: Dialect): string | undefined {
  if (dialect === "cloudflare") {
    return status === 200 || REDIRECTS_OF_CLOUDFLARE.has(status)
      ? undefined
      : `the status must be 200, 301, 302, 303, 307 or 308, not ${status}`;
  }
  return status >= 200 && status < 600 && !NOT_FOR_FILES.has(status)
    ? undefined
    : `the status ${status} can't be sent by a rule`;
}

/** A rewrite to another server needs `--proxy` for its origin: no rule opens a way to any other. */
function faultOfRewrite(
  to: string,
  status: number,
  dialect: Dialect,
  isProxied: IsProxied | undefined,
): string | undefined {
  if (isRedirect(status)) return undefined;
  if (/^\/\.netlify\//.test(to) && dialect === "netlify") {
    return "functions and other services of the host are not supported";
  }
  const origin = /^https?:\/\/[^/?#]*/i.exec(to)?.[0];
  if (origin === undefined) return undefined;
  if (isProxied === undefined) {
    return "a rewrite must be to a path of this site";
  }
  if (!isProxied(origin)) {
    return `a rewrite to another server needs --proxy for ${origin}`;
  }
  return status === 200
    ? undefined
    : `a rewrite to another server must have the status 200, not ${status}`;
}

/**
 * Whether a status redirects; others send the file at the target.
 *
 * @param status The status code.
 * @returns `true` for 3xx.
 */
export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}
