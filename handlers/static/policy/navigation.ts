// Whether a request opens a page. Only such a one may be answered with the page of a
// single-page application where there is no file: a script that is missing must stay 404,
// or the browser would try to run HTML.

import { splitext } from "../../../text/paths.ts";
import { namesHtml } from "./accept.ts";
import type { FieldReader } from "./fields.ts";

/** What is looked at to tell. */
export interface NavigationRequest {
  /** The request's method. */
  readonly method: string;
  /** Its header fields. */
  readonly headers: FieldReader;
  /** The names of the path, decoded. */
  readonly segments: readonly string[];
}

/**
 * Tells whether a request opens a page, as opposed to a part of one.
 *
 * A browser of today says so itself, by `Sec-Fetch-Mode`. Of any other client a page is
 * what it takes as HTML by name, and whose last name has no extension.
 *
 * @param request The request.
 * @returns Whether it opens a page.
 *
 * @example A page and a script
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const headers = new Headers({ Accept: "text/html,*\/*;q=0.8" });
 * assert(isNavigation({ method: "GET", headers, segments: ["users", "7"] }));
 * assertFalse(isNavigation({ method: "GET", headers, segments: ["app.js"] }));
 *
 * headers.set("Sec-Fetch-Mode", "navigate");
 * assert(isNavigation({ method: "GET", headers, segments: ["j.doe"] }));
 * ```
 */
export function isNavigation(request: NavigationRequest): boolean {
  const { method, headers, segments } = request;
  if (method !== "GET" && method !== "HEAD") return false;
  const mode = headers.get("Sec-Fetch-Mode");
  if (mode !== null) return mode === "navigate";
  const extension = splitext(segments.at(-1) ?? "")[1];
  return extension === "" && namesHtml(headers.get("Accept"));
}
