// The Location of a redirect. It is made of the names that the server understood, not of
// the text that the client sent, so whatever that was, it leads to a path of this host:
// the first character is a slash, and the second is never a slash or a backslash.

import { quote } from "../../../text/quote.ts";

/**
 * Writes a path for Location.
 *
 * @param segments The names, decoded; none is empty.
 * @param trailingSlash Whether it ends with a slash.
 * @param target The target of the request: its query is kept, byte for byte.
 * @returns The path with the query, in ASCII.
 *
 * @example A folder, with the query of the request
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toLocation(["a b"], true, "/a%20b?x=1"), "/a%20b/?x=1");
 * assertEquals(toLocation(["\\evil.test"], true, "/"), "/%5Cevil.test/");
 * ```
 */
export function toLocation(
  segments: readonly string[],
  trailingSlash: boolean,
  target: string,
): string {
  const path = "/" + segments.map((name) => quote(name, "!$&'()*+,;=:@"))
    .join("/");
  const slash = trailingSlash && segments.length > 0 ? "/" : "";
  return path + slash + queryOf(target);
}

/** The query with its "?", without the fragment that should not be there. */
function queryOf(target: string): string {
  const [beforeHash = ""] = target.split("#", 1);
  const mark = beforeHash.indexOf("?");
  if (mark < 0) return "";
  // Each character is a byte of the wire; what has no place in a URI is escaped.
  return beforeHash.slice(mark).replace(
    /[^!$&-;=?-Z_a-z~%[\]@]/g,
    (character) =>
      "%" +
      character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"),
  );
}
