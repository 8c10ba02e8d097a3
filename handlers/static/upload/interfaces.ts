// What the files of uploads know of each other. Types only.

import type { ReadableFile } from "../../../connection/files.ts";
import type { HTTPMessage } from "../../../parser/headers.ts";
import type { SourceFile } from "../../source.ts";
import type { Rights } from "../access/rights.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import type { Field } from "../response/fields.ts";
import type { UploadLimits, UploadOptions, UploadPolicy } from "./options.ts";

export type { UploadPolicy };

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

/** A request, as far as uploads read it. */
export interface UploadRequest {
  readonly method: string;
  readonly headers: Pick<HTTPMessage, "get" | "get_all">;
  readonly target: {
    readonly text: string;
    readonly names: readonly string[];
    readonly segments: readonly string[];
    readonly trailingSlash: boolean;
    readonly folder: ServedFolder | undefined;
  };
  /** The handler of the request, which knows what the client sent it to. */
  readonly request: { readonly forwarded: { readonly host: string | null } };
  /** Whether a subclass replaced `translate_path()`. */
  readonly translated: boolean;
  /** The user who logged in, if any, and what the user may do. */
  readonly user: string | null;
  readonly rights: Rights | undefined;
  /**
   * Set if the client waits for a 100 before it sends the body, and whether the connection
   * may be kept open after that. Until then, it closes after the response.
   */
  readonly expects: { readonly keepAlive: boolean } | undefined;
}

/** The handler of a request, as far as uploads use it. */
export interface UploadHandler {
  /** The body of the request. */
  readonly rfile: Pick<ReadableFile, "read1">;
  /** The client's address, and what it sent the request to. */
  readonly forwarded: {
    readonly address: string;
    readonly host: string | null;
  };
  close_connection: boolean;
  /** Sends an interim response. */
  send_interim(code: number, fields?: Readonly<Record<string, string>>): void;
}

/** The result for a request. */
export type Received =
  | Refused
  | Reply
  | { readonly kind: "method not allowed" };

/** What uploads need to know of the site. */
export interface UploadSettings {
  readonly options: UploadOptions | true;
  /** The names of the site's `base`. */
  readonly prefix: readonly string[];
  /** The names that `Host` may have, if the site has only those. */
  readonly hosts: readonly string[];
  /** Whether there are users: a page of another name has no password. */
  readonly hasUsers: boolean;
  /** The paths of the served folders. */
  readonly folders: readonly string[];
  /** Whether a large file's ETag is a hash of its content. */
  readonly contentTags: boolean;
  /** Whether a name in a served folder is that of a file which changes the site. */
  readonly reserves: (name: string) => boolean;
  readonly os: "posix" | "windows";
}

/** Uploads to a site. */
export interface Uploads {
  readonly settings: UploadSettings;
  readonly limits: UploadLimits;
  /** What all uploads have taken, in bytes. */
  readonly totals: { taken: number };
  /** Refuses a host that may be the name of another site, which resolves to this machine. */
  refuseHost(host: string | null): Refused | undefined;
  /** What a request may do. */
  rightsOf(request: UploadRequest): Rights;
  /** The last name of a target that is an unfinished upload. */
  tokenOf(request: UploadRequest): string | undefined;
}
