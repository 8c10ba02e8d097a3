// The folders above a listed folder, as relative links, which work wherever a proxy mounts
// the server.

/** A folder above the listed one. */
export interface Crumb {
  /** Its name; "Home" for the root. */
  readonly name: string;
  /** Its relative URL, such as `../../`. */
  readonly href: string;
}

/** The root's name in the breadcrumbs and the heading. */
export const ROOT_NAME = "Home";

/** How many folders are linked. Links get longer with the depth: without a limit, a path of 4 KB could make 6 MB. */
const MAX_LINKED = 32;

/**
 * Lists the folders above a folder. If there are too many, those in the middle are replaced
 * by one link named "\u2026".
 *
 * @param segments The folder's decoded path below the root; empty for the root itself.
 * @returns The folders from the root to the parent; none for the root.
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
  // The root is level 0; the name of level n is the segment before it.
  const first = Math.max(1, depth - MAX_LINKED);
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
