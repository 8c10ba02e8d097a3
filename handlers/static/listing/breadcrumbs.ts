// The way from the root of what is served to a folder, as relative links: they stay
// right wherever a proxy mounts the server.

/** A folder above the one that is shown. */
export interface Crumb {
  /** Its name; "Home" for the root. */
  readonly name: string;
  /** Its address relative to the folder that is shown, such as `../../`. */
  readonly href: string;
}

/** The root's name in the breadcrumbs and the heading. */
export const ROOT_NAME = "Home";

/** Each link is as long as its way up: without a bound, a path of 4 KB could take 6 MB. */
const MOST = 32;

/**
 * Names the folders above a folder. Where there are too many to show, those in the
 * middle become one, called "\u2026".
 *
 * @param segments The folder's path below the root, decoded; empty for the root itself.
 * @returns The folders from the root to the parent; none above the root.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(breadcrumbs(["photos", "2024"]), [
 *   { name: "Home", href: "../../" },
 *   { name: "photos", href: "../" },
 * ]);
 * ```
 */
export function breadcrumbs(segments: readonly string[]): Crumb[] {
  const depth = segments.length;
  if (depth === 0) return [];
  // The root is at level 0, and the name of level n is the segment before it.
  const first = Math.max(1, depth - MOST);
  const crumbs: Crumb[] = [{ name: ROOT_NAME, href: "../".repeat(depth) }];
  for (let level = first; level < depth; level++) {
    const skipped = level === first && first > 1;
    crumbs.push({
      name: skipped ? "\u2026" : segments[level - 1]!,
      href: "../".repeat(depth - level),
    });
  }
  return crumbs;
}
