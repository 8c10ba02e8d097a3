// A listing as JSON, in pieces that are sent one by one.

import { quote } from "../../../text/quote.ts";
import { isFolder, isReachable, type ListingEntry, sizeOf } from "./entry.ts";
import { isoDate } from "./iso_date.ts";

/**
 * Begins the JSON of a listing.
 *
 * Head, rows and foot make up one object: `path`, and `entries` with `name`, `type`
 * (`"folder"`, `"file"` or `"other"`), and, if known, `size` in bytes, `mtime` in ISO 8601,
 * `href` relative to the folder, and `link` for a symlink.
 *
 * @param segments The folder's decoded path below the root.
 * @returns The first piece.
 */
export function jsonHead(segments: readonly string[]): string {
  const path = segments.map((segment) => segment + "/").join("");
  return `{"path":${JSON.stringify("/" + path)},"entries":[`;
}

/**
 * Formats some entries of a listing as JSON.
 *
 * @param entries The entries, in order.
 * @param first Whether they are the first of the listing, and need no comma before them.
 * @returns The next piece.
 */
export function jsonRows(
  entries: readonly ListingEntry[],
  first: boolean,
): string {
  let rows = "";
  for (const entry of entries) {
    rows += rows === "" && first ? "\n" : ",\n";
    rows += JSON.stringify(jsonEntry(entry));
  }
  return rows;
}

/**
 * Ends the JSON of a listing.
 *
 * @param truncated Whether the folder has more entries; then the object has `"truncated": true`.
 * @returns The last piece.
 */
export function jsonFoot(truncated = false): string {
  return truncated ? '\n],"truncated":true}\n' : "\n]}\n";
}

function jsonEntry(entry: ListingEntry): Record<string, unknown> {
  const { name, kind, mtimeMs } = entry;
  const folder = isFolder(entry);
  // JSON.stringify() omits undefined properties.
  return {
    name,
    type: folder ? "folder" : kind === "other" ? "other" : "file",
    link: kind.startsWith("link-") || undefined,
    size: sizeOf(entry),
    mtime: isoDate(mtimeMs),
    href: isReachable(entry)
      ? "./" + quote(name) + (folder ? "/" : "")
      : undefined,
  };
}
