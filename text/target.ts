// The forms of a request's target (RFC 9112 §3.2).

const ABSOLUTE = /^https?:\/\/[^/?#]*/i;
const SLASH = 0x2f;

/**
 * Gives the origin form of a target in absolute form: the path and the query, without
 * scheme, user information, host and port.
 *
 * @param target The target, encoded.
 * @returns The rest, with "/" for an empty path (RFC 9110 §4.2.3); a target in another form as it is.
 *
 * @example A request to a proxy
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(withoutAuthority("http://a.test:80/x?y"), "/x?y");
 * assertEquals(withoutAuthority("HTTP://a.test?y"), "/?y");
 * assertEquals(withoutAuthority("/http://a.test/x"), "/http://a.test/x");
 * ```
 */
export function withoutAuthority(target: string): string {
  if (target.charCodeAt(0) === SLASH) return target;
  const found = ABSOLUTE.exec(target);
  if (found === null) return target;
  const rest = target.slice(found[0].length);
  return rest.startsWith("/") ? rest : "/" + rest;
}
