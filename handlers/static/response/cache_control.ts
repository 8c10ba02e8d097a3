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
 * themselves, such as `no-cache` or `private, max-age=60`. The first "=" ends the glob; use
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
      const hint = /^\d+[a-z]$/i.test(directive)
        ? "; write a time as a number of seconds"
        : "";
      throw fault(
        rule,
        `${JSON.stringify(directive)} is not a valid directive${hint}`,
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
const SECONDS = /^(?:max-age|s-maxage|stale-while-revalidate|stale-if-error)$/i;

function isDirective(text: string): boolean {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  // No directive begins with a digit: "1h" was meant as a number of seconds.
  if (!TOKEN.test(name) || /^\d/.test(name)) return false;
  if (at < 0) return !SECONDS.test(name);
  const argument = text.slice(at + 1);
  if (SECONDS.test(name)) return /^\d+$/.test(argument);
  return TOKEN.test(argument) || QUOTED.test(argument);
}
