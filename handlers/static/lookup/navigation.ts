// Whether a request opens a page. Only such a request may get the page of a single-page
// application if there is no file: a script that is missing must stay 404, or the browser
// would try to run HTML.

import { typeByExtension } from "@std/media-types";
import { splitext } from "../../../text/paths.ts";
import { parseWeighted } from "../representation/accept.ts";
import { type FieldReader, listField } from "../response/fields.ts";

/** The part of a request that tells. */
export interface NavigationRequest {
  /** The request's method. */
  readonly method: string;
  /** Its header fields. */
  readonly headers: FieldReader;
  /** The names of its path, decoded. */
  readonly segments: readonly string[];
}

/** The fields that `isNavigation()` reads, for `Vary`. */
export const NAVIGATION_FIELDS = "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode";

/** The values of `Sec-Fetch-Dest` for a page in a window or a frame; `<object>` and `<embed>` navigate too. */
const PAGES: ReadonlySet<string> = new Set([
  "document",
  "fencedframe",
  "frame",
  "iframe",
]);

/**
 * Tells whether a request opens a page, as opposed to a part of one.
 *
 * `Sec-Fetch-Mode` and `Sec-Fetch-Dest` say so, but browsers send them over HTTPS and to
 * localhost only, and older ones never. Without them `Accept` decides: nothing but a page
 * is requested with `text/html` in the first place. The path doesn't matter, since the
 * routes of an application may have dots (`/users/j.doe`).
 *
 * @param request The request.
 * @returns Whether it opens a page.
 *
 * @example A page and a script
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const segments = ["users", "j.doe"];
 * const headers = new Headers({ Accept: "text/html,*\/*;q=0.8" });
 * assert(isNavigation({ method: "GET", headers, segments }));
 *
 * headers.set("Accept", "*\/*");
 * assertFalse(isNavigation({ method: "GET", headers, segments }));
 *
 * headers.set("Sec-Fetch-Mode", "navigate");
 * assert(isNavigation({ method: "GET", headers, segments }));
 * ```
 */
export function isNavigation(request: NavigationRequest): boolean {
  const { method, headers, segments } = request;
  if (method !== "GET" && method !== "HEAD") return false;
  const mode = headers.get("Sec-Fetch-Mode");
  const destination = headers.get("Sec-Fetch-Dest");
  if (mode !== null || destination !== null) {
    return (mode ?? "navigate") === "navigate" &&
      PAGES.has(destination ?? "document");
  }
  const accept = listField(headers, "Accept");
  return accept !== null && prefersHtml(accept, segments.at(-1) ?? "");
}

/** Whether HTML is named, with a weight that nothing else exceeds. A wildcard doesn't name it: images and scripts have one. */
function prefersHtml(accept: string, name: string): boolean {
  let [html, any, most] = [0, 0, 0];
  for (const { value, weight } of parseWeighted(accept)) {
    const isHtml = value === "text/html" || value === "application/xhtml+xml";
    if (isHtml) html = Math.max(html, weight);
    if (value === "*/*") any = Math.max(any, weight);
    most = Math.max(most, weight);
  }
  if (html === 0 || html < most) return false;
  // "text/html, */*" comes from scripts and tools too: they want the file that they name.
  return any < html || typeByExtension(splitext(name)[1]) === undefined;
}
