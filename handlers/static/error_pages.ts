// The error pages: `404.html` and `50x.html` in the main folder, and the built-in one.

import { concat } from "@std/bytes/concat";
import { BoundedMap } from "../../cache/bounded_map.ts";
import { cachedContent } from "../file_cache.ts";
import type { ErrorPage } from "../responder.ts";
import { isAdmitted } from "./check_access.ts";
import type { Exchange } from "./exchange.ts";
import { type ServedFolder, spoilLooks } from "./lookup/served_folder.ts";

/**
 * The built-in page: an `error_message_format`, in the colours of the listing. Short, since
 * scanners request thousands of missing files.
 */
export const ERROR_PAGE: string = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(code)d %(message)s</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --page: #ffffff; --text: #1b1f24; --muted: #57606a; }
@media (prefers-color-scheme: dark) { :root { --page: #15181c; --text: #e6e9ed; --muted: #a3abb5; } }
body { display: grid; place-content: center; min-height: 90vh; margin: 0; padding: 1rem; font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--text); background: var(--page); overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.375rem; line-height: 1.3; }
b { display: block; font-size: 3.5rem; line-height: 1.2; }
p { margin: .5rem 0 0; color: var(--muted); }
</style>
<main>
<h1><b>%(code)d</b> %(message)s</h1>
<p>%(explain)s.</p>
</main>
</html>
`;

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
