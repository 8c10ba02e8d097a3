// What a look-up may find: facts, without a status.

import type { SourceFile } from "../source.ts";
import type { Representation } from "./form.ts";
import type { ServedFolder } from "./served_folder.ts";

/** What can be answered. */
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
  | { readonly kind: "unavailable"; readonly cause: Error }
  | { readonly kind: "unauthorized"; readonly challenge: string }
  | { readonly kind: "misdirected" }
  | { readonly kind: "method not allowed" };

/** What a look-up finds; a folder is for `list_directory()`, which resolves it. */
export type Found =
  | Resolved
  | { readonly kind: "directory"; readonly path: string };

/** A file, in each form that may be sent: which one, the conditions and the range decide. */
export interface FoundFile {
  readonly kind: "file";
  /** The folder whose rules it has passed. */
  readonly folder: ServedFolder;
  /** The path below that folder, for rules. */
  readonly name: string;
  readonly type: string;
  readonly plain: Representation;
  /** The coded form that the client prefers; perhaps not made yet. */
  readonly coded: Representation | null;
  /** The request fields that the look-up depended on; empty for none. */
  readonly vary: string;
}
