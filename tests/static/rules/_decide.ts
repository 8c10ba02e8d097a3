// Applies the text of rule files to a target, without a site.

import {
  comparedWith,
  fieldsOf,
  firstMatch,
  type RuleSet,
} from "../../../handlers/static/rules/decide.ts";
import type { Header } from "../../../handlers/static/rules/header.ts";
import { parseHeaders } from "../../../handlers/static/rules/headers_file.ts";
import type {
  Dialect,
  IsProxied,
  RuledRequest,
} from "../../../handlers/static/rules/interfaces.ts";
import { RuleIndex } from "../../../handlers/static/rules/match.ts";
import type { Redirect } from "../../../handlers/static/rules/redirect.ts";
import { parseRedirects } from "../../../handlers/static/rules/redirects_file.ts";
import { readTarget } from "../../../handlers/static/lookup/target.ts";

/** A request for a target, below a folder whose URL path is the root. */
export function request(target: string, host = "site.test"): RuledRequest {
  const { segments, trailingSlash } = readTarget(target, "posix");
  return {
    headers: { get: (name) => name === "Host" ? host : null },
    target: {
      text: target,
      names: segments,
      segments,
      trailingSlash,
      folder: undefined,
    },
  };
}

function setOf(
  redirects: readonly Redirect[],
  headers: readonly Header[],
): RuleSet {
  return {
    redirects: new RuleIndex(redirects),
    headers: new RuleIndex(headers),
  };
}

/** What redirects decide: "301 /b", "200! /b" if it is forced, "-" for nothing. */
export function redirect(
  dialect: Dialect,
  text: string,
  target: string,
  host?: string,
  isProxied?: IsProxied,
): string {
  const set = setOf(parseRedirects(text, dialect, isProxied).rules, []);
  const match = firstMatch(set, comparedWith(request(target, host), 0));
  if (match === undefined) return "-";
  const { decision, forced } = match;
  if (decision.kind === "proxy") {
    return `200${forced ? "!" : ""} ${decision.url}`;
  }
  const to = decision.kind === "redirect" ? decision.location : decision.target;
  return `${decision.status}${forced ? "!" : ""} ${to}`;
}

/** The faults of redirects: "LINE: REASON". */
export function redirectFaults(
  dialect: Dialect,
  text: string,
  isProxied?: IsProxied,
): string[] {
  return parseRedirects(text, dialect, isProxied).faults.map((
    { line, reason },
  ) => `${line}: ${reason}`);
}

/** The fields of header rules: "Name: value" and "! name". */
export function headers(
  dialect: Dialect,
  text: string,
  target: string,
  host?: string,
): string[] {
  const set = setOf([], parseHeaders(text, dialect).rules);
  const compared = comparedWith(request(target, host), 0);
  const fields = fieldsOf([[set, compared]], dialect === "cloudflare");
  if (fields === undefined) return [];
  return [
    ...fields.type === undefined ? [] : [`Content-Type: ${fields.type}`],
    ...fields.set.map(([name, value]) => `${name}: ${value}`),
    ...fields.removed.map((name) => `! ${name}`),
  ];
}

/** The faults of header rules. */
export function headerFaults(dialect: Dialect, text: string): string[] {
  return parseHeaders(text, dialect).faults.map(({ line, reason }) =>
    `${line}: ${reason}`
  );
}
