// The query parameters of a listing.

/** The property to sort by. Folders always come before files. */
export type ListingSort = "name" | "size" | "date";

/** How a listing shows its entries. */
export interface ListingLook {
  /** What to sort by. */
  readonly sort: ListingSort;
  /** Ascending or descending. */
  readonly order: "asc" | "desc";
  /** Rows with size and date, or a grid with thumbnails. */
  readonly view: "list" | "grid";
  /** Whether links keep the query that shows the upload page of folders with an index page. */
  readonly uploadPage?: boolean;
}

/** The parsed query. */
export interface ListingQuery extends ListingLook {
  /** Whether the query requests JSON. Otherwise `Accept` decides. */
  readonly json: boolean;
}

/**
 * Parses a listing's query. Unknown parameters are ignored; if one occurs twice, the first
 * counts.
 *
 * @param query The query, without its "?".
 * @returns The parsed query. Default: a list, sorted by ascending name.
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
 * Parses the query of a request for a folder's archive.
 *
 * @param query The query, without its "?".
 * @returns The format; `undefined` if it requests none.
 *
 * @example A link, and a form's button
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(archiveFormat("zip"), "zip");
 * assertEquals(archiveFormat("tar="), "tar");
 * assertEquals(archiveFormat("sort=zip"), undefined);
 * ```
 */
export function archiveFormat(query: string): "zip" | "tar" | undefined {
  const fields = new URLSearchParams(query);
  if (fields.has("zip")) return "zip";
  return fields.has("tar") ? "tar" : undefined;
}

/**
 * Whether a query requests the page to upload files, which is also there if the folder has an
 * index page: others may have uploaded that.
 *
 * @param query The query, without its "?".
 * @returns `true` if it does.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(requestsUploadPage("upload"));
 * assert(!requestsUploadPage("sort=upload"));
 * ```
 */
export function requestsUploadPage(query: string): boolean {
  return query.includes("upload") && new URLSearchParams(query).has("upload");
}

/**
 * Whether a target requests the readable page of a file: its query is `view`.
 *
 * @param target The target.
 * @returns `true` if it does.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(requestsView("/notes.md?view"));
 * assert(!requestsView("/notes.md?view=grid"));
 * ```
 */
export function requestsView(target: string): boolean {
  return target.endsWith("?view") && target.indexOf("?") === target.length - 5;
}

/**
 * Returns the query parameters for a look.
 *
 * @param look The look.
 * @returns Names and values; none for the default look.
 */
export function lookFields(
  { sort, order, view, uploadPage = false }: ListingLook,
): [name: string, value: string][] {
  const fields: [string, string][] = [];
  if (uploadPage) fields.push(["upload", ""]);
  if (sort !== "name") fields.push(["sort", sort]);
  if (order !== "asc") fields.push(["order", order]);
  if (view !== "list") fields.push(["view", view]);
  return fields;
}

/**
 * Formats the query for a look.
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
