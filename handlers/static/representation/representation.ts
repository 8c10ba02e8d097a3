// One form in which a file may be sent.

import type { SourceFile } from "../../source.ts";

/** One form of a file: as it is, from a compressed file beside it, or compressed on the fly. */
export interface Representation {
  /** The file that is read. */
  readonly path: string;
  /** That file, as it was seen. */
  readonly info: Deno.FileInfo;
  /** How many bytes the body has; `Infinity` if only sending it shows that. */
  readonly size: number;
  /** The value of ETag; empty for none. */
  readonly etag: string;
  /** The time of Last-Modified, in whole seconds since the epoch. */
  readonly lastModified: number | null;
  /** The content coding, if any. */
  readonly coding?: string;
  /** Whether the bytes are in a file, and have ranges, or are made for this response. */
  readonly made: "stored" | "on the fly" | "streamed";
  /** The content, if it is in memory. */
  readonly content?: Uint8Array;
  /** The body, if it is open already; close it if it is not sent. */
  readonly source?: SourceFile;
  /** The file, if it is open already; close it if it is not sent. */
  readonly file?: Deno.FsFile;
}
