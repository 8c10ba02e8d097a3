// Whether a request that changes files comes from a page of another site (CSRF): the browser would
// send it with the user's password, or from inside the user's network. Pure.

import { type FieldReader, listField } from "../response/fields.ts";

/** The values of Sec-Fetch-Site for requests of the site itself, and of the user. */
const OWN: ReadonlySet<string> = new Set(["same-origin", "none"]);

/**
 * Whether a request comes from another origin.
 *
 * Browsers send Sec-Fetch-Site to HTTPS and localhost. To other hosts they send Origin,
 * which must be the request's own host. Clients that send neither are not browsers.
 *
 * @param fields The request's header fields.
 * @param host The host that the client asked for, with the port if it is not the default one.
 * @returns `true` to refuse it.
 *
 * @example A form of another site, and curl
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const fields = new Headers({ "Origin": "http://evil.test" });
 * assert(isCrossOrigin(fields, "192.0.2.1:8000"));
 * assertFalse(isCrossOrigin(new Headers(), "192.0.2.1:8000"));
 * ```
 */
export function isCrossOrigin(
  fields: FieldReader,
  host: string | null,
): boolean {
  // A browser sends one value. Several are joined, so they match nothing.
  const site = listField(fields, "Sec-Fetch-Site");
  if (site !== null) return !OWN.has(site);
  const origin = listField(fields, "Origin");
  if (origin === null) return false;
  // A sandboxed document has the origin "null".
  const own = /^https?:\/\/([^/]+)$/.exec(origin)?.[1];
  return own === undefined || host === null ||
    own.toLowerCase() !== host.toLowerCase();
}
