// Looks up a request's target, in the order of the policies. Reads small files and listings;
// `open_body.ts` opens large files and compresses, and `error_pages.ts` reads error pages.

import type { MaybePromise } from "../../connection/files.ts";
import { isWindowsAlias } from "../../text/file_names.ts";
import { isOutOfReach } from "../file_stat.ts";
import type { SourceFile } from "../source.ts";
import { after } from "./after.ts";
import type { Exchange, Place, Target } from "./exchange.ts";
import { formsOf } from "./forms.ts";
import type { ForUpstream, Found, Resolved } from "./found.ts";
import {
  archiveFormat,
  parseListingQuery,
  requestsUploadPage,
  requestsView,
} from "./listing/query.ts";
import { openListing } from "./listing/stream.ts";
import { prefersJson } from "./representation/accept.ts";
import { listField } from "./response/fields.ts";
import { isHidden } from "./lookup/hidden.ts";
import { isNavigation, NAVIGATION_FIELDS } from "./lookup/navigation.ts";
import { planRoute, type Redirect } from "./lookup/routing.ts";
import type { Decision, Ruling } from "./rules/interfaces.ts";
import type { ServedFolder } from "./lookup/served_folder.ts";
import type { SiteRules } from "./rules/entrance.ts";
import type { Site } from "./site.ts";
import { areaFor, lookBefore } from "./upload/entrance.ts";

/**
 * Looks up a request's target. The order, of which docs/rules.md has the list:
 *
 * 1. the client's address, the host, and the password
 * 2. the paths of `--proxy PATH=URL`
 * 3. the mount
 * 4. forced rules
 * 5. files
 * 6. clean URLs
 * 7. other rules
 * 8. `--proxy URL`
 * 9. the page of a single-page application
 * 10. the page of a 404
 *
 * The first two come before the look-up. A folder that has only a listing comes after other
 * rules, and before `--proxy URL`.
 *
 * @param exchange The request.
 * @returns The result.
 * @throws {Error} The file can't be read just now.
 */
export function lookUp(exchange: Exchange): MaybePromise<Found> {
  const { target, site } = exchange;
  exchange.now = Date.now();
  const ofLive = site.live?.respond(exchange);
  if (ofLive !== undefined) {
    exchange.unlogged = true;
    return ofLive;
  }
  const ofUpload = lookBefore(exchange, site.upload);
  if (ofUpload !== undefined) return ofUpload;
  if (target.needsSlash) return redirect(301, target.names, true);
  return site.rules === undefined
    ? lookUpFile(exchange)
    : lookUpRuled(exchange, site.rules);
}

/**
 * Looks up whether a request is forwarded before any file is looked up: its path is one of the
 * proxy, or files don't have its method.
 *
 * @param exchange The request.
 * @returns The request for an upstream; `undefined` if it isn't forwarded.
 */
export function lookUpUpstream(
  exchange: Exchange,
): MaybePromise<ForUpstream | undefined> {
  const { request, site: { proxy, rules } } = exchange;
  if (proxy === undefined) return undefined;
  const found = proxy.takes(request)
    ? { kind: "upstream" as const }
    : undefined;
  if (rules === undefined || !proxy.leavesToRules(request)) return found;
  const { target, site } = exchange;
  if (target.folder !== undefined && isBarred(target, site)) return found;
  return after(
    rules.rule(exchange),
    ({ decision }) =>
      decision?.kind === "proxy"
        ? { kind: "upstream", url: decision.url }
        : found,
  );
}

/** Applies the forced rules, and looks up a file unless one matches. */
function lookUpRuled(
  exchange: Exchange,
  rules: SiteRules,
): MaybePromise<Found> {
  const { target, site } = exchange;
  if (target.folder !== undefined && isBarred(target, site)) {
    return ofUpstream(exchange) ?? missing();
  }
  return after(rules.rule(exchange), (ruling) => lookUpBy(exchange, ruling));
}

function lookUpBy(
  exchange: Exchange,
  { decision, forced, fields }: Ruling,
): MaybePromise<Found> {
  exchange.ruled = fields;
  if (decision === undefined) return lookUpFile(exchange);
  // A path in no folder is nowhere else.
  if (forced || exchange.target.folder === undefined) {
    return follow(exchange, decision);
  }
  exchange.decision = decision;
  return lookUpFile(exchange);
}

/** Looks up the file at the target, and then whatever else is there. */
function lookUpFile(exchange: Exchange): MaybePromise<Found> {
  const { target, site } = exchange;
  const { trailingSlash } = target;
  if (isBarred(target, site)) return ofUpstream(exchange) ?? missing();
  const place = exchange.place();
  if (target.slashEncoded && needsRealSlash(exchange, place)) {
    return redirect(301, target.names, true);
  }
  if (site.archive && trailingSlash) {
    const format = archiveFormat(queryOf(target));
    if (format !== undefined) return lookUpArchive(exchange, place, format);
  }
  if (trailingSlash && showsUploadPage(exchange)) {
    const { folder, local: path } = place;
    if (folder.find(path)?.isDirectory) return { kind: "directory", path };
  }
  // A plain file is the most common target, so it is tried first.
  if (trailingSlash || site.cleanUrls) return lookUpRoute(exchange, place);
  const info = place.folder.find(place.local);
  return info?.isFile
    ? foundAsRequested(exchange, place, info)
    : lookUpRoute(exchange, place, info);
}

/**
 * Whether a path that ends in an encoded slash is redirected to a real one, for relative links.
 * What isn't there is left to a rule or to the upstream.
 */
function needsRealSlash(exchange: Exchange, place: Place): boolean {
  const { decision, site } = exchange;
  const { folder, local } = place;
  if (decision !== undefined) {
    return hasIndexPage(exchange, folder, local.replace(/\/$/, ""));
  }
  return !site.proxy?.takesRest || folder.find(local)?.isDirectory === true;
}

/** Whether a folder is listed to upload files there, also if it has an index page. */
function showsUploadPage(exchange: Exchange): boolean {
  const { listing, upload } = exchange.site;
  return upload !== undefined && listing && !exchange.translated &&
    requestsUploadPage(queryOf(exchange.target)) &&
    upload.rightsOf(exchange) !== "read";
}

/** Finds the archive of a folder; its code is loaded by the first request for one. */
async function lookUpArchive(
  exchange: Exchange,
  place: Place,
  format: "zip" | "tar",
): Promise<Found> {
  const { findArchive } = await import("./archive/find.ts");
  return await findArchive(exchange, place, format) ??
    await lookUpRoute(exchange, place);
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
    if (action === "send" && suffix === "") {
      return foundAsRequested(exchange, { folder, local: path }, info);
    }
    if (action === "send") {
      const name = (segments.join("/") + suffix).replace(/^\//, "");
      return foundAt(exchange, { folder, local: path }, info, name);
    }
    if (
      kind === "directory" && exchange.decision !== undefined &&
      !hasIndexPage(exchange, folder, base)
    ) return lookUpNothing(exchange, { folder, local: base });
    if (action !== "list") return redirectTo(target, action);
    if (listing) return { kind: "directory", path: local };
  }
  return lookUpNothing(exchange, { folder, local: base });
}

function hasIndexPage(
  { request, site }: Exchange,
  folder: ServedFolder,
  base: string,
): boolean {
  return request.index_pages.some((page) =>
    !isHidden(["", page], site.dotFiles) &&
    folder.find(`${base}/${page}`)?.isFile
  );
}

/** Whether an upstream has what the site doesn't have, or hides. */
function ofUpstream({ site }: Exchange): Found | undefined {
  return site.proxy?.takesRest ? { kind: "upstream" } : undefined;
}

/** Nothing is there, or only a folder: applies the rules that are not forced. */
function lookUpNothing(exchange: Exchange, place: Place): MaybePromise<Found> {
  const { decision, site, target } = exchange;
  if (decision === undefined) {
    return ofUpstream(exchange) ?? lookUpApplication(exchange);
  }
  if (site.rules?.preferPages && target.segments.length > 0) {
    const page = { folder: place.folder, local: place.local + ".html" };
    const info = page.folder.find(page.local);
    const name = target.segments.join("/") + ".html";
    if (info?.isFile) return foundAt(exchange, page, info, name);
  }
  return follow(exchange, decision);
}

/** Does what a rule has decided. The new target is looked up as a file, and no rule is applied to it. */
function follow(exchange: Exchange, decision: Decision): MaybePromise<Found> {
  if (decision.kind === "redirect") {
    const { status, location } = decision;
    return { kind: "moved", status, location };
  }
  if (decision.kind === "proxy") return { kind: "upstream", url: decision.url };
  const { target: from, site } = exchange;
  const target = exchange.locate(decision.target);
  const place = exchange.placeOf(target);
  const elsewhere = from.folder !== undefined && from.folder !== target.folder;
  if (place === undefined || elsewhere || isBarred(target, site)) {
    return missing();
  }
  if (decision.status !== 200) exchange.status = decision.status;
  const { folder, local } = place;
  const base = local.endsWith("/") ? local.slice(0, -1) : local;
  const pages = exchange.request.index_pages
    .filter((page) => !isHidden(["", page], site.dotFiles))
    .map((page) => `/${page}`);
  // The root has no name that ".html" could be appended to.
  const files = target.segments.length === 0 ? [] : ["", ".html"];
  for (const suffix of [...files, ...pages]) {
    const info = folder.find(base + suffix);
    if (!info?.isFile) continue;
    const name = (target.segments.join("/") + suffix).replace(/^\//, "");
    return foundAt(exchange, { folder, local: base + suffix }, info, name);
  }
  exchange.status = undefined;
  return missing();
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
  const { dotFiles, listing, rules } = site;
  if (!listing || isBarred(target, site)) return missing();
  // The hosts have no listings.
  exchange.ruled = undefined;
  const omits = rules && ((name: string) => rules.reserves(name));
  const look = parseListingQuery(queryOf(target));
  const json = look.json || prefersJson(listField(headers, "Accept"));
  const { folder } = exchange.place();
  const area = json ? undefined : await areaFor(exchange, site.upload);
  const view = {
    ...look,
    segments,
    archive: site.archive,
    ...(area && { upload: area, uploadPage: showsUploadPage(exchange) }),
  };
  const root = segments.length === 0;
  let source: SourceFile;
  let readme: string | undefined;
  const note = (path: string) => void (readme = path);
  try {
    source = await openListing({
      folder,
      path,
      json,
      view,
      dotFiles,
      root,
      omits,
      note,
    });
  } catch (error) {
    if (isOutOfReach(error)) return missing();
    throw error;
  }
  return {
    kind: "listing",
    source,
    json,
    ...(readme !== undefined && { readme }),
    ...(area && { csp: area.csp }),
  };
}

/** The query of a target, without its "?". */
function queryOf({ text }: Target): string {
  const mark = text.indexOf("?");
  return mark < 0 ? "" : text.slice(mark + 1);
}

/** Whether the path is hidden or impossible, regardless of the files there. */
function isBarred({ folder, segments }: Target, site: Site): boolean {
  return folder === undefined || segments.some(hasNul) ||
    (segments.length === 1 && site.rules?.reserves(segments[0]!) === true) ||
    isHidden(segments, site.dotFiles) ||
    (site.os === "windows" && segments.some(isWindowsAlias));
}

/** No file name has a NUL, so not even `spa` applies. */
function hasNul(name: string): boolean {
  return name.includes("\0");
}

/** A file that has the target's own path; its readable page if the query is `view`. */
function foundAsRequested(
  exchange: Exchange,
  place: Place,
  info: Deno.FileInfo,
): MaybePromise<Found> {
  const { request, site, target } = exchange;
  const name = target.segments.join("/");
  if (!site.listing || site.file !== undefined || !requestsView(target.text)) {
    return foundAt(exchange, place, info, name);
  }
  const { folder, local: path } = place;
  const at = { folder, path, name, type: request.guess_type(path), vary: "" };
  return import("./view/view.ts").then(({ viewFile }) =>
    viewFile(exchange, at)
  );
}

function foundAt(
  exchange: Exchange,
  { folder, local: path }: Place,
  info: Deno.FileInfo,
  name: string,
  vary = "",
): MaybePromise<Found> {
  const type = exchange.ruled?.type ?? exchange.request.guess_type(path);
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
