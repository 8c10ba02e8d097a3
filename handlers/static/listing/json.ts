// A listing as JSON, in pieces that are sent one after another.

import { quote } from "../../../text/quote.ts";
import { isFolder, isReachable, type ListingEntry, sizeOf } from "./entry.ts";
import { isoDate } from "./iso_date.ts";

/**
 * Begins the JSON of a listing.
 *
 * Head, rows and foot joined are one object: `path`, and `entries` with `name`, `type`
 * (`"folder"`, `"file"` or `"other"`) and, where they are known, `size` in bytes, `mtime`
 * in ISO 8601, `href` relative to the folder, and `link` where it is a symbolic link.
 *
 * @param segments The folder's path below the root, decoded.
 * @returns The first piece.
 */
export function jsonHead(segments: readonly string[]): string {
  const path = segments.map((segment) => segment + "/").join("");
  return `{"path":${JSON.stringify("/" + path)},"entries":[`;
}

/**
 * Writes some entries of a listing as JSON.
 *
 * @param entries The entries, in order.
 * @param first Whether these are the listing's first entries, with no comma before them.
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
  // JSON.stringify() leaves out what is undefined.
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
