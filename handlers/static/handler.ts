// `StaticFileHandler`: from a request's path to the file, listing or redirect that
// answers it. The policies are asked in their order, each in a file of its own.

import type { Address, Connection } from "../../connection/connection.ts";
import type { MaybePromise } from "../../connection/files.ts";
import { isWindowsAlias } from "../../text/file_names.ts";
import { splitext } from "../../text/paths.ts";
import { isFileError } from "../file_stat.ts";
import { EXTENSIONS } from "../simple.ts";
import type { SourceFile } from "../source.ts";
import type { ServerContext } from "../types.ts";
import { prefersJson } from "./policy/accept.ts";
import { isCompressible } from "./policy/compressible.ts";
import { type Field, listField } from "./policy/fields.ts";
import { isHidden } from "./policy/hidden.ts";
import { LISTING_CSP } from "./listing/csp.ts";
import { parseListingQuery } from "./listing/query.ts";
import { openListing } from "./listing_stream.ts";
import { toLocation } from "./policy/location.ts";
import { makeBoundary } from "./policy/multipart.ts";
import { evaluatePreconditions } from "./policy/conditional.ts";
import { isNavigation, NAVIGATION_FIELDS } from "./policy/navigation.ts";
import { DEFAULTS, type StaticFileOptions } from "./options.ts";
import { planResponse, type ResponsePlan } from "./policy/plan.ts";
import {
  asNamed,
  chooseRepresentation,
  closeRepresentation,
  compressRepresentation,
  describe,
  openFirst,
  openRepresentation,
  type Representation,
} from "./representation.ts";
import { planRoute, type Redirect } from "./policy/routing.ts";
import type { ServedFolder } from "./served_folder.ts";
import { findSiblings } from "./siblings.ts";
import { compileSite, type Site } from "./site.ts";
import { SiteHandler } from "./site_handler.ts";
import { readTarget } from "./policy/target.ts";

/** Where a target leads, before anything has been looked at. */
interface Place {
  readonly target: string;
  /** The names of the whole path. */
  readonly names: readonly string[];
  readonly trailingSlash: boolean;
  /** The folder that it leads into; `undefined` for none. */
  readonly folder: ServedFolder | undefined;
  /** The names below the folder. */
  readonly segments: readonly string[];
  /** Whether the slash at the end is missing, or is no real one to whoever resolves links. */
  readonly redirect: boolean;
  /** The path of the file. */
  readonly local: string;
}

const WINDOWS = Deno.build.os === "windows";

/** What was found at a path: to look for what is not there takes the longest of all. */
interface Seen {
  readonly path: string;
  readonly info: Deno.FileInfo | null;
}

const NO_VALIDATORS = Object.freeze({ etag: "", lastModified: null });

/** Where nothing is: no file has a NUL in its name. */
const NOWHERE = "\0";

/**
 * Serves folders as well as it can be done: ranges, conditional requests, compression,
 * listings for people, single-page applications, access control and more, as the options
 * say. It keeps all hooks of `SimpleHTTPRequestHandler`.
 *
 * @example A site with clean URLs, for everybody's scripts
 * ```ts
 * import { partial, StaticFileHandler } from "@x/httpserver/static";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 *
 * const Handler = partial(StaticFileHandler, {
 *   directory: ".",
 *   cleanUrls: true,
 *   cors: true,
 * });
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
 * server.serve_forever();
 * ```
 */
export class StaticFileHandler extends SiteHandler {
  readonly #site: Site;
  #place: Place | undefined;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's address.
   * @param server The server that accepted the connection.
   * @param options What to serve, and how.
   * @throws {TypeError} Where an option is malformed.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
    options: StaticFileOptions = DEFAULTS,
  ) {
    super(request, client_address, server, options);
    this.#site = compileSite(options);
  }

  /**
   * Sends the head of the answer to GET and HEAD.
   *
   * @returns What to send behind it, which the caller closes; `null` where the answer is complete.
   */
  override send_head(): MaybePromise<SourceFile | null> {
    const admitted = this.admit();
    if (admitted === true) return this.#answer();
    if (admitted === false) return null;
    return admitted.then((allowed) => allowed ? this.#answer() : null);
  }

  /**
   * Turns a request's target into the path of a file in one of the folders.
   *
   * @param path The target.
   * @returns The path, with "/" at its end where the target has one.
   */
  override translate_path(path: string): string {
    return this.#locate(path).local;
  }

  /**
   * Gives a file's media type by its name, with the charset of text; an
   * `extensions_map` of one's own goes before.
   *
   * @param path The file's path.
   * @returns The value of Content-Type.
   */
  override guess_type(path: string): string {
    const { extensions_map: own } = this;
    if (own === EXTENSIONS) return this.#site.typeOf(path);
    const [, extension] = splitext(path);
    return own[extension] ?? own[extension.toLowerCase()] ??
      this.#site.typeOf(path);
  }

  /**
   * Sends the head of a folder's listing, as a page or as JSON.
   *
   * @param path The folder.
   * @returns The listing; `null` where there is none and an error was sent.
   */
  override list_directory(path: string): MaybePromise<SourceFile | null> {
    return this.#listDirectory(path);
  }

  async #listDirectory(path: string): Promise<SourceFile | null> {
    const { folder, segments } = this.#locate(this.path);
    if (!this.#site.listing || folder === undefined) return this.#missing();
    // A listing has no validator: only "*" stands for it (RFC 9110, 13.1.1 and 13.1.2).
    const verdict = evaluatePreconditions("GET", this.headers, NO_VALIDATORS);
    if (verdict === "failed") {
      this.send_error(412);
      return null;
    }
    const mark = this.path.indexOf("?");
    const look = parseListingQuery(mark < 0 ? "" : this.path.slice(mark + 1));
    const json = look.json || prefersJson(listField(this.headers, "Accept"));
    const request = {
      folder,
      path,
      json,
      view: { ...look, segments },
      dotFiles: this.#site.dotFiles,
      root: segments.length === 0,
    };
    let listing: SourceFile;
    try {
      listing = await openListing(request);
    } catch (error) {
      if (!isFileError(error)) throw error;
      return this.#missing();
    }
    this.varyBy("Accept");
    const fields: Field[] = [
      ["Content-Type", json ? "application/json" : "text/html; charset=utf-8"],
    ];
    if (!json) fields.push(["Content-Security-Policy", LISTING_CSP]);
    fields.push(["Cache-Control", "no-cache"]);
    if (verdict === "not modified") {
      listing.close();
      this.sendHeadWith(304, fields.slice(-1));
      this.end_headers();
      return null;
    }
    this.sendHeadWith(200, fields);
    if (listing.size === Infinity) {
      this.endHeadersChunked();
    } else {
      this.send_header("Content-Length", listing.size);
      this.end_headers();
    }
    return listing;
  }

  #answer(): MaybePromise<SourceFile | null> {
    const path = this.translate_path(this.path);
    const place = this.#locate(this.path);
    const { folder, segments, trailingSlash } = place;
    if (place.redirect) return this.redirectTo(301, place.names, true);
    if (folder === undefined || isHidden(segments, this.#site.dotFiles)) {
      return this.#missing();
    }
    if (WINDOWS && segments.some(isWindowsAlias)) return this.#missing();
    // What is asked for most is tried first.
    if (!trailingSlash && !this.#site.cleanUrls) {
      const info = folder.find(path);
      if (info?.isFile) return this.#sendFile(folder, path, info);
      return this.#tryRoute(folder, place, { path, info });
    }
    return this.#tryRoute(folder, place);
  }

  /** Sends the first thing that the path may stand for and that is there. */
  #tryRoute(
    folder: ServedFolder,
    { names, segments, trailingSlash }: Place,
    seen?: Seen,
  ): MaybePromise<SourceFile | null> {
    const { spa, cleanUrls } = this.#site;
    const prefix = names.slice(0, names.length - segments.length);
    const navigation = spa !== undefined &&
      isNavigation({ method: this.command, headers: this.headers, segments });
    const candidates = planRoute(
      { segments, trailingSlash, navigation },
      { indexPages: this.index_pages, cleanUrls, spa },
    );
    for (const candidate of candidates) {
      const { segments: found, kind, action } = candidate;
      if (navigation && candidate === candidates.at(-1)) {
        this.varyBy(NAVIGATION_FIELDS);
      }
      const target = toLocation([...prefix, ...found], false, "");
      const path = this.translate_path(target);
      const info = path === seen?.path ? seen.info : folder.find(path);
      if (info === null || isHidden(found, this.#site.dotFiles)) continue;
      if (kind === "file" ? !info.isFile : !info.isDirectory) continue;
      if (action === "send") return this.#sendFile(folder, path, info);
      if (action === "list") {
        if (!this.#site.listing) continue;
        return this.list_directory(path);
      }
      return this.#sendRedirect(prefix, action);
    }
    if (spa !== undefined) this.varyBy(NAVIGATION_FIELDS);
    return this.#missing();
  }

  #sendRedirect(prefix: readonly string[], to: Redirect): null {
    const names = [...prefix, ...to.segments];
    return this.redirectTo(to.status, names, to.trailingSlash);
  }

  #missing(): null {
    this.send_error(404, "File not found");
    return null;
  }

  /** Sends a file in the form that suits the client best. */
  #sendFile(
    folder: ServedFolder,
    path: string,
    info: Deno.FileInfo,
  ): MaybePromise<SourceFile | null> {
    const type = this.guess_type(path);
    let form = this.#formOf(folder, path, info, type, false);
    const coded = form.coding !== undefined;
    let plan = this.#planFor(folder, path, form, type, coded);
    // A range is of the plain file, if the client has not got the coded one already.
    const ranged = form.made === "on the way" && plan.status !== 304 &&
      this.headers.get("Range") !== null;
    if (ranged) {
      form = this.#formOf(folder, path, info, type, true);
      plan = this.#planFor(folder, path, form, type, true);
    }
    // But for a 304, which the tag of the coding brought, it may turn out to be sent as it is.
    const sent = form.made === "on the way" && form.bytes === undefined &&
        plan.status !== 304
      ? compressRepresentation(form, this.command !== "HEAD").then((made) =>
        this.#send(made, this.#planFor(folder, path, made, type))
      )
      : this.#send(form, plan);
    if (sent instanceof Promise) {
      return sent.then((source) =>
        source === undefined ? this.#sendChanging(folder, path, type) : source
      );
    }
    return sent === undefined ? this.#sendChanging(folder, path, type) : sent;
  }

  /** Sends, as it is, a file that has changed between the look at it and its opening. */
  async #sendChanging(
    folder: ServedFolder,
    path: string,
    type: string,
  ): Promise<SourceFile | null> {
    const opened = await openFirst(folder, path);
    if (opened === undefined) return this.#missing();
    const form = { ...opened, ...asNamed(this.#site.codingOf(path)) };
    const plan = this.#planFor(folder, path, form, type);
    return await this.#send(form, plan) ?? null;
  }

  /** The form of a file that suits the client best, of which a range is asked for or not. */
  #formOf(
    folder: ServedFolder,
    path: string,
    info: Deno.FileInfo,
    type: string,
    ranged: boolean,
  ): Representation {
    const { compressMinSize: least, precompressed } = this.#site;
    const plain = { path, info };
    const named = asNamed(this.#site.codingOf(path));
    if (named !== undefined) return { ...plain, ...named };
    if (least === undefined && !precompressed) return plain;
    const accept = listField(this.headers, "Accept-Encoding");
    const compressible = isCompressible(type, info.size, 0);
    if (compressible && accept === null) {
      this.varyBy("Accept-Encoding");
      return plain;
    }
    const siblings = precompressed ? findSiblings(folder, path, info) : [];
    if (!compressible && siblings.length === 0) return plain;
    this.varyBy("Accept-Encoding");
    if (accept === null) return plain;
    // What is compressed on the way has no ranges: made anew, it may be other bytes.
    const compress = compressible && !ranged && least !== undefined &&
      info.size >= least;
    const now = Date.now();
    return chooseRepresentation(path, info, {
      accept,
      siblings,
      compress,
      now,
    });
  }

  #planFor(
    folder: ServedFolder,
    path: string,
    form: Representation,
    type: string,
    negotiated = false,
  ): ResponsePlan {
    const { cacheControl } = this.#site;
    return planResponse(
      { method: this.command, headers: this.headers },
      describe(form, type),
      {
        now: Date.now(),
        boundary: randomBoundary,
        negotiated,
        cacheControl: cacheControl?.(below(folder, path)),
      },
    );
  }

  /** Sends a plan's head; gives what is sent behind it, `undefined` where the file is not what was planned with. */
  #send(
    form: Representation,
    plan: ResponsePlan,
  ): MaybePromise<SourceFile | null | undefined> {
    if (plan.body.length === 0) {
      closeRepresentation(form);
      if (plan.status === 412 || plan.status === 416) {
        this.sendErrorWith(plan.status, plan.headers);
      } else {
        this.#sendPlannedHead(plan, form);
      }
      return null;
    }
    const source = openRepresentation(form, plan.body);
    if (source instanceof Promise) {
      return source.then((opened) => this.#sendOpened(opened, plan, form));
    }
    return this.#sendOpened(source, plan, form);
  }

  #sendOpened(
    source: SourceFile | undefined,
    plan: ResponsePlan,
    form: Representation,
  ): SourceFile | undefined {
    if (source === undefined) return undefined;
    try {
      this.#sendPlannedHead(plan, form);
    } catch (error) {
      source.close();
      throw error;
    }
    return source;
  }

  #sendPlannedHead(plan: ResponsePlan, form: Representation): void {
    this.sendHeadWith(plan.status, plan.headers);
    if (form.made === "while it is sent") this.endHeadersChunked();
    else this.end_headers();
  }

  /** Where a target leads; the last one is remembered, as several policies ask. */
  #locate(target: string): Place {
    if (this.#place?.target === target) return this.#place;
    const { segments: names, trailingSlash, slashEncoded } = readTarget(
      target,
      WINDOWS ? "windows" : "posix",
    );
    const { single, main } = this.#site;
    const match = single ? undefined : this.#site.find(names, trailingSlash);
    const folder = match === undefined
      ? main
      : match.kind === "inside"
      ? match.mount.folder
      : undefined;
    const segments = match?.kind === "inside" ? match.segments : names;
    const root = folder?.path ?? NOWHERE;
    const local = (root.endsWith("/") ? root : root + "/") + segments.join("/");
    return this.#place = {
      target,
      names,
      trailingSlash,
      folder,
      segments,
      redirect: slashEncoded || match?.kind === "redirect",
      local: trailingSlash && segments.length > 0 ? local + "/" : local,
    };
  }
}

/** A path as it is inside its folder. */
function below(folder: ServedFolder, path: string): string {
  return path.slice(folder.path.length).replace(/^\//, "");
}

function randomBoundary(): string {
  return makeBoundary(crypto.getRandomValues(new Uint8Array(20)));
}
