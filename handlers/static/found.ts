// The results of a look-up: facts without a status. `answerFor()` decides on the response.

import type { SourceFile } from "../source.ts";
import type { ServedFolder } from "./lookup/served_folder.ts";
import type { Refused, Reply } from "./upload/interfaces.ts";
import type { Representation } from "./representation/representation.ts";
import type { Field } from "./response/fields.ts";

/** A file, in each form that may be sent. Preconditions and the range decide which. */
export interface FoundFile {
  readonly kind: "file";
  /** The folder whose rules it passed, and must pass again if it is reopened. */
  readonly folder: ServedFolder;
  /** The path below that folder, for cache rules. */
  readonly name: string;
  /** The value of Content-Type. */
  readonly type: string;
  readonly plain: Representation;
  /** The coded form that the client prefers; possibly not compressed yet. */
  readonly coded: Representation | null;
  /** The request fields that the look-up depended on; empty for none. */
  readonly vary: string;
  /** The value of Cache-Control, in place of the site's. */
  readonly cacheControl?: string;
  /** The value of Content-Security-Policy. */
  readonly csp?: string;
}

/** A result that `answerFor()` takes. */
export type Resolved =
  | FoundFile
  /** A folder's archive, generated while it is sent. */
  | {
    readonly kind: "archive";
    readonly form: Representation;
    /** The value of Content-Type. */
    readonly type: string;
    /** The value of Content-Disposition. */
    readonly disposition: string;
  }
  /** A folder with too much in it for an archive. */
  | { readonly kind: "too large"; readonly reason: string }
  /** A folder's listing, opened. */
  | {
    readonly kind: "listing";
    readonly source: SourceFile;
    readonly json: boolean;
    /** The path of the README that is shown in it. */
    readonly readme?: string;
    /** Whether the script of live reload is appended. */
    readonly live?: boolean;
    /** The policy of a page with an upload area. */
    readonly csp?: string;
  }
  | {
    readonly kind: "redirect";
    readonly status: 301 | 302;
    readonly names: readonly string[];
    readonly trailingSlash: boolean;
    readonly vary: string;
  }
  /** A redirect of the site's own rules. */
  | {
    readonly kind: "moved";
    readonly status: number;
    readonly location: string;
  }
  /** OPTIONS: the methods, and a preflight's fields. */
  | { readonly kind: "options" }
  | {
    readonly kind: "missing";
    readonly vary: string;
    readonly cacheControl?: string;
  }
  /** A target of live reload. */
  | {
    readonly kind: "live";
    readonly status: number;
    readonly fields: readonly Field[];
    readonly source: SourceFile | null;
  }
  /** It may exist, but can't be read just now. */
  | { readonly kind: "unavailable"; readonly cause: Error }
  | { readonly kind: "unauthorized"; readonly challenge: string }
  /** Too many other passwords wait to be checked. */
  | { readonly kind: "busy" }
  /** The client's address is not allowed. */
  | { readonly kind: "forbidden" }
  /** This server doesn't serve the request's host. */
  | { readonly kind: "misdirected" }
  /** The host in the target is missing, or has user information. */
  | { readonly kind: "bad authority" }
  | { readonly kind: "method not allowed" }
  /** An upload. */
  | Refused
  | Reply;

/** A request that the proxy forwards. */
export interface ForUpstream {
  readonly kind: "upstream";
  /** The URL to which a rule rewrites. Absent: the proxy knows which upstream the request is for. */
  readonly url?: string;
}

/** The result of a look-up; `list_directory()` resolves a folder, and the proxy an upstream. */
export type Found =
  | Resolved
  | ForUpstream
  | { readonly kind: "directory"; readonly path: string };
