// One request and its response, as the site sees them: the target, parsed once, and the
// clock, random bytes and hooks that the pure `answerFor()` may use.

import type { HTTPMessage } from "../../parser/headers.ts";
import {
  type ExtraFields,
  type RuledFields,
  sortExtraFields,
} from "./response/extra_fields.ts";
import type { Field } from "./response/fields.ts";
import { makeBoundary } from "./response/multipart.ts";
import { authorityOf, readTarget } from "./lookup/target.ts";
import { hostName } from "./access/host_allow.ts";
import type { Rights } from "./access/rights.ts";
import type { Decision } from "./rules/interfaces.ts";
import type { SentBody } from "./access/sent_body.ts";
import { ServedFolder } from "./lookup/served_folder.ts";
import type { Site } from "./site.ts";

/** What a target resolves to, before any file is looked up. */
export interface Target {
  /** The target as it was sent. */
  readonly text: string;
  /** The names of the whole path. */
  readonly names: readonly string[];
  /** Whether a slash ends the path. */
  readonly trailingSlash: boolean;
  /** The folder that contains the path; `undefined` for none. */
  readonly folder: ServedFolder | undefined;
  /** The names below that folder. */
  readonly segments: readonly string[];
  /** Whether the path is that of a mount without its slash. */
  readonly needsSlash: boolean;
  /** Whether the slash that ends the path is percent-encoded. */
  readonly slashEncoded: boolean;
  /** The path in the file system. */
  readonly local: string;
}

/** The parts of a handler that an exchange reads. A subclass may change each at any time before the response. */
export interface RequestView {
  /** The method. */
  readonly command: string;
  /** The target. */
  readonly path: string;
  /** The header fields. */
  readonly headers: Pick<HTTPMessage, "get" | "get_all">;
  /** The names of index pages. */
  readonly index_pages: readonly string[];
  /** Fields for every file and listing. */
  readonly extra_response_headers: readonly Field[];
  /** The connection; its signal is aborted when the client disconnects. */
  readonly connection: { readonly signal: AbortSignal };
  /** Whether the connection is closed after this request. */
  readonly close_connection: boolean;
  /** The server. */
  readonly server?: { readonly secure?: boolean };
  /** What the client sent the request to. */
  readonly forwarded: { readonly host: string | null };
  /** The client's address. */
  address_string(): string;
  /** Guesses a media type. */
  guess_type(path: string): string;
  /** Turns a target into a path. */
  translate_path(path: string): string;
  /** Formats a date. */
  date_time_string(timestamp?: number): string;
}

/** A file or folder to look up, and the folder whose rules apply. */
export interface Place {
  readonly folder: ServedFolder;
  readonly local: string;
}

/** For an overridden `translate_path()`, whose result is trusted. */
const ANYWHERE = new ServedFolder("/", "follow");

/** A path that doesn't exist: no file name has a NUL. */
const NOWHERE = "\0";

/** The user's fields, sorted once per content of a list: a handler may change the list at any time. */
const sorted = new WeakMap<readonly Field[], Sorted>();

interface Sorted {
  /** The list's content when it was sorted. */
  readonly given: readonly Field[];
  readonly extra: ExtraFields;
}

/** One request. Each request gets a new one; nothing is ever reset. */
export class Exchange {
  /** The user who logged in, if any. */
  user: string | null = null;
  /** Whether the client's address was checked, and is allowed. */
  allowed = false;
  /** What the user may do; `undefined` if that is not restricted. */
  rights: Rights | undefined;
  /** Set if the client waits for a 100, which an upload sends once it is accepted. */
  expects: { readonly keepAlive: boolean } | undefined;
  /** Whether the host and the password were checked, so the request may see files. */
  admitted = false;
  /**
   * The fields that `end_headers()` adds to this response. Empty: already sent. An error's:
   * all. `null`: the response isn't from `sendAnswer()`, so add the policies' fields.
   */
  fields: readonly Field[] | null = null;
  /** Whether the request is not logged. */
  unlogged = false;
  /** Whether this error is logged elsewhere. */
  logged = false;
  /** The fields of the header rules that match. */
  ruled: RuledFields | undefined;
  /** What a rule has decided for the case that there is no file. */
  decision: Decision | undefined;
  /** The status of a rewritten file, in place of 200. */
  status: number | undefined;
  /** The script of live reload, to append to an error page. */
  tail: Uint8Array | undefined;
  /** The reason phrase of an error response that was sent. */
  refusal: string | undefined;
  /** When the request came, for the log. */
  began = 0;
  /** The request's ID, once it was asked for. */
  id: string | undefined;
  /** How much of the body was sent, for the log. */
  body: SentBody | undefined;
  /** The time of the last look at the files, for validators. */
  now = 0;
  /** The request, as read through the handler's hooks. */
  readonly request: RequestView;
  /** The site that serves it. */
  readonly site: Site;
  /** Whether a subclass replaced `translate_path()`. */
  readonly translated: boolean;
  #target: Target | undefined;

  /**
   * Starts an exchange.
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

  /**
   * Takes over the facts about the request, for another site.
   *
   * @param other The exchange so far.
   * @returns This exchange.
   */
  resume({ allowed, began, body, id }: Exchange): this {
    return Object.assign(this, { allowed, began, body, id });
  }

  /** The method. */
  get method(): string {
    return this.request.command;
  }

  /** The header fields of the request. */
  get headers(): RequestView["headers"] {
    return this.request.headers;
  }

  /** The target. It follows `path`, which a subclass may set. */
  get target(): Target {
    return this.locate(this.request.path);
  }

  /** Whether the site has a secret path and the target isn't below it, so nothing of the site may show. */
  get isOutside(): boolean {
    const { secret } = this.site;
    return secret !== undefined && !secret.matches(this.target.names[0]);
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
   * Resolves a target; the last one is remembered.
   *
   * @param text The target.
   * @returns The resolved target.
   */
  locate(text: string): Target {
    return this.#target?.text === text
      ? this.#target
      : (this.#target = locate(text, this.site, this.#host(text)));
  }

  /** The name of the request's host, if folders depend on it. */
  #host(text: string): string | undefined {
    if (this.site.hosts.length === 0) return undefined;
    return hostName(authorityOf(text) ?? this.headers.get("Host") ?? "");
  }

  /**
   * Determines the path to look up, and the folder whose rules apply. An overridden
   * `translate_path()` is called only here.
   *
   * @param page A page in the target's folder. Default: the target itself.
   * @returns The place.
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
   * Determines the path of another target of the site, such as that of a rewrite.
   *
   * @param target The target.
   * @returns The place; `undefined` if the target is in no folder.
   */
  placeOf({ folder, local, text }: Target): Place | undefined {
    return this.translated
      ? { folder: ANYWHERE, local: this.request.translate_path(text) }
      : folder && { folder, local };
  }

  /**
   * Makes a random boundary for a multipart response.
   *
   * @returns The boundary.
   */
  boundary(): string {
    return makeBoundary(crypto.getRandomValues(new Uint8Array(20)));
  }
}

function haveSameFields(a: readonly Field[], b: readonly Field[]): boolean {
  return a.length === b.length &&
    a.every(([name, value], at) => b[at]![0] === name && b[at]![1] === value);
}

/** Parses a target and finds its folder. */
function locate(text: string, site: Site, host: string | undefined): Target {
  const { segments: names, trailingSlash, slashEncoded } = readTarget(
    text,
    site.os,
  );
  const match = site.single ? undefined : site.find(names, trailingSlash, host);
  const folder = match === undefined
    ? site.main
    : match.kind === "inside"
    ? match.mount.folder
    : undefined;
  const segments = match?.kind === "inside" ? match.segments : names;
  const needsSlash = match?.kind === "redirect";
  if (site.file !== undefined && folder === site.main) {
    const place = locateFile(segments, trailingSlash, site);
    return { text, names, needsSlash, slashEncoded, ...place };
  }
  const local = folder?.join(segments) ?? NOWHERE;
  return {
    text,
    names,
    trailingSlash,
    folder,
    segments,
    needsSlash,
    slashEncoded,
    local: trailingSlash && segments.length > 0 ? local + "/" : local,
  };
}

/** Locates the only file of a site, which is also at the root. */
function locateFile(
  segments: readonly string[],
  trailingSlash: boolean,
  { file, main }: Site,
): Pick<Target, "folder" | "segments" | "trailingSlash" | "local"> {
  const found = segments.length === 0 ||
    (segments.length === 1 && segments[0] === file && !trailingSlash);
  return found
    ? {
      folder: main,
      segments: [file!],
      trailingSlash: false,
      local: main.join([file!]),
    }
    : { folder: undefined, segments, trailingSlash, local: NOWHERE };
}
