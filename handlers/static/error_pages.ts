// The site's own error pages: `404.html` and `50x.html` in its main folder.

import { concat } from "@std/bytes/concat";
import { BoundedMap } from "../../cache/bounded_map.ts";
import { cachedContent } from "../file_cache.ts";
import type { ErrorPage } from "../responder.ts";
import { isAdmitted } from "./check_access.ts";
import type { Exchange } from "./exchange.ts";
import { type ServedFolder, spoilLooks } from "./lookup/served_folder.ts";

/**
 * Appends bytes to a page.
 *
 * @param page The page.
 * @param tail The bytes, if any.
 * @returns The page; unchanged if it isn't HTML.
 */
export function withTail(
  page: ErrorPage,
  tail: Uint8Array | undefined,
): ErrorPage {
  if (tail === undefined || !page.type.startsWith("text/html")) return page;
  return { type: page.type, body: concat([page.body, tail]) };
}

/** How long a page counts as missing, in milliseconds: stat'ing a missing file costs more than the response. */
const MISSING_FOR = 1_000;

/** How many missing pages are remembered. */
const MAX_MISSING = 1_024;

/** Negative cache: path of a missing error page → when to look again. One for each site and kind of error. */
const missing = new BoundedMap<number>(MAX_MISSING);

/**
 * Returns the site's own page for an error, if the request may see it.
 *
 * @param exchange The request.
 * @param status The status code.
 * @returns The page; `undefined` if it is missing or can't be read just now.
 */
export function ownErrorPage(
  exchange: Exchange,
  status: number,
): ErrorPage | undefined {
  const { site, method } = exchange;
  const reads = method === "GET" || method === "HEAD";
  // The page is a file of the site: only requests that may see files may see it.
  const body = site.errorPages && reads && isAdmitted(exchange)
    ? errorPage(site.main, status)
    : undefined;
  return body && { type: "text/html; charset=utf-8", body };
}

/** The page of a folder for a status. */
function errorPage(
  folder: ServedFolder,
  status: number,
): Uint8Array | undefined {
  if (status !== 404 && status < 500) return undefined;
  const path = folder.join([status === 404 ? "404.html" : "50x.html"]);
  const now = Date.now();
  if (now < (missing.get(path) ?? 0)) return undefined;
  try {
    const info = folder.find(path);
    if (info?.isFile) return cachedContent(path, info, true);
  } catch {
    // Fall back to the built-in page. Only a page that is certainly missing is remembered.
    spoilLooks();
    return undefined;
  }
  missing.set(path, now + MISSING_FOR);
  return undefined;
}
