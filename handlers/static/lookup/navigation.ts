// Whether a request is a page load. Only page loads get the `spa` page if no file matches:
// a missing script must stay 404, or the browser would try to run HTML.

import { typeByExtension } from "../../../text/media_type_table.ts";
import { splitext } from "../../../text/paths.ts";
import { parseWeighted } from "../representation/accept.ts";
import { type FieldReader, listField } from "../response/fields.ts";

/** The parts of a request that matter. */
export interface NavigationRequest {
  /** The request's method. */
  readonly method: string;
  /** Its header fields. */
  readonly headers: FieldReader;
  /** The decoded names of its path. */
  readonly segments: readonly string[];
}

/** The request fields that `isNavigation()` reads, for `Vary`. */
export const NAVIGATION_FIELDS = "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode";

/** The values of `Sec-Fetch-Dest` for page loads in a window or a frame; `<object>` and `<embed>` also navigate. */
const PAGES: ReadonlySet<string> = new Set([
  "document",
  "fencedframe",
  "frame",
  "iframe",
]);

/**
 * Whether a request is a page load.
 *
 * `Sec-Fetch-Mode` and `Sec-Fetch-Dest` say so, but browsers send them only over HTTPS and
 * to localhost, and older ones never. Without them `Accept` decides: only page loads
 * prefer `text/html`. The path is ignored, since an application's routes may contain dots
 * (`/users/j.doe`).
 *
 * @param request The request.
 * @returns Whether it is a page load.
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

/** Whether `text/html` is listed with the highest weight. A wildcard doesn't count: images and scripts send it. */
function prefersHtml(accept: string, name: string): boolean {
  let [html, any, most] = [0, 0, 0];
  for (const { value, weight } of parseWeighted(accept)) {
    const isHtml = value === "text/html" || value === "application/xhtml+xml";
    if (isHtml) html = Math.max(html, weight);
    if (value === "*/*") any = Math.max(any, weight);
    most = Math.max(most, weight);
  }
  if (html === 0 || html < most) return false;
  // Scripts and tools also send "text/html, */*"; they want the file that they name.
  return any < html || typeByExtension(splitext(name)[1]) === undefined;
}
