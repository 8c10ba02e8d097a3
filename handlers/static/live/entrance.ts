// The entrance of live reload, the only one of its files that is loaded without it. The others
// are loaded by the first request of a site with `live`, or by `loadLive()`.

import type { MaybePromise } from "../../../connection/files.ts";
import type { HTTPMessage } from "../../../parser/headers.ts";
import type { Found, Resolved } from "../found.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";

/** The folder of all targets of live reload, below the site's `base`. A dotfile is never served there. */
const FOLDER = ".httpserver";

/** A request, as far as live reload reads it. */
export interface LiveRequest {
  readonly method: string;
  readonly headers: Pick<HTTPMessage, "get" | "get_all">;
  readonly target: {
    readonly text: string;
    readonly names: readonly string[];
    readonly segments: readonly string[];
    readonly trailingSlash: boolean;
    readonly local: string;
  };
  readonly request: {
    readonly connection: {
      readonly signal: AbortSignal;
      readonly stopping?: boolean;
    };
    readonly index_pages: readonly string[];
    readonly server?: { readonly secure?: boolean };
  };
  /** The script to append to an error page. */
  tail?: Uint8Array | undefined;
}

/** A folder of the site, and the names of its URL path. */
export interface LiveFolder {
  readonly prefix: readonly string[];
  readonly folder: ServedFolder;
}

/** What live reload needs to know of the site. */
export interface LiveSettings {
  /** The folders; the first one is the site's `directory`. */
  readonly folders: readonly LiveFolder[];
  /** Further names that `Host` may have. */
  readonly hosts: readonly string[];
  readonly cleanUrls: boolean;
  /** Writes a line for the person at the terminal. */
  readonly say: (line: string) => void;
}

/** The part that is loaded when it is first needed. */
export interface LivePages extends Disposable {
  /**
   * Responds to a request for a target of live reload.
   *
   * @param request The request.
   * @param name The last name of the target.
   * @returns What to send.
   */
  respond(request: LiveRequest, name: string): Found;
  /**
   * Notes what a response depends on, and appends the script if it is a page.
   *
   * @param request The request.
   * @param found What was found for it.
   * @returns What to send.
   */
  tag(request: LiveRequest, found: Resolved): MaybePromise<Resolved>;
  /** Reloads all open pages. */
  reload(): void;
}

/** The file that is loaded when it is first needed. */
interface PagesModule {
  readonly Pages: new (settings: LiveSettings) => LivePages;
}

/** How many sites are remembered: as many as `compileSite()` keeps. */
const MAX_SITES = 256;

/** The sites whose pages may be open. */
const sites = new Set<LiveSite>();

/** Reloads the open pages of all sites with `live` in this process. */
export function reloadPages(): void {
  for (const site of sites) site.loaded?.reload();
}

/** Stops watching the files of all sites at once, instead of soon after the last page was closed. */
export function stopWatching(): void {
  for (const site of sites) site.loaded?.[Symbol.dispose]();
}

/**
 * Loads the other files. A computed specifier, since Deno loads the files of any other at start.
 *
 * @returns The module.
 * @throws {TypeError} Deno may not read the files of this program.
 */
export function loadLive(): Promise<PagesModule> {
  return import(new URL("pages.ts", import.meta.url).href);
}

/** Live reload of a site. */
export class LiveSite {
  /** The loaded part; `undefined` before the first request. */
  loaded: LivePages | undefined;
  readonly #settings: LiveSettings;
  #loading: Promise<LivePages> | undefined;

  /**
   * Prepares live reload. Loads and watches nothing yet.
   *
   * @param settings The site.
   */
  constructor(settings: LiveSettings) {
    this.#settings = settings;
  }

  #load(): Promise<LivePages> {
    return this.#loading ??= loadLive().then(({ Pages }) => {
      sites.add(this);
      for (const oldest of sites) {
        if (sites.size > MAX_SITES) sites.delete(oldest);
      }
      return this.loaded = new Pages(this.#settings);
    });
  }

  /**
   * Responds to a request for a target of live reload.
   *
   * @param request The request.
   * @returns What to send; `undefined` if the target is not one of live reload.
   */
  respond(request: LiveRequest): MaybePromise<Found> | undefined {
    const { names } = request.target;
    const { prefix } = this.#settings.folders[0]!;
    if (
      names.length !== prefix.length + 2 || names[prefix.length] !== FOLDER ||
      prefix.some((name, at) => name !== names[at])
    ) return undefined;
    const name = names.at(-1)!;
    return this.loaded?.respond(request, name) ??
      this.#load().then((pages) => pages.respond(request, name));
  }

  /**
   * Notes what a response depends on, and appends the script if it is a page.
   *
   * @param request The request.
   * @param found What was found for it.
   * @returns What to send.
   */
  tag(request: LiveRequest, found: Resolved): MaybePromise<Resolved> {
    return this.loaded?.tag(request, found) ??
      this.#load().then((pages) => pages.tag(request, found));
  }
}
