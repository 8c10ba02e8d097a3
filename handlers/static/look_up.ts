// What is at a request's target. All I/O of a request but the reading of the file itself,
// in the order of the policies.

import type { MaybePromise } from "../../connection/files.ts";
import { isWindowsAlias } from "../../text/file_names.ts";
import { isFileError } from "../file_stat.ts";
import type { Found, FoundFile, Resolved } from "./found.ts";
import type { Exchange, Target } from "./exchange.ts";
import { openListing } from "./listing_stream.ts";
import { parseListingQuery } from "./listing/query.ts";
import { prefersJson } from "./policy/accept.ts";
import { isCompressible } from "./policy/compressible.ts";
import { listField } from "./policy/fields.ts";
import { isHidden } from "./policy/hidden.ts";
import { isNavigation } from "./policy/navigation.ts";
import { planRoute } from "./policy/routing.ts";
import { chooseRepresentation, openFirst } from "./representation.ts";
import type { ServedFolder } from "./served_folder.ts";
import { type CompressedSibling, findSiblings } from "./siblings.ts";
import type { Representation } from "./form.ts";
import type { Site } from "./site.ts";

/** The fields that tell a page load from other requests; see `isNavigation()`. */
const NAVIGATION_FIELDS = "Accept, Sec-Fetch-Mode";

const NO_SIBLINGS: readonly CompressedSibling[] = Object.freeze([]);

type Refusal = Extract<Found, { kind: "misdirected" | "unauthorized" }>;

/** Finds out who asks, and whether for this server; `null` where the request may go on. */
export function checkAccess(
  exchange: Exchange,
): MaybePromise<Refusal | null> {
  const { site } = exchange;
  if (isMisdirected(exchange)) return { kind: "misdirected" };
  return site.access === undefined ? null : admitUser(exchange, site.access);
}

/** RFC 9110 §15.5.20: whether the request came to a server that does not serve its host. */
export function isMisdirected({ site, target, headers }: Exchange): boolean {
  if (site.answersFor === undefined) return false;
  return !site.answersFor(target.authority ?? headers.get("Host"));
}

async function admitUser(
  exchange: Exchange,
  { challenge, check }: NonNullable<Site["access"]>,
): Promise<Refusal | null> {
  const user = await check(exchange.headers.get("Authorization"));
  exchange.user = user ?? null;
  return user === undefined ? { kind: "unauthorized", challenge } : null;
}

/** Finds what a target stands for. */
export function lookUp(exchange: Exchange): Found {
  const { target, request, site } = exchange;
  const { names, segments, trailingSlash } = target;
  exchange.now = Date.now();
  if (target.needsSlash) return redirect(301, names, true);
  if (isBarred(target, site)) return missing();
  const { folder, local } = exchange.place();
  const { index_pages } = request;
  const { cleanUrls, listing, dotFiles } = site;

  // What is requested most is tried first.
  let seen: Deno.FileInfo | null | undefined;
  if (!trailingSlash && !cleanUrls) {
    seen = folder.find(local);
    if (seen?.isFile) {
      return foundFile(exchange, folder, local, seen, segments.join("/"));
    }
  }
  const base = local.endsWith("/") ? local.slice(0, -1) : local;
  const routes = planRoute(segments, trailingSlash, index_pages, cleanUrls);
  for (const { suffix, kind, action } of routes) {
    // A page of a folder may have a name that is hidden.
    if (suffix[0] === "/" && isHidden(["", suffix.slice(1)], dotFiles)) {
      continue;
    }
    const path = base + suffix || "/";
    const info = suffix === "" && seen !== undefined ? seen : folder.find(path);
    if (info === null) continue;
    if (kind === "file" ? !info.isFile : !info.isDirectory) continue;
    if (action === "send") {
      const name = (segments.join("/") + suffix).replace(/^\//, "");
      return foundFile(exchange, folder, path, info, name);
    }
    if (action === "list") {
      if (listing) return { kind: "directory", path: local };
      continue;
    }
    const prefix = names.slice(0, names.length - segments.length);
    const to = [...prefix, ...action.segments];
    return redirect(action.status, to, action.trailingSlash);
  }
  return lookUpApplication(exchange);
}

/** Whether nothing at this path may be seen, whatever is there. */
function isBarred({ folder, segments }: Target, site: Site): boolean {
  return folder === undefined || isHidden(segments, site.dotFiles) ||
    (site.os === "windows" && segments.some(isWindowsAlias));
}

/** Finds the page of a single-page application, for page loads that match no file. */
function lookUpApplication(exchange: Exchange): Found {
  const { target, site, method, headers } = exchange;
  const { spa } = site;
  if (spa === undefined) return missing();
  if (isNavigation({ method, headers, segments: target.segments })) {
    const { folder, local } = exchange.place(spa);
    const info = folder.find(local);
    if (info?.isFile) {
      return foundFile(exchange, folder, local, info, spa, NAVIGATION_FIELDS);
    }
  }
  return missing(NAVIGATION_FIELDS);
}

/** A file, with its forms. */
function foundFile(
  exchange: Exchange,
  folder: ServedFolder,
  local: string,
  info: Deno.FileInfo,
  name: string,
  vary = "",
): FoundFile {
  const { site } = exchange;
  const type = exchange.request.guess_type(local);
  const plain = { path: local, info };
  let coded: Representation | null = null;
  let negotiated = false;
  const { compressMinSize: least, precompressed } = site;
  if (least !== undefined || precompressed) {
    const accept = listField(exchange.headers, "Accept-Encoding");
    const compressible = isCompressible(type, info.size, 0);
    // Without the field only what could be compressed varies by it.
    const siblings = precompressed && (accept !== null || !compressible)
      ? findSiblings(folder, local, info)
      : NO_SIBLINGS;
    negotiated = compressible || siblings.length > 0;
    if (accept !== null && negotiated) {
      const compress = compressible && least !== undefined &&
        info.size >= least;
      const { now } = exchange;
      const choice = { accept, siblings, compress, now };
      const chosen = chooseRepresentation(local, info, choice);
      if (chosen.coding !== undefined) coded = chosen;
    }
  }
  const separator = vary === "" ? "" : ", ";
  return {
    kind: "file",
    folder,
    name,
    type,
    plain,
    coded,
    vary: negotiated ? vary + separator + "Accept-Encoding" : vary,
  };
}

/** Looks again at a file that changed between the look at it and its opening. */
export async function lookAgain(
  exchange: Exchange,
  found: FoundFile,
): Promise<Resolved> {
  const plain = await openFirst(found.folder, found.plain.path);
  exchange.now = Date.now();
  return plain === undefined
    ? missing(found.vary)
    : { ...found, plain, coded: null };
}

/** Opens a folder's listing. */
export async function lookUpListing(
  exchange: Exchange,
  path: string,
): Promise<Resolved> {
  const { target, site, headers } = exchange;
  const { segments } = target;
  if (!site.listing || isBarred(target, site)) return missing();
  const look = parseListingQuery(target.query);
  const json = look.json || prefersJson(listField(headers, "Accept"));
  const { folder } = exchange.place();
  const view = { ...look, segments };
  const root = segments.length === 0;
  const { dotFiles } = site;
  try {
    const source = await openListing({
      folder,
      path,
      json,
      view,
      dotFiles,
      root,
    });
    return { kind: "listing", source, json };
  } catch (error) {
    if (!isFileError(error)) throw error;
    return missing();
  }
}

function redirect(
  status: 301 | 302,
  names: readonly string[],
  trailingSlash: boolean,
  vary = "",
): Found {
  return { kind: "redirect", status, names, trailingSlash, vary };
}

function missing(vary = ""): Extract<Found, { kind: "missing" }> {
  return { kind: "missing", vary };
}
