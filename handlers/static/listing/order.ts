// The order of a listing's entries. script.ts implements the same order.

import { isFolder, type ListingEntry, sizeOf } from "./entry.ts";
import { naturalKey } from "./natural_order.ts";
import type { ListingLook } from "./query.ts";
import { visibleText } from "./visible_text.ts";

/** An entry and its sort keys. */
interface Keyed {
  readonly entry: ListingEntry;
  readonly folder: boolean;
  /** The size or date to compare; 0 when sorting by name. */
  readonly value: number;
  /** The name as it is shown, which is all that the page's script knows. */
  readonly name: string;
  readonly key: string;
}

/**
 * Sorts entries: folders first, then by name, size or date. Entries with equal sizes or
 * dates are sorted by ascending name. A missing size or date is the smallest.
 *
 * @param entries The entries, which are not changed.
 * @param look What to sort by.
 * @returns The sorted entries.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const sorted = sortEntries([
 *   { name: "b10", kind: "file" },
 *   { name: "B9", kind: "file" },
 *   { name: "z", kind: "folder" },
 * ], { sort: "name", order: "asc" });
 * assertEquals(sorted.map((entry) => entry.name), ["z", "B9", "b10"]);
 * ```
 */
export function sortEntries(
  entries: readonly ListingEntry[],
  { sort, order }: Pick<ListingLook, "sort" | "order">,
): ListingEntry[] {
  const direction = order === "desc" ? -1 : 1;
  const nameDirection = sort === "name" ? direction : 1;
  const keyed = entries.map((entry): Keyed => {
    const name = visibleText(entry.name);
    const value = valueOf(entry, sort) * direction;
    return {
      entry,
      folder: isFolder(entry),
      value,
      name,
      key: naturalKey(name),
    };
  });
  keyed.sort((a, b) => {
    if (a.folder !== b.folder) return a.folder ? -1 : 1;
    return a.value - b.value || compareNames(a, b) * nameDirection;
  });
  return keyed.map(({ entry }) => entry);
}

function valueOf(entry: ListingEntry, sort: ListingLook["sort"]): number {
  // Not -Infinity, since the difference of two would be NaN.
  const none = -Number.MAX_SAFE_INTEGER;
  if (sort === "date") return entry.mtimeMs ?? none;
  if (sort === "size") return sizeOf(entry) ?? none;
  return 0;
}

/** Names with the same key, such as "a" and "A", are compared as they are. */
function compareNames(a: Keyed, b: Keyed): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
