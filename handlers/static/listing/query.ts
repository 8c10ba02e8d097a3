// How a listing is asked for, in the query of its address.

/** What a listing is sorted by. Folders always go before files. */
export type ListingSort = "name" | "size" | "date";

/** How a listing shows its entries. */
export interface ListingLook {
  /** What it is sorted by. */
  readonly sort: ListingSort;
  /** Ascending or descending. */
  readonly order: "asc" | "desc";
  /** Rows with size and date, or a grid with pictures. */
  readonly view: "list" | "grid";
}

/** What a query asks for. */
export interface ListingQuery extends ListingLook {
  /** Whether the query asks for JSON. A query that doesn't leaves it to `Accept`. */
  readonly json: boolean;
}

/**
 * Reads the query of a listing's address. What it doesn't know, it ignores; where a
 * name comes twice, the first one counts.
 *
 * @param query The query, without its "?".
 * @returns What it asks for; by name, ascending and as a list where it doesn't say.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseListingQuery("sort=size&order=desc"), {
 *   sort: "size",
 *   order: "desc",
 *   view: "list",
 *   json: false,
 * });
 * ```
 */
export function parseListingQuery(query: string): ListingQuery {
  const fields = new URLSearchParams(query);
  const sort = fields.get("sort");
  return {
    sort: sort === "size" || sort === "date" ? sort : "name",
    order: fields.get("order") === "desc" ? "desc" : "asc",
    view: fields.get("view") === "grid" ? "grid" : "list",
    json: fields.get("format") === "json",
  };
}

/**
 * Lists the fields of a query that gives a listing this look.
 *
 * @param look The look.
 * @returns The names and values of the fields; none for the default look.
 */
export function lookFields(
  { sort, order, view }: ListingLook,
): [name: string, value: string][] {
  const fields: [string, string][] = [];
  if (sort !== "name") fields.push(["sort", sort]);
  if (order !== "asc") fields.push(["order", order]);
  if (view !== "list") fields.push(["view", view]);
  return fields;
}

/**
 * Writes the query that gives a listing this look.
 *
 * @param look The look.
 * @returns The query with its "?"; "" for the default look.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const look = { sort: "name", order: "asc", view: "grid" } as const;
 * assertEquals(lookQuery(look), "?view=grid");
 * ```
 */
export function lookQuery(look: ListingLook): string {
  const fields = lookFields(look).map(([name, value]) => `${name}=${value}`);
  return fields.length === 0 ? "" : "?" + fields.join("&");
}
