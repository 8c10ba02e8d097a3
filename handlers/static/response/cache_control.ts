// Cache-Control by rules, such as "assets/**=immutable".

import { TOKEN, trimOws } from "../../../parser/syntax.ts";
import { compileGlob } from "./glob.ts";

/** A year in seconds, the customary maximum. */
const YEAR = 31_536_000;

/** RFC 9111 §1.2.2: greater values count as this one. */
const MAX_AGE = 2 ** 31;

/** Short forms of common values. */
const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ["immutable", `public, max-age=${YEAR}, immutable`],
]);

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
  const compiled = rules.map((rule) => {
    const at = rule.indexOf("=");
    if (at < 0) throw fault(rule, 'it must be GLOB=VALUE, but has no "="');
    return {
      matches: compileGlob(rule.slice(0, at)),
      value: expandValue(rule.slice(at + 1), rule),
    };
  });
  return (path) => compiled.find(({ matches }) => matches(path))?.value;
}

function fault(rule: string, problem: string): SyntaxError {
  return new SyntaxError(
    `Cannot read the cache rule ${JSON.stringify(rule)}: ${problem}`,
  );
}

function expandValue(text: string, rule: string): string {
  const value = trimOws(text);
  const long = SHORTHANDS.get(value);
  if (long !== undefined) return long;
  if (/^\d+$/.test(value)) {
    return `public, max-age=${Math.min(Number(value), MAX_AGE)}`;
  }
  for (const directive of splitDirectives(value)) {
    if (!isDirective(directive)) {
      throw fault(
        rule,
        `${JSON.stringify(directive)} is not a valid directive; ` +
          adviceFor(directive),
      );
    }
  }
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
