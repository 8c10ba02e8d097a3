// What the files of uploads know of each other. Types only.

import type { HTTPMessage } from "../../../parser/headers.ts";
import type { SourceFile } from "../../source.ts";
import type { Field } from "../response/fields.ts";

/** What to do if there is a file of the same name: refuse the upload, store it under another name, or replace the file. */
export type UploadPolicy = "error" | "rename" | "overwrite";

/** An upload that is refused, and the response. */
export interface Refused {
  readonly kind: "refused";
  /** The status code, 400 to 599. */
  readonly status: number;
  /** What is wrong, for people. It is the reason phrase. */
  readonly reason: string;
  /** Further fields of the response. */
  readonly fields?: readonly Field[];
}

/** A response to an upload that was not refused. */
export interface Reply {
  readonly kind: "upload";
  readonly status: number;
  /** The fields, with Content-Type and Content-Length if there is a body. */
  readonly fields: readonly Field[];
  /** The body; `null` for none. */
  readonly source: SourceFile | null;
}

/** A file that was stored. */
export interface StoredFile {
  readonly kind: "stored";
  /** The names of its path below the served folder. The last one is new with the policy `"rename"`. */
  readonly names: readonly string[];
  /** Whether it replaced another file. */
  readonly replaced: boolean;
  /** Its size in bytes. */
  readonly size: number;
  /** Its entity tag, if that is strong. */
  readonly etag: string | undefined;
}

/** A digest that the content must have. */
export interface Digest {
  readonly algorithm: "sha-256" | "sha-512";
  readonly value: Uint8Array<ArrayBuffer>;
}

/** What is known of a file before its content arrives. */
export interface Announced {
  /** Its size; `undefined` if only the end of the content tells. */
  readonly size?: number | undefined;
  /** The digests to check. */
  readonly digests?: readonly Digest[];
}

/**
 * A file that is being received. Until `finish()` it has a hidden name, and disposing it
 * removes it.
 */
export interface FileUpload extends AsyncDisposable {
  /** How many bytes were written. */
  readonly received: number;
  /**
   * Appends bytes, which may be reused afterwards.
   *
   * @param bytes The bytes.
   * @returns A refusal if the file grows too large, or there is no space left.
   */
  write(bytes: Uint8Array): Promise<Refused | undefined>;
  /**
   * Stores the file under its name, all at once.
   *
   * @returns The file; a refusal if the name is taken, or the digest is wrong.
   */
  finish(): Promise<StoredFile | Refused>;
}

/** Receives the files of one request. */
export interface FileReceiver {
  /** The names of the request's folder below the served folder. */
  readonly folder: readonly string[];
  readonly policy: UploadPolicy;
  /** Whether the site doesn't show its files, and so not under which names they are stored. */
  readonly drop?: boolean;
  /**
   * Begins to receive a file.
   *
   * @param names The names of the file's path below the request's folder: the folders,
   * which are created if they are missing, and the file. They come from the client, and are checked.
   * @param announced What is known of the file.
   * @returns The file, which the caller disposes; or why it is refused.
   */
  open(
    names: readonly string[],
    announced?: Announced,
  ): Promise<FileUpload | Refused>;
}

/** A request with a form. It was admitted, and doesn't come from another site. */
export interface FormRequest {
  readonly headers: Pick<HTTPMessage, "get" | "get_all">;
  /** The request's target, as it was sent. */
  readonly target: string;
  /** The size of the body; `undefined` if it is chunked. */
  readonly length: number | undefined;
  /** The body. */
  readonly body: {
    /** Reads the bytes that have arrived; empty at the end. */
    read1(size?: number): Promise<Uint8Array>;
  };
}

/**
 * Receives the files of a form.
 *
 * @param request The request. The rest of a body that is not read to its end is dropped.
 * @param receiver Receives its files.
 * @returns The response.
 */
export type ReceiveForm = (
  request: FormRequest,
  receiver: FileReceiver,
) => Promise<Reply | Refused>;
