// Looks up a request's target, in the order of the policies. Reads small files and listings;
// `open_body.ts` opens large files and compresses, and `error_pages.ts` reads error pages.

import type { MaybePromise } from "../../connection/files.ts";
import { isWindowsAlias } from "../../text/file_names.ts";
import { isOutOfReach } from "../file_stat.ts";
import type { SourceFile } from "../source.ts";
import type { Exchange, Place, Target } from "./exchange.ts";
import { formsOf } from "./forms.ts";
import type { Found, Resolved } from "./found.ts";
import { parseListingQuery } from "./listing/query.ts";
import { openListing } from "./listing/stream.ts";
import { prefersJson } from "./representation/accept.ts";
import { listField } from "./response/fields.ts";
import { isHidden } from "./lookup/hidden.ts";
import { isNavigation, NAVIGATION_FIELDS } from "./lookup/navigation.ts";
import { planRoute, type Redirect } from "./lookup/routing.ts";
import type { Site } from "./site.ts";

/**
 * Looks up a request's target.
 *
 * @param exchange The request.
 * @returns The result.
 * @throws {Error} The file can't be read just now.
 */
export function lookUp(exchange: Exchange): MaybePromise<Found> {
  const { target, site } = exchange;
  const { names, segments, trailingSlash } = target;
  exchange.now = Date.now();
  const ofLive = site.live?.respond(exchange);
  if (ofLive !== undefined) {
    exchange.unlogged = true;
    return ofLive;
  }
  if (target.needsSlash) return redirect(301, names, true);
  if (isBarred(target, site)) return ofUpstream(exchange) ?? missing();
  const place = exchange.place();
  // A plain file is the most common target, so it is tried first.
  if (trailingSlash || site.cleanUrls) return lookUpRoute(exchange, place);
  const info = place.folder.find(place.local);
  return info?.isFile
    ? foundAt(exchange, place, info, segments.join("/"))
    : lookUpRoute(exchange, place, info);
}

/** Tries each candidate for a path. `seen` is the stat result of the path itself, if known. */
function lookUpRoute(
  exchange: Exchange,
  { folder, local }: Place,
  seen?: Deno.FileInfo | null,
): MaybePromise<Found> {
  const { target, request, site } = exchange;
  const { segments, trailingSlash } = target;
  const { cleanUrls, dotFiles, listing } = site;
  const base = local.endsWith("/") ? local.slice(0, -1) : local;
  const { index_pages } = request;
  const routes = planRoute(segments, trailingSlash, index_pages, cleanUrls);
  for (const { suffix, kind, action } of routes) {
    // An index page may have a hidden name.
    if (suffix[0] === "/" && isHidden(["", suffix.slice(1)], dotFiles)) {
      continue;
    }
    const path = base + suffix || "/";
    const info = suffix === "" && seen !== undefined ? seen : folder.find(path);
    if (info === null) continue;
    if (kind === "file" ? !info.isFile : !info.isDirectory) continue;
    if (action === "send") {
      const name = (segments.join("/") + suffix).replace(/^\//, "");
      return foundAt(exchange, { folder, local: path }, info, name);
    }
    if (action !== "list") return redirectTo(target, action);
    if (listing) return { kind: "directory", path: local };
  }
  return ofUpstream(exchange) ?? lookUpApplication(exchange);
}

/** Whether an upstream has what the site doesn't have, or hides. */
function ofUpstream({ site }: Exchange): Found | undefined {
  return site.proxy?.takesRest ? { kind: "upstream" } : undefined;
}

/** Finds the page of a single-page application, for page loads that match no file. */
function lookUpApplication(exchange: Exchange): MaybePromise<Found> {
  const { target, site, method, headers } = exchange;
  const { spa } = site;
  if (spa === undefined) return missing();
  if (isNavigation({ method, headers, segments: target.segments })) {
    const place = exchange.place(spa);
    const info = place.folder.find(place.local);
    if (info?.isFile) {
      return foundAt(exchange, place, info, spa, NAVIGATION_FIELDS);
    }
  }
  return missing(NAVIGATION_FIELDS);
}

/**
 * Opens a folder's listing.
 *
 * @param exchange The request.
 * @param path The folder.
 * @returns The listing, or `missing` if it can't be shown.
 * @throws {Error} The folder can't be read just now.
 */
export async function lookUpListing(
  exchange: Exchange,
  path: string,
): Promise<Resolved> {
  const { target, site, headers } = exchange;
  const { segments } = target;
  const { dotFiles, listing } = site;
  if (!listing || isBarred(target, site)) return missing();
  const mark = target.text.indexOf("?");
  const look = parseListingQuery(mark < 0 ? "" : target.text.slice(mark + 1));
  const json = look.json || prefersJson(listField(headers, "Accept"));
  const { folder } = exchange.place();
  const view = { ...look, segments };
  const root = segments.length === 0;
  let source: SourceFile;
  try {
    source = await openListing({ folder, path, json, view, dotFiles, root });
  } catch (error) {
    if (isOutOfReach(error)) return missing();
    throw error;
  }
  return { kind: "listing", source, json };
}

/** Whether the path is hidden or impossible, regardless of the files there. */
function isBarred({ folder, segments }: Target, site: Site): boolean {
  return folder === undefined || segments.some(hasNul) ||
    isHidden(segments, site.dotFiles) ||
    (site.os === "windows" && segments.some(isWindowsAlias));
}

/** No file name has a NUL, so not even `spa` applies. */
function hasNul(name: string): boolean {
  return name.includes("\0");
}

function foundAt(
  exchange: Exchange,
  { folder, local: path }: Place,
  info: Deno.FileInfo,
  name: string,
  vary = "",
): MaybePromise<Found> {
  const type = exchange.request.guess_type(path);
  return formsOf(exchange, { folder, path, name, type, vary }, info);
}

/** Redirects within the target's folder; the mount's prefix is prepended. */
function redirectTo(
  { names, segments }: Target,
  { status, segments: to, trailingSlash }: Redirect,
): Found {
  const prefix = names.slice(0, names.length - segments.length);
  return redirect(status, [...prefix, ...to], trailingSlash);
}

function redirect(
  status: 301 | 302,
  names: readonly string[],
  trailingSlash: boolean,
): Found {
  return { kind: "redirect", status, names, trailingSlash, vary: "" };
}

function missing(vary = ""): Extract<Found, { kind: "missing" }> {
  return { kind: "missing", vary };
}
