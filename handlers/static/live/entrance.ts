// The entrance of live reload, the only one of its files that is loaded without it. The others
// are loaded by the first request of a site with `live`.

import type { MaybePromise } from "../../../connection/files.ts";
import type { Found, Resolved } from "../found.ts";
import type { LivePages, LiveRequest, LiveSettings } from "./interfaces.ts";

/** The folder of all targets of live reload, below the site's `base`. A dotfile is never served there. */
const FOLDER = ".httpserver";

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
    return this.#loading ??= import("./pages.ts").then(({ Pages }) => {
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
