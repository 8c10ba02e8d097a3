// From a request's target to names, by one reading for all policies. Pure.

import { translateSegments } from "../../../text/paths.ts";

/** A path, by its names. */
export interface TargetPath {
  /** The names from the root down, decoded, without "." and "..". */
  readonly segments: readonly string[];
  /** Whether a slash ends it. */
  readonly trailingSlash: boolean;
  /** Whether that slash is written as "%2f", which browsers resolve no link by. */
  readonly slashEncoded: boolean;
}

const ORDINARY = /^\/[\x21-\x7e]*$/;
const ENCODED_SLASH = /^[^?#]*%2f(?:[?#]|$)/i;
/** The scheme and host of a target in absolute form. */
export const ABSOLUTE: RegExp = /^https?:\/\/[^/?#]*/i;
const BAD_AUTHORITY = /^(?::|$)|@/;

/**
 * The host that a target in absolute form names, which counts rather than that of the
 * Host field (RFC 9112, 3.2.2).
 *
 * @param target The target.
 * @returns Host and port as they stand there; `undefined` for a target in another form.
 *
 * @example A proxy's request
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
 * Whether the absolute form of a target is one that a server must refuse: without a host
 * (RFC 9110 §4.2.1), or with user information, which misleads people about the host
 * (RFC 9110 §4.2.4).
 *
 * @param target The target.
 * @returns `true` for 400; `false` for a target in another form.
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
 * Reads a request's target.
 *
 * Unlike in CPython, the absolute form is understood (RFC 9112 3.2.2), and bytes beyond
 * ASCII are taken for UTF-8, as if they were percent-encoded.
 *
 * @param target The target, a character for each byte.
 * @param os Whose rules decide what is a name.
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
