// Finds rules that can never apply because an earlier one always does. Pure.

import type { Fault, Redirect } from "./redirect.ts";
import { RuleIndex } from "./match.ts";

/**
 * Removes the rules that can never apply. Not all are found, only those after a rule for the
 * same path, and those below a path that an earlier rule matches as a whole.
 *
 * @param rules The rules, in the order in which they are tried.
 * @param unit What their numbers count.
 * @returns The others, and a fault for each removed rule.
 */
export function removeShadowed(
  rules: readonly Redirect[],
  unit: "line" | "index" = "line",
): { readonly kept: readonly Redirect[]; readonly faults: readonly Fault[] } {
  const earlier = new RuleIndex<Redirect>();
  const broad: Redirect[] = [];
  const kept: Redirect[] = [];
  const faults: Fault[] = [];
  for (const rule of rules) {
    const by = earlierRule(rule, earlier, broad);
    if (by !== undefined) {
      const reason =
        `it never applies: the rule at ${unit} ${by.line} is tried first`;
      faults.push({ line: rule.line, reason });
      continue;
    }
    kept.push(rule);
    if (rule.query.length > 0) continue;
    earlier.add(rule);
    if (rule.pattern.covers) broad.push(rule);
  }
  return { kept, faults };
}

function earlierRule(
  rule: Redirect,
  earlier: RuleIndex<Redirect>,
  broad: readonly Redirect[],
): Redirect | undefined {
  const { pattern } = rule;
  const applies = ({ host }: Redirect) =>
    host === undefined || host === rule.host;
  if (pattern.only === undefined) {
    return broad.find((other) =>
      applies(other) && isBelow(pattern.prefix, other)
    ) ?? earlier.same(pattern.text).find(applies);
  }
  let found: Redirect | undefined;
  const { only } = pattern;
  const path = { exact: only, bare: only, folded: only };
  earlier.visit(path, (other) => {
    if (!applies(other) || other.pattern.match(path) === undefined) {
      return false;
    }
    found = other;
    return true;
  });
  return found;
}

/** Whether every path with a prefix is matched by a pattern that covers all below its own. */
function isBelow(prefix: string, { pattern }: Redirect): boolean {
  const { prefix: above } = pattern;
  return prefix.startsWith(above) &&
    (pattern.coversText || above === "" || prefix[above.length] === "/");
}
