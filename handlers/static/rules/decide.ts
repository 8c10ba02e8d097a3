// What the rules say about a request. Pure.

import type { Field } from "../response/fields.ts";
import type { RuledFields } from "../response/extra_fields.ts";
import { authorityOf } from "../lookup/target.ts";
import type { Header } from "./header.ts";
import type { Decision, RuledRequest } from "./interfaces.ts";
import type { RuleIndex } from "./match.ts";
import { type MatchedPath, matchedPath, type Values } from "./pattern.ts";
import { isRedirect, type Redirect } from "./redirect.ts";
import { fillField, locationOf, pathOnSite, urlOf } from "./target.ts";

/** Rules whose paths begin at the same place. */
export interface RuleSet {
  readonly redirects: RuleIndex<Redirect>;
  readonly headers: RuleIndex<Header>;
}

/** A request, as it is compared with one set of rules. */
export interface Compared {
  readonly path: MatchedPath;
  /** The names of the path that the rules' paths begin at. */
  readonly prefix: readonly string[];
  /** The request's target. */
  readonly target: string;
  /** Returns the host, in lower case; empty for none. */
  readonly host: () => string;
}

/** A rule that matches, and what it decides. */
export interface Match {
  readonly decision: Decision;
  readonly forced: boolean;
}

/**
 * Prepares a request for a set of rules.
 *
 * @param request The request.
 * @param above How many names of the path come before those that the rules' paths begin at;
 * `undefined` for the names of the folder's URL path.
 * @returns The request, as it is compared.
 */
export function comparedWith(
  { target, headers }: RuledRequest,
  above: number | undefined,
): Compared {
  const { names, segments, text, trailingSlash } = target;
  const below = above === undefined ? segments : names.slice(above);
  return {
    path: matchedPath(below, trailingSlash),
    prefix: names.slice(0, names.length - below.length),
    target: text,
    host: () => (authorityOf(text) ?? headers.get("Host") ?? "").toLowerCase(),
  };
}

/**
 * Decides on the first redirect or rewrite that matches.
 *
 * @param set The rules.
 * @param compared The request.
 * @returns What the rule decides; `undefined` if none matches.
 */
export function firstMatch(
  { redirects }: RuleSet,
  compared: Compared,
): Match | undefined {
  let found: Match | undefined;
  redirects.visit(compared.path, (rule) => {
    const values = matchRedirect(rule, compared);
    const decision = values && decide(rule, values, compared);
    if (decision === undefined) return false;
    found = { decision, forced: rule.forced };
    return true;
  });
  return found;
}

function decide(
  { status, target }: Redirect,
  values: Values,
  { prefix, target: request }: Compared,
): Decision | undefined {
  if (!isRedirect(status) && target.origin !== undefined) {
    const url = urlOf(target, values, request);
    return url === undefined ? undefined : { kind: "proxy", url };
  }
  if (!isRedirect(status)) {
    const rewritten = pathOnSite(target, values, prefix);
    return { kind: "rewrite", status, target: rewritten };
  }
  const location = locationOf(target, values, prefix, request);
  return location === undefined
    ? undefined
    : { kind: "redirect", status, location };
}

function matchRedirect(
  { pattern, host, query }: Redirect,
  compared: Compared,
): Values | undefined {
  if (host !== undefined && !isHost(host, compared.host())) return undefined;
  const values = pattern.match(compared.path);
  if (values === undefined || query.length === 0) return values;
  const given = parametersOf(compared.target);
  const all = new Map(values);
  for (const [name, wanted] of query) {
    const value = given.get(name);
    if (value === undefined) return undefined;
    if (!wanted.startsWith(":")) {
      if (value !== wanted) return undefined;
    } else if (!all.has(wanted.slice(1))) all.set(wanted.slice(1), value);
  }
  return all;
}

/** Whether the host of a request is that of a rule, which may have a port. */
function isHost(rule: string, host: string): boolean {
  return host === rule || host.replace(/:[0-9]*$/, "") === rule;
}

/** The parameters of a query, decoded; the last one of a name counts. */
function parametersOf(target: string): ReadonlyMap<string, string> {
  const [text = ""] = target.split("#", 1);
  const mark = text.indexOf("?");
  return new Map(
    mark < 0 ? [] : new URLSearchParams(text.slice(mark + 1)),
  );
}

/**
 * Collects the fields of all header rules that match.
 *
 * @param sets The rules, each with the request as it is compared with them.
 * @param joins Whether the values of several rules are joined; else the last one counts.
 * @returns The fields; `undefined` if no rule matches.
 */
export function fieldsOf(
  sets: readonly (readonly [RuleSet, Compared])[],
  joins: boolean,
): RuledFields | undefined {
  let fields: Map<string, Field | null> | undefined;
  for (const [{ headers }, compared] of sets) {
    headers.visit(compared.path, (rule) => {
      const values = matchHeader(rule, compared);
      if (values === undefined) return false;
      applyHeader(fields ??= new Map(), rule, values, joins);
      return false;
    });
  }
  if (fields === undefined) return undefined;
  const type = fields.get("content-type")?.[1];
  fields.delete("content-type");
  return {
    type,
    set: [...fields.values()].filter((field) => field !== null),
    removed: [...fields].flatMap(([name, field]) =>
      field === null ? [name] : []
    ),
  };
}

function matchHeader(
  { pattern, host }: Header,
  compared: Compared,
): Values | undefined {
  if (host === undefined) return pattern.match(compared.path);
  const ofHost = host.matchText(compared.host().replace(/:[0-9]*$/, ""));
  const values = ofHost && pattern.match(compared.path);
  return values && new Map([...ofHost, ...values]);
}

/** Applies a rule's fields to those of the earlier ones: first it removes, then it sets. */
function applyHeader(
  fields: Map<string, Field | null>,
  { set, remove }: Header,
  values: Values,
  joins: boolean,
): void {
  for (const name of remove) fields.set(name, null);
  for (const [name, template] of set) {
    const key = name.toLowerCase();
    const value = fillField(template, values);
    const known = joins ? fields.get(key) : undefined;
    fields.set(key, [name, known ? `${known[1]}, ${value}` : value]);
  }
}
