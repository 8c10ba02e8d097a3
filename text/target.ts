// The forms of a request's target (RFC 9112 §3.2).

const ABSOLUTE = /^https?:\/\/[^/?#]*/i;
const SLASH = 0x2f;

/**
 * Converts a request target in absolute form to origin form: path and query, without
 * scheme, user information, host and port.
 *
 * @param target The encoded target.
 * @returns The target in origin form, with "/" for an empty path (RFC 9110 §4.2.3). Targets
 * in other forms are returned unchanged.
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
