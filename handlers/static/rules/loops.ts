// Finds redirects whose target they match again. Pure.

import { readTarget } from "../lookup/target.ts";
import { type MatchedPath, matchedPath } from "./pattern.ts";
import { isRedirect, type Redirect } from "./redirect.ts";
import { pathOnSite } from "./target.ts";

/** A redirect that matches its own target. */
export interface Loop {
  /** Whether the target is the path that was redirected, so the rule is never of use. */
  readonly same: boolean;
  /** The target for a path that the rule matches. */
  readonly target: MatchedPath;
}

/**
 * Determines whether a redirect matches its own target, by an example of the paths that it matches.
 *
 * @param rule The redirect.
 * @returns The loop; `undefined` without one, or if a file at the target ends it.
 */
export function loopOf(rule: Redirect): Loop | undefined {
  const { pattern, query, target, status, forced } = rule;
  if (
    !isRedirect(status) || target.origin !== undefined || query.length > 0
  ) return undefined;
  const example = pattern.example();
  const values = pattern.match({
    exact: example,
    bare: example,
    folded: example,
  });
  if (values === undefined) return undefined;
  const { segments, trailingSlash } = readTarget(
    pathOnSite(target, values, []),
    "posix",
  );
  const path = matchedPath(segments, trailingSlash);
  if (path[pattern.compared] === example) return { same: true, target: path };
  const isFixed = target.path.every((part) => typeof part === "string");
  // A page of the site is often the target of all that is missing.
  if (isFixed && !forced) return undefined;
  return pattern.match(path) && { same: false, target: path };
}
