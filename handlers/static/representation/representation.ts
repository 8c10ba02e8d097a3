// One form in which a file can be sent.

import type { SourceFile } from "../../source.ts";
import type { BodyPart } from "../response/multipart.ts";
import type { ByteSlice } from "../response/range.ts";

/** One form of a file: plain, from a precompressed file, or compressed on the fly. */
export interface Representation {
  /** The path of the file that is read. */
  readonly path: string;
  /** Its stat result. */
  readonly info: Deno.FileInfo;
  /** The size of the body in bytes; `Infinity` if it is not known in advance. */
  readonly size: number;
  /** The value of ETag; empty for none. */
  readonly etag: string;
  /** The time of Last-Modified, in whole seconds since the epoch. */
  readonly lastModified: number | null;
  /** The content coding, if any. */
  readonly coding?: string;
  /** Whether the bytes are stored, and thus have ranges, or made for this response. */
  readonly made: "stored" | "on the fly" | "streamed";
  /** Bytes after the end of the file, which `size` and `content` include. */
  readonly tail?: Uint8Array;
  /** The content, if it is in memory. */
  readonly content?: Uint8Array;
  /** The body, if it is already open; close it if it is not sent. */
  readonly source?: SourceFile;
  /** Opens content that is generated, such as an archive. */
  readonly open?: (parts: readonly BodyPart[]) => SourceFile;
  /** Whether slices of generated content can be sent, rather than all of it. Default: any. */
  readonly canSend?: (slices: readonly ByteSlice[]) => boolean;
  /** The file, if it is already open; close it if it is not sent. */
  readonly file?: Deno.FsFile;
}
