// The target of a redirect or a rewrite. A path stays on this site whatever the request's
// path is, and a URL has the host that the rule names. Pure.

import { quote, unquote } from "../../../text/quote.ts";
import { queryOf } from "../lookup/location.ts";
import type { Dialect } from "./interfaces.ts";
import type { Values } from "./pattern.ts";

/** Text with placeholders. */
export type Template = readonly (string | { readonly name: string })[];

/** A compiled target. */
export interface RuleTarget {
  /** The scheme and host of a URL; `undefined` for a path of this site. */
  readonly origin: Template | undefined;
  readonly path: Template;
  /** The query, with its "?"; `undefined` to keep that of the request. */
  readonly query: Template | undefined;
  /** The fragment, with its "#"; empty for none. */
  readonly fragment: Template;
}

const URL_START = /^https?:\/\/[^/?#]*/i;
const HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;

/**
 * What must follow the last placeholder in a host: a whole domain, as `:lang.example.com`.
 * With `https://:host/` anybody could redirect to anywhere.
 */
const DOMAIN = /^\.(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[0-9]+)?$/i;

/** Characters of names that stay as they are in a path. */
const IN_PATH = "!$&'()*+,;=:@";
/** Characters of a rule's text that stay as they are; "%" begins what it has encoded. */
const IN_URL = IN_PATH + "/?#[]%";

/**
 * Compiles a target.
 *
 * @param to The target.
 * @param names The names of the placeholders that have a value.
 * @param dialect The host whose placeholders apply.
 * @param fetched Whether the target is fetched, not redirected to, so a host must have no placeholders.
 * @returns The target, or why it can't be used.
 */
export function compileTarget(
  to: string,
  names: ReadonlySet<string>,
  dialect: Dialect,
  fetched: boolean,
): RuleTarget | string {
  const url = URL_START.exec(to)?.[0] ?? "";
  if (url === "" && /^\/[/\\]/.test(to)) {
    return 'a target that begins with "//" is ambiguous; write https:// or one slash';
  }
  const [, path = "", query, fragment = ""] =
    /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(to.slice(url.length)) ?? [];
  const parse = (text: string) => parseTemplate(text, names, dialect);
  const origin = url === "" ? undefined : parse(url);
  const fault = origin && faultOfOrigin(origin, fetched);
  if (fault !== undefined) return fault;
  return {
    origin,
    path: parse(path === "" ? "/" : path),
    query: query === undefined || query === "?" ? undefined : parse(query),
    fragment: parse(fragment),
  };
}

/**
 * Splits text at the placeholders that have a value; others are text, as on the hosts.
 *
 * @param text The text.
 * @param names The names of the placeholders that have a value.
 * @param dialect The host whose placeholders apply.
 * @returns The parts.
 */
export function parseTemplate(
  text: string,
  names: ReadonlySet<string>,
  dialect: Dialect,
): Template {
  const parts: (string | { name: string })[] = [];
  const longestFirst = [...names].toSorted((a, b) => b.length - a.length);
  let end = 0;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    const word = /^[A-Za-z]\w*/.exec(text.slice(at + 1))?.[0];
    const name = dialect === "cloudflare"
      ? longestFirst.find((name) => name === word)
      : longestFirst.find((name) => text.startsWith(name, at + 1));
    if (name === undefined) continue;
    parts.push(text.slice(end, at), { name });
    end = at + 1 + name.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

function faultOfOrigin(
  origin: Template,
  fetched: boolean,
): string | undefined {
  if (fetched) {
    // The proxy has checked the host.
    return origin.length === 1 && typeof origin[0] === "string"
      ? undefined
      : "the host of a rewrite must have no placeholders";
  }
  const text = origin.map((part) => typeof part === "string" ? part : "x");
  const authority = text.join("").replace(/^https?:\/\//i, "");
  if (!HOST.test(authority.replace(/:[0-9]+$/, ""))) {
    return "the host of the target is not valid";
  }
  const last = origin.at(-1);
  return origin.length === 1 || (typeof last === "string" && DOMAIN.test(last))
    ? undefined
    : "a placeholder in the host of the target must be followed by a domain, such as .example.com";
}

/**
 * The path of a target on this site.
 *
 * @param target The target.
 * @param values The values of its placeholders.
 * @param prefix The names of the path that the rules' paths begin at.
 * @returns The encoded path, which begins with exactly one slash.
 */
export function pathOnSite(
  target: RuleTarget,
  values: Values,
  prefix: readonly string[],
): string {
  const text = target.path.map((part) =>
    typeof part === "string"
      ? unquote(part, "surrogatepass")
      : values.get(part.name) ?? ""
  ).join("");
  const names: string[] = [];
  for (const name of text.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  const all = [...prefix, ...names];
  const slash = names.length === 0 || /(?:^|\/)\.{0,2}$/.test(text);
  return "/" + all.map((name) => quote(name, IN_PATH)).join("/") +
    (slash && all.length > 0 ? "/" : "");
}

/**
 * The value of Location for a target.
 *
 * @param target The target.
 * @param values The values of its placeholders.
 * @param prefix The names of the path that the rules' paths begin at.
 * @param request The request's target, whose query is kept unless the rule has one.
 * @returns The URL or path, in ASCII; `undefined` if the values don't make a host.
 */
export function locationOf(
  target: RuleTarget,
  values: Values,
  prefix: readonly string[],
  request: string,
): string | undefined {
  const { origin, path, query, fragment } = target;
  const rest = queryFor(query, values, request) +
    fill(fragment, values, IN_PATH + "/?");
  if (origin === undefined) return pathOnSite(target, values, prefix) + rest;
  const host = origin.map((part) =>
    typeof part === "string" ? part : values.get(part.name) ?? ""
  ).join("");
  const authority = host.replace(/^https?:\/\//i, "").replace(/:[0-9]+$/, "");
  if (!HOST.test(authority)) return undefined;
  return host + fill(path, values, IN_PATH + "/") + rest;
}

/**
 * The URL to fetch for a target on another server.
 *
 * @param target The target.
 * @param values The values of its placeholders.
 * @param request The request's target, whose query is kept unless the rule has one.
 * @returns The URL, in ASCII; `undefined` for a path of this site, or if a value would climb out of
 * the target's path.
 */
export function urlOf(
  { origin, path, query }: RuleTarget,
  values: Values,
  request: string,
): string | undefined {
  const [host] = origin ?? [];
  if (typeof host !== "string") return undefined;
  const filled = fill(path, values, IN_PATH + "/");
  // The values from a query may have any characters.
  return /\/\.{1,2}(?:\/|$)/.test(filled)
    ? undefined
    : host + filled + queryFor(query, values, request);
}

/** The query of a filled-in target: that of the rule, or else of the request. */
function queryFor(
  query: Template | undefined,
  values: Values,
  request: string,
): string {
  return query === undefined
    ? queryOf(request)
    : fill(query, values, "!$'()*,/:;?@");
}

/**
 * Fills in the values in a field of the response.
 *
 * @param template The field's value.
 * @param values The values of its placeholders, which are percent-encoded.
 * @returns The value.
 */
export function fillField(template: Template, values: Values): string {
  return template.map((part) =>
    typeof part === "string"
      ? part
      : quote(values.get(part.name) ?? "", IN_PATH + "/")
  ).join("");
}

/** Fills in values, percent-encoded except for safe characters. */
function fill(template: Template, values: Values, safe: string): string {
  return template.map((part) =>
    typeof part === "string"
      ? quote(part, IN_URL)
      : quote(values.get(part.name) ?? "", safe)
  ).join("");
}
