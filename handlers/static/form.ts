// A form in which a file can be sent: as it is, from a compressed file beside it, or
// compressed on the fly.

import type { SourceFile } from "../source.ts";

/** One form of a file. */
export interface Representation {
  /** The file that is read. */
  readonly path: string;
  /** That file, as it was seen. */
  readonly info: Deno.FileInfo;
  /** The content coding, if any. */
  readonly coding?: string;
  /** How the coding comes about: it is in the file, or made on the way. */
  readonly made?: "before" | "on the way" | "while it is sent";
  /** The content, where it is in memory. */
  readonly bytes?: Uint8Array;
  /** The content, where it is made while it is sent; whoever sends it closes it. */
  readonly source?: SourceFile;
  /** The file, where it is open already; whoever sends it closes it. */
  readonly file?: Deno.FsFile;
}
