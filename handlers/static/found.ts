// What a look-up can find: facts, without a status. `answerFor()` decides what to send.

import type { SourceFile } from "../source.ts";
import type { ServedFolder } from "./lookup/served_folder.ts";
import type { Representation } from "./representation/representation.ts";

/** A file, in each form that may be sent: the conditions and the range decide which. */
export interface FoundFile {
  readonly kind: "file";
  /** The folder whose rules it has passed, and must pass again if it is reopened. */
  readonly folder: ServedFolder;
  /** The path below that folder, for cache rules. */
  readonly name: string;
  /** The value of Content-Type. */
  readonly type: string;
  readonly plain: Representation;
  /** The coded form that the client prefers; perhaps not made yet. */
  readonly coded: Representation | null;
  /** The request fields that the look-up depended on; empty for none. */
  readonly vary: string;
}

/** What a response can be decided on. */
export type Resolved =
  | FoundFile
  /** A folder's listing, opened. */
  | {
    readonly kind: "listing";
    readonly source: SourceFile;
    readonly json: boolean;
  }
  | {
    readonly kind: "redirect";
    readonly status: 301 | 302;
    readonly names: readonly string[];
    readonly trailingSlash: boolean;
    readonly vary: string;
  }
  /** OPTIONS: the methods, and a preflight's fields. */
  | { readonly kind: "options" }
  | { readonly kind: "missing"; readonly vary: string }
  /** It may be there, but can't be read just now. */
  | { readonly kind: "unavailable"; readonly cause: Error }
  | { readonly kind: "unauthorized"; readonly challenge: string }
  /** Too many other passwords wait to be checked. */
  | { readonly kind: "busy" }
  /** The request is for a host that this server does not serve. */
  | { readonly kind: "misdirected" }
  /** The host in the target is missing, or has user information. */
  | { readonly kind: "bad authority" }
  | { readonly kind: "method not allowed" };

/** What a look-up finds; `list_directory()` resolves a folder. */
export type Found =
  | Resolved
  | { readonly kind: "directory"; readonly path: string };
