// Cache-Control and CDN-Cache-Control by rules, such as "assets/**=immutable".

import { TOKEN, trimOws } from "../../../parser/syntax.ts";
import { compileGlob } from "./glob.ts";

/** A year in seconds, the customary maximum. */
const YEAR = 31_536_000;

/** RFC 9111 §1.2.2: greater values count as this one. */
const MAX_AGE = 2 ** 31;

/** How the short forms of a value are written out. */
interface Style {
  /** What precedes a lifetime. */
  readonly prefix: string;
  /** Returns what is wrong with directives that are valid in Cache-Control. */
  readonly faultOf: (directives: readonly string[]) => string | undefined;
}

const FOR_ALL: Style = { prefix: "public, ", faultOf: () => undefined };

/** Without `public`, a CDN doesn't store the responses to requests with a password. */
const FOR_CDN: Style = { prefix: "", faultOf: faultOfTargeted };

/**
 * Compiles rules to a function that returns the value of Cache-Control.
 *
 * A rule is a glob, a "=", and a value: `immutable`, for a year and for names that change
 * with their content; a number of seconds, short for `public, max-age=N`; or the directives
 * themselves, such as `no-cache` or `private, max-age=60`, or extensions of the form
 * `name=value`. The first "=" ends the glob; use
 * `?` to match a "=" in a name. The first rule that matches a path counts, so put special
 * rules before general ones. For the syntax of globs see `compileGlob()`.
 *
 * @param rules The rules, in order.
 * @returns A function that takes a file's canonical path below the root, and returns the value of Cache-Control, or `undefined` if no rule matches.
 * @throws {SyntaxError} A rule has no "=", or its glob or value is malformed.
 *
 * @example Assets with a hash in their names, and the rest
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const valueFor = compileCacheRules(["assets/**=immutable", "*.html=60"]);
 * assertEquals(
 *   valueFor("assets/app.5f3a.js"),
 *   "public, max-age=31536000, immutable",
 * );
 * assertEquals(valueFor("docs/index.html"), "public, max-age=60");
 * assertEquals(valueFor("robots.txt"), undefined);
 * ```
 */
export function compileCacheRules(
  rules: readonly string[],
): (path: string) => string | undefined {
  return compile(rules, FOR_ALL);
}

/**
 * Compiles rules to a function that returns the value of CDN-Cache-Control (RFC 9213), which
 * CDNs follow instead of Cache-Control and other caches ignore.
 *
 * The rules have the form of `compileCacheRules()`. A number of seconds is short for
 * `max-age=N`, and `immutable` for a year. The value is a structured field (RFC 9651), so names
 * are in lower case, and a value is a number, a token or a quoted string.
 *
 * @param rules The rules, in order.
 * @returns As `compileCacheRules()`, for CDN-Cache-Control.
 * @throws {SyntaxError} A rule has no "=", or its glob or value is malformed.
 *
 * @example An hour in the CDN, and a day more while it fetches a new copy
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const valueFor = compileCdnRules([
 *   "*.html=max-age=3600, stale-while-revalidate=86400",
 *   "**=60",
 * ]);
 * assertEquals(
 *   valueFor("index.html"),
 *   "max-age=3600, stale-while-revalidate=86400",
 * );
 * assertEquals(valueFor("a.js"), "max-age=60");
 * ```
 */
export function compileCdnRules(
  rules: readonly string[],
): (path: string) => string | undefined {
  return compile(rules, FOR_CDN);
}

function compile(
  rules: readonly string[],
  style: Style,
): (path: string) => string | undefined {
  const compiled = rules.map((rule) => {
    const at = rule.indexOf("=");
    if (at < 0) throw fault(rule, 'it must be GLOB=VALUE, but has no "="');
    return {
      matches: compileGlob(rule.slice(0, at)),
      value: expandValue(rule.slice(at + 1), rule, style),
    };
  });
  return (path) => compiled.find(({ matches }) => matches(path))?.value;
}

function fault(rule: string, problem: string): SyntaxError {
  return new SyntaxError(
    `Cannot read the cache rule ${JSON.stringify(rule)}: ${problem}`,
  );
}

function expandValue(text: string, rule: string, style: Style): string {
  const value = trimOws(text);
  if (value === "immutable") {
    return `${style.prefix}max-age=${YEAR}, immutable`;
  }
  if (/^\d+$/.test(value)) {
    return `${style.prefix}max-age=${Math.min(Number(value), MAX_AGE)}`;
  }
  const directives = splitDirectives(value);
  for (const directive of directives) {
    if (!isDirective(directive)) {
      throw fault(
        rule,
        `${JSON.stringify(directive)} is not a valid directive; ` +
          adviceFor(directive),
      );
    }
  }
  const problem = style.faultOf(directives);
  if (problem !== undefined) throw fault(rule, problem);
  return value;
}

/** Splits at commas outside quotation marks. */
function splitDirectives(value: string): string[] {
  const directives: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '"') quoted = !quoted;
    else if (value[at] === "," && !quoted) {
      directives.push(trimOws(value, start, at));
      start = at + 1;
    }
  }
  return [...directives, trimOws(value, start)];
}

// A quoted string without escapes, which no directive needs: its content is field names.
const QUOTED = /^"[\t !#-[\]-~]*"$/;

/** RFC 9111 §5.2.2 and RFC 5861: these need a number of seconds. */
const SECONDS: readonly string[] = [
  "max-age",
  "s-maxage",
  "stale-while-revalidate",
  "stale-if-error",
];

/** RFC 9111 §5.2.2: these may have field names as an argument. */
const WITH_FIELDS: readonly string[] = ["no-cache", "private"];

/** RFC 9111 §5.2.2 and RFC 8246: these have no argument. */
const ALONE: readonly string[] = [
  "public",
  "no-store",
  "no-transform",
  "must-revalidate",
  "proxy-revalidate",
  "must-understand",
  "immutable",
];

/**
 * Whether a directive is a known one, or an extension of the form `name=value`. A word
 * that is neither is a mistake, and caches would ignore it.
 */
function isDirective(text: string): boolean {
  const at = text.indexOf("=");
  const name = (at < 0 ? text : text.slice(0, at)).toLowerCase();
  if (at < 0) return ALONE.includes(name) || WITH_FIELDS.includes(name);
  const argument = text.slice(at + 1);
  if (SECONDS.includes(name)) return /^\d+$/.test(argument);
  // The names in "1h=2" and "-1=2" are not those of extensions.
  return !ALONE.includes(name) && /^[a-z]/.test(name) && TOKEN.test(name) &&
    (TOKEN.test(argument) || QUOTED.test(argument));
}

function adviceFor(directive: string): string {
  if (/^-?\d/.test(directive)) return "write a time as a number of seconds";
  const name = directive.split("=", 1)[0]!.toLowerCase();
  if (SECONDS.includes(name)) return `write ${name}=SECONDS`;
  if (ALONE.includes(name)) return `write ${name} without a value`;
  return `it must be ${
    [...ALONE, ...WITH_FIELDS].join(", ")
  }, or have the form NAME=VALUE`;
}

/** A member of a dictionary in a structured field (RFC 9651 §3.2), without parameters. */
const MEMBER =
  /^[a-z*][a-z0-9_.*-]*(?:=(?:-?\d{1,15}|[A-Za-z*][\w!#$%&'*+.^`|~:\/-]*|"[^"\\\t]*"))?$/;

/** CDNs ignore the whole field if a part of it is malformed (RFC 9213 §2.1). */
function faultOfTargeted(directives: readonly string[]): string | undefined {
  const wrong = directives.find((directive) => !MEMBER.test(directive));
  return wrong === undefined
    ? undefined
    : `${
      JSON.stringify(wrong)
    } is not valid in CDN-Cache-Control; write its name in lower case, and its value as a number, a token or a quoted string`;
}
