// Finds rules that can never apply because an earlier one always does, and those that redirect to
// themselves. Pure.

import { loopOf } from "./loops.ts";
import type { MatchedPath } from "./pattern.ts";
import type { Fault, Redirect } from "./redirect.ts";
import { RuleIndex } from "./match.ts";

/**
 * Removes the rules that can never apply. Not all are found, only those after a rule for the
 * same path, those below a path that an earlier rule matches as a whole, and redirects to the
 * path itself. Redirects that match their own target otherwise are kept: a file may end the loop.
 *
 * @param rules The rules, in the order in which they are tried.
 * @param nameOf Names a rule by its number, after "the rule".
 * @returns The others, and the faults.
 */
export function removeShadowed(
  rules: readonly Redirect[],
  nameOf: (line: number) => string = (line) => `at line ${line}`,
): { readonly kept: readonly Redirect[]; readonly faults: readonly Fault[] } {
  const earlier = new RuleIndex<Redirect>();
  const broad = new RuleIndex<Redirect>();
  const kept: Redirect[] = [];
  const faults: Fault[] = [];
  for (const rule of rules) {
    const by = earlierRule(rule, earlier, broad);
    if (by !== undefined) {
      const reason = `it never applies: the rule ${
        nameOf(by.line)
      } is tried first`;
      faults.push({ line: rule.line, reason });
      continue;
    }
    const loop = loopOf(rule);
    if (loop?.same) {
      const reason = "it never applies: it redirects to the same path";
      faults.push({ line: rule.line, reason });
      continue;
    }
    if (loop && !matchesAny(earlier, loop.target)) {
      const reason = "it may be a loop: it matches its own target";
      faults.push({ line: rule.line, reason });
    }
    kept.push(rule);
    if (rule.query.length > 0) continue;
    earlier.add(rule);
    if (rule.pattern.covers) broad.add(rule);
  }
  return { kept, faults };
}

function earlierRule(
  rule: Redirect,
  earlier: RuleIndex<Redirect>,
  broad: RuleIndex<Redirect>,
): Redirect | undefined {
  const { pattern } = rule;
  const { only, prefix } = pattern;
  const applies = ({ host }: Redirect) =>
    host === undefined || host === rule.host;
  if (only !== undefined) {
    const path = pathOf(only);
    return firstOf(
      earlier,
      only,
      (other) => applies(other) && other.pattern.match(path) !== undefined,
    );
  }
  return firstOf(
    broad,
    prefix,
    (other) => applies(other) && isBelow(prefix, other),
  ) ??
    earlier.same(pattern.text).find(applies);
}

function firstOf(
  rules: RuleIndex<Redirect>,
  text: string,
  is: (rule: Redirect) => boolean,
): Redirect | undefined {
  let found: Redirect | undefined;
  rules.visit(pathOf(text), (rule) => {
    if (!is(rule)) return false;
    found = rule;
    return true;
  });
  return found;
}

function matchesAny(rules: RuleIndex<Redirect>, path: MatchedPath): boolean {
  let found = false;
  rules.visit(path, ({ pattern }) => found = pattern.match(path) !== undefined);
  return found;
}

/** A text as whichever form of a path it is. */
function pathOf(text: string): MatchedPath {
  return { exact: text, bare: text, folded: text };
}

/** Whether every path with a prefix is matched by a pattern that covers all below its own. */
function isBelow(prefix: string, { pattern }: Redirect): boolean {
  const { prefix: above } = pattern;
  return prefix.startsWith(above) &&
    (pattern.coversText || above === "" || prefix[above.length] === "/");
}
