// One request and its response, as far as the site has to do with it: what was asked for,
// read once; the clock, the chance and the hooks that a pure `answerFor()` may use.

import type { HTTPMessage } from "../../parser/headers.ts";
import { type ExtraFields, sortExtraFields } from "./policy/extra_fields.ts";
import type { Field } from "./policy/fields.ts";
import { makeBoundary } from "./policy/multipart.ts";
import { authorityOf, readTarget } from "./policy/target.ts";
import { ServedFolder } from "./served_folder.ts";
import type { Site } from "./site.ts";

/** Where a target resolves to, before anything has been looked at. */
export interface Target {
  /** The target as it was sent. */
  readonly text: string;
  /** The query, without its "?". */
  readonly query: string;
  /** The host of a target in absolute form. */
  readonly authority: string | undefined;
  /** The names of the whole path. */
  readonly names: readonly string[];
  readonly trailingSlash: boolean;
  /** The folder that the path is in; `undefined` for none. */
  readonly folder: ServedFolder | undefined;
  /** The names below that folder. */
  readonly segments: readonly string[];
  /** Whether the path of a folder or mount lacks its slash, or has an encoded one. */
  readonly needsSlash: boolean;
  /** The path in the file system. */
  readonly local: string;
}

/** What an exchange reads from its handler: a subclass may change each at any time before the response. */
export interface RequestView {
  readonly command: string;
  readonly path: string;
  readonly headers: Pick<HTTPMessage, "get" | "get_all">;
  readonly index_pages: readonly string[];
  readonly extra_response_headers: readonly Field[];
  guess_type(path: string): string;
  translate_path(path: string): string;
  date_time_string(timestamp?: number): string;
}

/** What a `translate_path()` that a subclass replaced gives is trusted. */
const ANYWHERE = new ServedFolder("/", "follow");

/** No file has a NUL in its name. */
const NOWHERE = "\0";

const sorted = new WeakMap<readonly Field[], ExtraFields>();

/** One request. A handler makes a new one for each; nothing is ever reset. */
export class Exchange {
  /** Who asks, if anyone had to say so. */
  user: string | null = null;
  /**
   * The fields that `end_headers()` adds to the present response: none to one that
   * `answerFor()` decided on and whose fields are being sent, all of an error's; `null`
   * for what a subclass or the base class sends itself, which gets those of the policies.
   */
  fields: readonly Field[] | null = null;
  /** When the request came and when its body began, for the log. */
  began = 0;
  bodyBegan = 0;
  /** The time of the last look at the files: validators are of that moment. */
  now: number = Date.now();
  #target: Target | undefined;

  /** Whether a subclass replaced `translate_path()`. */
  readonly #translated: boolean;

  constructor(
    readonly request: RequestView,
    readonly site: Site,
    translated: boolean,
  ) {
    this.#translated = translated;
  }

  get method(): string {
    return this.request.command;
  }

  get headers(): RequestView["headers"] {
    return this.request.headers;
  }

  /** The target; a subclass may have set `path` to another one. */
  get target(): Target {
    return this.locate(this.request.path);
  }

  locate(text: string): Target {
    return this.#target?.text === text
      ? this.#target
      : (this.#target = locate(text, this.site));
  }

  /** Where to look, in the rules of which folder: for the target, or for a page of its folder. */
  place(page?: string): { folder: ServedFolder; local: string } {
    const { target, request } = this;
    if (this.#translated) {
      const path = page === undefined ? request.path : "/" + page;
      return { folder: ANYWHERE, local: request.translate_path(path) };
    }
    const folder = target.folder!;
    const local = page === undefined ? target.local : folder.join([page]);
    return { folder, local };
  }

  /** The user's fields, sorted once for each list of them. */
  get extra(): ExtraFields {
    const given = this.request.extra_response_headers;
    let extra = sorted.get(given);
    if (extra === undefined) {
      extra = sortExtraFields(given);
      sorted.set(given, extra);
    }
    return extra;
  }

  boundary(): string {
    return makeBoundary(crypto.getRandomValues(new Uint8Array(20)));
  }
}

/** Reads a target, and finds the folder that it is in. */
export function locate(text: string, site: Site): Target {
  const { segments: names, trailingSlash, slashEncoded } = readTarget(
    text,
    site.os,
  );
  const match = site.single ? undefined : site.find(names, trailingSlash);
  const folder = match === undefined
    ? site.main
    : match.kind === "inside"
    ? match.mount.folder
    : undefined;
  const segments = match?.kind === "inside" ? match.segments : names;
  const mark = text.indexOf("?");
  const local = folder?.join(segments) ?? NOWHERE;
  return {
    text,
    query: mark < 0 ? "" : text.slice(mark + 1),
    authority: authorityOf(text),
    names,
    trailingSlash,
    folder,
    segments,
    needsSlash: slashEncoded || match?.kind === "redirect",
    local: trailingSlash && segments.length > 0 ? local + "/" : local,
  };
}
