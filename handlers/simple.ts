// `SimpleHTTPRequestHandler`: serves files and listings as CPython does. A small cached file costs
// one synchronous `stat`; larger files are streamed.

import type { Address, Connection } from "../connection/connection.ts";
import type { MaybePromise, WritableFile } from "../connection/files.ts";
import { fromFileUrl, joinPath } from "../text/file_paths.ts";
import { parseHttpDate } from "../text/http_date.ts";
import { splitext, translateSegments } from "../text/paths.ts";
import { withoutAuthority } from "../text/target.ts";
import { urlsplit, urlunsplit } from "../text/url.ts";
import { BaseHTTPRequestHandler } from "./base.ts";
import { cachedContent } from "./file_cache.ts";
import {
  isAbsent,
  markFileError,
  modifiedAt,
  statInTurn,
  statOpened,
  statSync,
} from "./file_stat.ts";
import { type ListedEntry, listingPage, MAX_ENTRIES } from "./listing.ts";
import { mediaType } from "./media_types.ts";
import {
  BytesFile,
  copyBlocks,
  openSource,
  type SourceFile,
} from "./source.ts";
import { hasOwnSteps } from "./steps.ts";
import type { ServerContext } from "./types.ts";
import { sendUnavailable, unlessUnavailable } from "./unavailable.ts";

/** Options of `SimpleHTTPRequestHandler`. */
export interface SimpleHTTPRequestHandlerOptions {
  /**
   * The directory to serve, as a path or a `file:` URL.
   *
   * @default {Deno.cwd()}
   */
  readonly directory?: string | URL;
  /**
   * Header fields to send with files and listings, but not with redirects and errors.
   *
   * @default {[]}
   */
  readonly extra_response_headers?:
    readonly (readonly [name: string, value: string])[];
  /**
   * The media type of files with an unknown extension.
   *
   * @default {"application/octet-stream"}
   */
  readonly default_content_type?: string;
}

/** The default `extensions_map`. */
export const EXTENSIONS: Readonly<Record<string, string>> = Object.freeze({
  ".gz": "application/gzip",
  ".Z": "application/octet-stream",
  ".bz2": "application/x-bzip2",
  ".xz": "application/x-xz",
});
// deno-lint-ignore no-control-regex
const UNSAFE_IN_LOCATION = /[\x00-\x20\x7f\\]/g;
const NO_FIELDS: readonly (readonly [string, string])[] = Object.freeze([]);
const INDEX_PAGES: readonly string[] = Object.freeze([
  "index.html",
  "index.htm",
]);

/**
 * Serves the files of a directory with GET and HEAD. Directories get an index page or a listing,
 * and `If-Modified-Since` gets 304 if the file has not changed.
 *
 * As in CPython, symlinks are followed, even out of the directory, and dotfiles are served.
 *
 * @example Serve a directory
 * ```ts
 * import { partial, SimpleHTTPRequestHandler } from "@x/httpserver/handlers";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 *
 * const Handler = partial(SimpleHTTPRequestHandler, { directory: "." });
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
 * server.serve_forever();
 * ```
 */
export class SimpleHTTPRequestHandler extends BaseHTTPRequestHandler {
  /** The first part of the `Server` field. */
  override server_version: string = "SimpleHTTP/0.6";
  /** The names of index pages, in order of preference. */
  index_pages: readonly string[] = INDEX_PAGES;
  /** Media types by extension, including the dot. They override the built-in ones. */
  extensions_map: Readonly<Record<string, string>> = EXTENSIONS;
  /** The media type of files with an unknown extension. */
  default_content_type: string;
  /** Header fields to send with files and listings. */
  extra_response_headers: readonly (readonly [name: string, value: string])[];
  /** The directory that is served. */
  directory: string;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's host and port.
   * @param server The server that accepted the connection.
   * @param options The options.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
    options: SimpleHTTPRequestHandlerOptions = {},
  ) {
    super(request, client_address, server);
    const { directory = Deno.cwd() } = options;
    this.directory = typeof directory === "string"
      ? directory
      : fromFileUrl(directory, Deno.build.os);
    this.default_content_type = options.default_content_type ??
      "application/octet-stream";
    this.extra_response_headers = options.extra_response_headers ?? NO_FIELDS;
  }

  /**
   * Sends a file or a listing.
   *
   * @returns A promise if the work is asynchronous.
   */
  do_GET(): MaybePromise<void> {
    const file = this.send_head();
    return this.remember(
      file instanceof Promise
        ? file.then((opened) => this.#send(opened))
        : this.#send(file),
    );
  }

  /**
   * Sends the head of the response that GET would get.
   *
   * @returns A promise if the work is asynchronous.
   */
  do_HEAD(): MaybePromise<void> {
    const file = this.send_head();
    if (file instanceof Promise) {
      return this.remember(file.then((opened) => opened?.close()));
    }
    file?.close();
  }

  /**
   * Sends the head of the response to GET and HEAD.
   *
   * @returns The open file to send, which the caller must close; `null` if the response is complete.
   */
  send_head(): MaybePromise<SourceFile | null> {
    return this.remember(unlessUnavailable(() => {
      const path = this.translate_path(this.path);
      const info = hasOwnSteps(this, SimpleHTTPRequestHandler.prototype)
        ? statInTurn(path)
        : statSync(path);
      if (info?.isDirectory) return this.#sendDirectory(path);
      return this.#sendFile(path, info);
    }, this.#refuse));
  }

  /**
   * Sends the head of a directory's listing.
   *
   * @param path The directory.
   * @returns The page; `null` if an error was sent because the directory can't be read.
   */
  list_directory(path: string): MaybePromise<SourceFile | null> {
    return unlessUnavailable(() => this.#listDirectory(path), this.#refuse);
  }

  async #listDirectory(path: string): Promise<SourceFile | null> {
    const entries: ListedEntry[] = [];
    try {
      for await (const { name, isDirectory, isSymlink } of Deno.readDir(path)) {
        if (entries.length === MAX_ENTRIES) {
          this.log_error("Only %d entries of %r are listed", MAX_ENTRIES, path);
          break;
        }
        const linksToDirectory = isSymlink &&
          await isDirectoryAt(joinPath(path, name, Deno.build.os));
        entries.push({
          name,
          isDirectory: isDirectory || linksToDirectory,
          isSymlink,
        });
      }
    } catch (error) {
      if (!isAbsent(error)) throw markFileError(error);
      this.send_error(404, "No permission to list directory");
      return null;
    }
    const page = new TextEncoder().encode(listingPage(this.path, entries));
    this.send_response(200);
    this.send_header("Content-type", "text/html; charset=utf-8");
    this.send_header("Content-Length", String(page.length));
    this.#sendExtraHeaders();
    this.end_headers();
    return new BytesFile(page);
  }

  /**
   * Maps a request target to a file path. Drops the query, the fragment and the host of an
   * absolute target. The result is always inside `directory`, except through symlinks. Override it
   * to serve other paths.
   *
   * @param path The request target.
   * @returns The file path, with a trailing "/" if the target has one.
   */
  translate_path(path: string): string {
    const windows = Deno.build.os === "windows";
    const { segments, trailingSlash } = translateSegments(
      withoutAuthority(path),
      windows ? "windows" : "posix",
    );
    const { directory } = this;
    let local = directory;
    for (const segment of segments) {
      const separated = local === "" || local.endsWith("/") ||
        (windows && local.endsWith("\\"));
      local += separated ? segment : (windows ? "\\" : "/") + segment;
    }
    return trailingSlash ? local + "/" : local;
  }

  /**
   * Copies a file's content to the client. Override it to change the content.
   *
   * @param source The open file.
   * @param outputfile The file to write to.
   * @returns A promise if the work is asynchronous.
   */
  copyfile(source: SourceFile, outputfile: WritableFile): MaybePromise<void> {
    if (!(source instanceof BytesFile)) {
      return this.remember(copyBlocks(source, outputfile));
    }
    outputfile.write(source.view());
  }

  /**
   * Guesses a file's media type from its extension.
   *
   * @param path The file path.
   * @returns The media type, without a charset.
   */
  guess_type(path: string): string {
    const [root, extension] = splitext(path);
    const lower = extension.toLowerCase();
    // Brotli has no media type: use that of the compressed file.
    const inner = lower === ".br" ? splitext(root)[1].toLowerCase() : lower;
    return this.extensions_map[extension] ?? this.extensions_map[lower] ??
      mediaType(inner) ?? this.default_content_type;
  }

  #send(file: SourceFile | null): MaybePromise<void> {
    if (file === null) return;
    let copied: MaybePromise<void>;
    try {
      copied = this.copyfile(file, this.wfile);
    } catch (error) {
      file.close();
      throw error;
    }
    if (copied instanceof Promise) return copied.finally(() => file.close());
    file.close();
  }

  #sendDirectory(path: string): MaybePromise<SourceFile | null> {
    const parts = urlsplit(this.path);
    // An absolute target without a path names the root (RFC 9110 §4.2.3).
    const isRoot = parts.path === "" &&
      withoutAuthority(this.path) !== this.path;
    if (!isRoot && !/(?:\/|%2f)$/i.test(parts.path)) {
      this.send_response(301);
      // Browsers treat a backslash as a slash, so `/\host` would redirect to another host.
      // They also drop control characters, which are invalid in a URI.
      const target =
        parts.path.replace(UNSAFE_IN_LOCATION, encodeURIComponent) +
        "/";
      // Without a scheme, a host is only parsed after control characters before "//": drop it.
      const netloc = parts.scheme === "" ? "" : parts.netloc;
      this.send_header(
        "Location",
        urlunsplit({ ...parts, netloc, path: target }),
      );
      this.send_header("Content-Length", "0");
      this.end_headers();
      return null;
    }
    for (const name of this.index_pages) {
      const index = joinPath(path, name, Deno.build.os);
      const info = statSync(index);
      if (info?.isFile) return this.#sendFile(index, info);
    }
    return this.list_directory(path);
  }

  #sendFile(
    path: string,
    info: Deno.FileInfo | null,
  ): MaybePromise<SourceFile | null> {
    // Only regular files: opening a pipe would block, and a device may never end.
    if (info === null || !info.isFile || path.endsWith("/")) {
      return this.#notFound();
    }
    let content: Uint8Array | undefined;
    try {
      content = cachedContent(path, info);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      return this.#notFound();
    }
    if (content === undefined) return this.#sendOpened(path);
    return this.#sendFileHead(path, content.length, info)
      ? new BytesFile(content)
      : null;
  }

  /** Opens a file that is too large for the cache or of unknown size, and sends its head. */
  async #sendOpened(path: string): Promise<SourceFile | null> {
    let source: SourceFile;
    let info: Deno.FileInfo;
    try {
      const file = await Deno.open(path);
      info = await statOrClose(file, path);
      if (!info.isFile) {
        file.close();
        return this.#notFound();
      }
      source = await openSource(file, info.size);
    } catch (error) {
      if (!isAbsent(error)) throw markFileError(error);
      return this.#notFound();
    }
    try {
      if (this.#sendFileHead(path, source.size, info)) return source;
    } catch (error) {
      source.close();
      throw error;
    }
    source.close();
    return null;
  }

  /** Sends a file's head. Returns `false` after a 304, which has no body. */
  #sendFileHead(path: string, size: number, info: Deno.FileInfo): boolean {
    const type = this.guess_type(path);
    const time = modifiedAt(info);
    const modified = time === null ? null : Math.floor(time / 1000);
    if (modified !== null && this.#isUnmodifiedSince(modified)) {
      this.send_response(304);
      this.end_headers();
      return false;
    }
    this.send_response(200);
    this.send_header("Content-type", type);
    if (size !== Infinity) this.send_header("Content-Length", String(size));
    if (modified !== null) {
      this.send_header("Last-Modified", this.date_time_string(modified));
    }
    this.#sendExtraHeaders();
    if (size === Infinity) this.endHeadersChunked();
    else this.end_headers();
    return true;
  }

  /** Evaluates `If-Modified-Since`, which is ignored if there is an `If-None-Match` (RFC 9110 §13.1.3). */
  #isUnmodifiedSince(modified: number): boolean {
    const since = this.headers.get("If-Modified-Since");
    if (since === null || this.headers.has("If-None-Match")) return false;
    const seconds = parseHttpDate(since);
    return seconds !== undefined && modified <= seconds;
  }

  #sendExtraHeaders(): void {
    for (const [name, value] of this.extra_response_headers) {
      this.send_header(name, value);
    }
  }

  #notFound(): null {
    this.send_error(404, "File not found");
    return null;
  }

  /** Sends 503 for a file that can't be read at the moment, unless a response has begun. */
  readonly #refuse = (cause: Error): null => {
    if (this.response.sent) throw cause;
    return sendUnavailable(this, cause);
  };
}

async function statOrClose(
  file: Deno.FsFile,
  path: string,
): Promise<Deno.FileInfo> {
  try {
    return await statOpened(file, path);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** As in CPython, an unreadable symlink target counts as a file: one dead mount must not fail the whole listing. */
async function isDirectoryAt(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}
