// Parses a request's target to names, in one way for all policies, and to the segments that are
// forwarded. Pure.

import { translateSegments } from "../../../text/paths.ts";
import { withoutAuthority } from "../../../text/target.ts";

/** The names of a path. */
export interface TargetPath {
  /** The decoded names from the root, without "." and "..". */
  readonly segments: readonly string[];
  /** Whether the path ends with a slash. */
  readonly trailingSlash: boolean;
  /** Whether that slash is written as "%2f", so browsers don't resolve links relative to it. */
  readonly slashEncoded: boolean;
}

const ORDINARY = /^\/[\x21-\x7e]*$/;
const ENCODED_SLASH = /^[^?#]*%2f(?:[?#]|$)/i;
/** The scheme and host of a target in absolute form. */
export const ABSOLUTE: RegExp = /^https?:\/\/[^/?#]*/i;
const BAD_AUTHORITY = /^(?::|$)|@/;

/**
 * Returns the host in a target in absolute form, which overrides the Host field (RFC 9112
 * §3.2.2).
 *
 * @param target The target.
 * @returns Host and port, unchanged; `undefined` if the target has another form.
 *
 * @example A request to a proxy
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(authorityOf("http://a.test:80/x"), "a.test:80");
 * assertEquals(authorityOf("/x"), undefined);
 * ```
 */
export function authorityOf(target: string): string | undefined {
  const found = ABSOLUTE.exec(target)?.[0];
  return found?.slice(found.indexOf("//") + 2);
}

/**
 * Whether a target in absolute form must be rejected because it has no host (RFC 9110
 * §4.2.1), or has user information, which can mislead people about the host (RFC 9110
 * §4.2.4).
 *
 * @param target The target.
 * @returns `true` for 400; `false` if the target has another form.
 *
 * @example An empty host, and user information
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(hasBadAuthority("http:///a.txt"));
 * assert(hasBadAuthority("http://a.test@b.test/"));
 * assertFalse(hasBadAuthority("http://a.test:80/@"));
 * assertFalse(hasBadAuthority("/http://"));
 * ```
 */
export function hasBadAuthority(target: string): boolean {
  const authority = authorityOf(target);
  return authority !== undefined && BAD_AUTHORITY.test(authority);
}

/**
 * Parses a request's target.
 *
 * Unlike CPython, it supports the absolute form (RFC 9112 §3.2.2) and treats bytes beyond
 * ASCII as if they were percent-encoded UTF-8.
 *
 * @param target The target, one character per byte.
 * @param os The operating system whose rules for names apply.
 * @returns The path.
 *
 * @example A name in UTF-8
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readTarget("http://a.test/%C3%A9/\u00c3\u00a9?q", "posix"), {
 *   segments: ["é", "é"],
 *   trailingSlash: false,
 *   slashEncoded: false,
 * });
 * ```
 */
export function readTarget(
  target: string,
  os: "posix" | "windows",
): TargetPath {
  if (ORDINARY.test(target)) return withSlash(target, os);
  const path = target.replace(ABSOLUTE, "").replace(
    /[\x80-\xff]/g,
    (byte) => "%" + byte.charCodeAt(0).toString(16),
  );
  return withSlash(path.startsWith("/") ? path : "/" + path, os);
}

function withSlash(path: string, os: "posix" | "windows"): TargetPath {
  const { segments, trailingSlash } = translateSegments(path, os);
  const slashEncoded = trailingSlash && ENCODED_SLASH.test(path);
  return { segments, trailingSlash, slashEncoded };
}

/** The parts of a request's target. */
export interface TargetParts {
  /** The segments of the path as they were sent, without "." and ".."; the last is empty after a slash. */
  readonly segments: readonly string[];
  /** The query with its "?"; empty without one. */
  readonly query: string;
}

/**
 * Splits a request's target. The path never begins with two slashes, which could name another
 * host.
 *
 * @param target The target, in any form.
 * @returns Its parts, without the authority and the fragment.
 *
 * @example Dots and slashes
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(splitTarget("/a/../b/%2E/?x"), { segments: ["b", ""], query: "?x" });
 * assertEquals(splitTarget("//a.test/b"), { segments: ["a.test", "b"], query: "" });
 * ```
 */
export function splitTarget(target: string): TargetParts {
  const local = withoutAuthority(target).replace(/#.*$/s, "");
  const mark = local.indexOf("?");
  const path = mark < 0 ? local : local.slice(0, mark);
  const words = path.replace(/^\//, "").split("/");
  const segments: string[] = [];
  words.forEach((word, at) => {
    const plain = word.replace(/%2e/gi, ".");
    if (plain !== "." && plain !== "..") return segments.push(word);
    if (plain === "..") segments.pop();
    // "/a/." is "/a/" (RFC 3986 §5.2.4).
    if (at === words.length - 1) segments.push("");
  });
  while (segments.length > 1 && segments[0] === "") segments.shift();
  return { segments, query: mark < 0 ? "" : local.slice(mark) };
}
