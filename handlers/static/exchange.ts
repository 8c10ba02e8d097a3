// One request and its response, as far as the site has to do with it: what was requested,
// read once; the clock, the chance and the hooks that a pure `answerFor()` may use.

import type { HTTPMessage } from "../../parser/headers.ts";
import { type ExtraFields, sortExtraFields } from "./response/extra_fields.ts";
import type { Field } from "./response/fields.ts";
import { makeBoundary } from "./response/multipart.ts";
import { readTarget } from "./lookup/target.ts";
import type { SentBody } from "./access/sent_body.ts";
import { ServedFolder } from "./lookup/served_folder.ts";
import type { Site } from "./site.ts";

/** Where a target resolves to, before anything has been looked at. */
export interface Target {
  /** The target as it was sent. */
  readonly text: string;
  /** The names of the whole path. */
  readonly names: readonly string[];
  /** Whether a slash ends the path. */
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
  /** The method. */
  readonly command: string;
  /** The target. */
  readonly path: string;
  /** The header fields. */
  readonly headers: Pick<HTTPMessage, "get" | "get_all">;
  /** The names of a folder's page. */
  readonly index_pages: readonly string[];
  /** Fields for every file and listing. */
  readonly extra_response_headers: readonly Field[];
  /** The connection, whose signal says that the client has left. */
  readonly connection: { readonly signal: AbortSignal };
  /** The client's address. */
  address_string(): string;
  /** Guesses a media type. */
  guess_type(path: string): string;
  /** Turns a target into a path. */
  translate_path(path: string): string;
  /** Formats a date. */
  date_time_string(timestamp?: number): string;
}

/** A file or folder to look at, and the folder whose rules it has to pass. */
export interface Place {
  readonly folder: ServedFolder;
  readonly local: string;
}

/** The result of a `translate_path()` that a subclass replaced is trusted. */
const ANYWHERE = new ServedFolder("/", "follow");

/** No file has a NUL in its name. */
const NOWHERE = "\0";

/** The user's fields, sorted once for each content of a list: a handler may change it at any time. */
const sorted = new WeakMap<readonly Field[], Sorted>();

interface Sorted {
  /** What the list held. */
  readonly given: readonly Field[];
  readonly extra: ExtraFields;
}

/** One request. A handler makes a new one for each; nothing is ever reset. */
export class Exchange {
  /** The user, if anyone had to log in. */
  user: string | null = null;
  /** Whether host and password were checked, and the request may see files. */
  admitted = false;
  /**
   * The fields that `end_headers()` adds to the present response: none if they were sent
   * already, all of an error's; `null` for a response that a subclass or the base class
   * sends, which gets those of the policies.
   */
  fields: readonly Field[] | null = null;
  /** Whether the present error is logged elsewhere. */
  logged = false;
  /** When the request came, for the log. */
  began = 0;
  /** How much of the body was sent, for the log. */
  body: SentBody | undefined;
  /** The time of the last look at the files: validators are of that moment. */
  now = 0;
  /** The request, through the handler's hooks. */
  readonly request: RequestView;
  /** The site that it is for. */
  readonly site: Site;
  /** Whether a subclass replaced `translate_path()`. */
  readonly translated: boolean;
  #target: Target | undefined;

  /**
   * Begins an exchange.
   *
   * @param request The request, through the handler's hooks.
   * @param site The site.
   * @param translated Whether a subclass replaced `translate_path()`.
   */
  constructor(request: RequestView, site: Site, translated: boolean) {
    this.request = request;
    this.site = site;
    this.translated = translated;
  }

  /** The method. */
  get method(): string {
    return this.request.command;
  }

  /** The header fields of the request. */
  get headers(): RequestView["headers"] {
    return this.request.headers;
  }

  /** The target; a subclass may have set `path` to another one. */
  get target(): Target {
    return this.locate(this.request.path);
  }

  /** The user's fields. */
  get extra(): ExtraFields {
    const given = this.request.extra_response_headers;
    const known = sorted.get(given);
    if (known !== undefined && haveSameFields(known.given, given)) {
      return known.extra;
    }
    const copy = given.map(([name, value]): Field => [name, value]);
    const extra = sortExtraFields(copy);
    sorted.set(given, { given: copy, extra });
    return extra;
  }

  /**
   * Reads a target; the last one is remembered.
   *
   * @param text The target.
   * @returns Where it resolves to.
   */
  locate(text: string): Target {
    return this.#target?.text === text
      ? this.#target
      : (this.#target = locate(text, this.site));
  }

  /**
   * Where to look, by the rules of which folder.
   *
   * @param page A page of the target's folder; by default the target itself.
   * @returns The place. Only here is a replaced `translate_path()` called.
   */
  place(page?: string): Place {
    const { target, request } = this;
    if (this.translated) {
      const path = page === undefined ? request.path : "/" + page;
      return { folder: ANYWHERE, local: request.translate_path(path) };
    }
    const folder = target.folder!;
    const local = page === undefined ? target.local : folder.join([page]);
    return { folder, local };
  }

  /**
   * Makes a boundary for a multipart response.
   *
   * @returns Another one each time.
   */
  boundary(): string {
    return makeBoundary(crypto.getRandomValues(new Uint8Array(20)));
  }
}

function haveSameFields(a: readonly Field[], b: readonly Field[]): boolean {
  return a.length === b.length &&
    a.every(([name, value], at) => b[at]![0] === name && b[at]![1] === value);
}

/** Reads a target, and finds the folder that it is in. */
function locate(text: string, site: Site): Target {
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
  const local = folder?.join(segments) ?? NOWHERE;
  return {
    text,
    names,
    trailingSlash,
    folder,
    segments,
    needsSlash: slashEncoded || match?.kind === "redirect",
    local: trailingSlash && segments.length > 0 ? local + "/" : local,
  };
}
