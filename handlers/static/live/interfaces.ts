// What the entrance of live reload and its other files know of each other. Types only.

import type { MaybePromise } from "../../../connection/files.ts";
import type { HTTPMessage } from "../../../parser/headers.ts";
import type { Found, Resolved } from "../found.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";

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
    address_string(): string;
    readonly close_connection: boolean;
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
  /** Whether nothing below its folders is served: the site has the `file` option. */
  readonly flat?: boolean;
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
