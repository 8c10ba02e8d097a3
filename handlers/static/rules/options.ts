// Compiles the rules among the options. Pure.

import {
  compilePlace,
  faultOfRemoval,
  faultOfSet,
  type Header,
  makeHeader,
} from "./header.ts";
import type { ParsedHeaders } from "./headers_file.ts";
import type {
  Dialect,
  HeaderRule,
  IsProxied,
  RedirectRule,
} from "./interfaces.ts";
import { compileRedirect, type Fault, type Redirect } from "./redirect.ts";
import type { ParsedRedirects } from "./redirects_file.ts";
import { removeShadowed } from "./shadowed.ts";

/**
 * Names a redirect or rewrite by its text: those of the command have no visible numbers.
 *
 * @param rule The rule.
 * @returns Such as `/a /b`.
 */
export function nameRedirect({ from, to }: RedirectRule): string {
  return `${from} ${to}`;
}

/**
 * Compiles redirects and rewrites.
 *
 * @param given The rules.
 * @param dialect The host whose patterns apply.
 * @param isProxied Whether the site's proxy has an upstream for a URL.
 * @returns The rules and the faults, by their numbers from 0.
 */
export function compileRedirects(
  given: readonly RedirectRule[],
  dialect: Dialect,
  isProxied: IsProxied,
): ParsedRedirects {
  const rules: Redirect[] = [];
  const faults: Fault[] = [];
  given.forEach(
    ({ from, to, status = 302, force = false, query = {} }, line) => {
      const written = { from, to, status, force, query: Object.entries(query) };
      const rule = compileRedirect({ ...written, line }, dialect, isProxied);
      const reason = typeof rule === "string" ? rule : rule.note;
      if (reason !== undefined) faults.push({ line, reason });
      if (typeof rule !== "string") rules.push(rule);
    },
  );
  const { kept, faults: shadowed } = removeShadowed(
    rules,
    (at) => nameRedirect(given[at]!),
  );
  return { rules: kept, faults: [...faults, ...shadowed] };
}

/**
 * Compiles header rules.
 *
 * @param given The rules.
 * @param dialect The host whose patterns apply.
 * @returns The rules and the faults, by their numbers from 0.
 */
export function compileHeaders(
  given: readonly HeaderRule[],
  dialect: Dialect,
): ParsedHeaders {
  const rules: Header[] = [];
  const faults: Fault[] = [];
  given.forEach(({ for: path, set = {}, remove = [] }, line) => {
    const place = compilePlace(path, dialect);
    const fields = Object.entries(set);
    const reasons = [
      typeof place === "string" ? place : undefined,
      ...fields.map(([name, value]) => faultOfSet(name, value, dialect)),
      // In a file, only Cloudflare has a form for that.
      ...remove.map((name) => faultOfRemoval(name, "cloudflare")),
    ].filter((reason) => reason !== undefined);
    for (const reason of reasons) faults.push({ line, reason });
    if (typeof place === "string" || reasons.length > 0) return;
    rules.push(makeHeader(place, fields, remove, dialect));
  });
  return { rules, faults };
}
