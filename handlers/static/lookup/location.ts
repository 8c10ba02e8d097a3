// The Location of a redirect: a relative reference (RFC 9110 §10.2.2), so that it also
// works behind a proxy that strips a path prefix. It is built from the parsed names, not
// from the client's text, and never begins with a slash, so it always resolves to a path
// on the same host.

import { quote } from "../../../text/quote.ts";
import { ABSOLUTE, readTarget } from "./target.ts";

/** "." and "..", which browsers also recognize percent-encoded. */
const DOT = /^(?:\.|%2e)$/i;
const DOTS = /^(?:\.|%2e){2}$/i;

/**
 * Formats a path for Location, relative to the request's target.
 *
 * @param names The decoded names of the path; none is empty.
 * @param trailingSlash Whether it ends with a slash.
 * @param target The request's target, whose query is kept unchanged.
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
  // The last name must be written, unless the path ends with a slash.
  const most = Math.min(folder.length, slash ? names.length : names.length - 1);
  let shared = 0;
  while (shared < most && isName(folder[shared]!, names[shared]!)) shared++;
  const path = "../".repeat(folder.length - shared) +
    names.slice(shared).map(escapeName).join("/") +
    (slash && names.length > shared ? "/" : "");
  // With a colon in its first segment, it would be an absolute URL (RFC 3986 §4.2).
  const [first = ""] = path.split("/", 1);
  const isPlain = first !== "" && !first.includes(":");
  return (isPlain ? path : "./" + path) + queryOf(target);
}

/** The segments of the target's folder, as a client resolves references against it (RFC 3986 §5.2.4). */
function folderOf(target: string): string[] {
  const [path = ""] = target.replace(ABSOLUTE, "").split(/[?#]/, 1);
  const folder: string[] = [];
  for (const segment of path.split("/").slice(1, -1)) {
    if (DOTS.test(segment)) folder.pop();
    else if (!DOT.test(segment)) folder.push(segment);
  }
  return folder;
}

/** Whether a segment of the target decodes to a name. */
function isName(segment: string, name: string): boolean {
  const { segments } = readTarget("/" + segment, "posix");
  return segments.length === 1 && segments[0] === name;
}

function escapeName(name: string): string {
  return quote(name, "!$&'()*+,;=:@");
}

/**
 * Returns the query of a target.
 *
 * @param target The target.
 * @returns The query with its "?", in ASCII and without a fragment; empty for none.
 */
export function queryOf(target: string): string {
  const [beforeHash = ""] = target.split("#", 1);
  const mark = beforeHash.indexOf("?");
  if (mark < 0) return "";
  // Each character is a byte; those not allowed in a URI are escaped.
  return beforeHash.slice(mark).replace(
    /[^!$&-;=?-Z_a-z~%[\]@]/g,
    (character) =>
      "%" +
      character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"),
  );
}
