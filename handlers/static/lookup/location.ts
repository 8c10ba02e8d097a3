// The Location of a redirect: a relative reference (RFC 9110 §10.2.2), so that it also
// holds behind a proxy that strips a prefix from the path. It is made of the names that
// the server understood, not of the text that the client sent, and never begins with a
// slash: whatever the request was, it resolves to a path of the same host.

import { quote } from "../../../text/quote.ts";
import { ABSOLUTE, readTarget } from "./target.ts";

/** How browsers write "." and "..", too. */
const DOT = /^(?:\.|%2e)$/i;
const DOTS = /^(?:\.|%2e){2}$/i;

/**
 * Writes a path for Location, relative to the target of the request.
 *
 * @param names The names of the path, decoded; none is empty.
 * @param trailingSlash Whether it ends with a slash.
 * @param target The target of the request: its query is kept, byte for byte.
 * @returns The reference with the query, in ASCII.
 *
 * @example A folder, with the query of the request
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toReference(["a b"], true, "/a%20b?x=1"), "a%20b/?x=1");
 * assertEquals(toReference(["a", "b:c"], true, "/a/b:c"), "./b:c/");
 * assertEquals(toReference(["a"], false, "/a/"), "../a");
 * ```
 */
export function toReference(
  names: readonly string[],
  trailingSlash: boolean,
  target: string,
): string {
  const folder = folderOf(target);
  const slash = trailingSlash || names.length === 0;
  // The last name has to be written, unless the slash after it is there already.
  const most = Math.min(folder.length, slash ? names.length : names.length - 1);
  let shared = 0;
  while (shared < most && isName(folder[shared]!, names[shared]!)) shared++;
  const path = "../".repeat(folder.length - shared) +
    names.slice(shared).map(escapeName).join("/") +
    (slash && names.length > shared ? "/" : "");
  // A colon in the first segment would end a scheme (RFC 3986 §4.2).
  const [first = ""] = path.split("/", 1);
  const isPlain = first !== "" && !first.includes(":");
  return (isPlain ? path : "./" + path) + queryOf(target);
}

/** The segments of the target's folder, as a client resolves a reference by them (RFC 3986 §5.2.4). */
function folderOf(target: string): string[] {
  const [path = ""] = target.replace(ABSOLUTE, "").split(/[?#]/, 1);
  const folder: string[] = [];
  for (const segment of path.split("/").slice(1, -1)) {
    if (DOTS.test(segment)) folder.pop();
    else if (!DOT.test(segment)) folder.push(segment);
  }
  return folder;
}

/** Whether a segment of the target is understood as one name. */
function isName(segment: string, name: string): boolean {
  const { segments } = readTarget("/" + segment, "posix");
  return segments.length === 1 && segments[0] === name;
}

function escapeName(name: string): string {
  return quote(name, "!$&'()*+,;=:@");
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
