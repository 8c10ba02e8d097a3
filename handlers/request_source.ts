// Reads request heads from the connection, or from a file that `setup()` or a test assigned to
// `rfile`. Also sets `rfile` for each request, and between requests.

import type { Connection } from "../connection/connection.ts";
import { FileHeads } from "../connection/file_heads.ts";
import type { MaybePromise, ReadableFile } from "../connection/files.ts";
import { Event, Lifecycle } from "../connection/lifecycle.ts";
import { RequestReader } from "../connection/reader.ts";
import type { BodyFraming } from "../parser/framing.ts";

/** The handler fields that requests are read from. */
export interface Files {
  /** The file that the handler reads; reassigned for each request. */
  rfile: ReadableFile;
  /** The connection. */
  readonly connection: Connection;
}

/** Reads the requests of one handler. */
export class RequestSource {
  readonly #files: Files;
  /** The stream that heads are read from, if `rfile` is a `RequestReader`. */
  #stream: RequestReader | undefined;
  /**
   * The `rfile` that was set for the last request. If `rfile` differs from it, the handler has
   * replaced it; keep that.
   */
  #bound: ReadableFile | undefined;
  /** Reads heads from an assigned file, if `rfile` is not a `RequestReader`. */
  #foreign: FileHeads | undefined;
  /** The connection's reader, if the current request was read through a file that wraps it. */
  #wrapped: RequestReader | undefined;
  /** Used if a test replaced the connection by an object without a `life`. */
  #ownLife: Lifecycle | undefined;
  /** Bytes read from the connection before the current head. */
  #headStart = 0;

  /**
   * Creates a source for a handler.
   *
   * @param files The handler.
   */
  constructor(files: Files) {
    this.#files = files;
  }

  /** The reader for the next request head. */
  get heads(): RequestReader | FileHeads {
    const { rfile } = this.#files;
    if (this.#stream !== undefined && rfile === this.#bound) {
      return this.#stream;
    }
    if (rfile === this.#stream) return this.#stream;
    this.#bound = this.#stream = undefined;
    if (rfile instanceof RequestReader) return this.#stream = rfile;
    if (this.#foreign?.file !== rfile) this.#foreign = new FileHeads(rfile);
    return this.#foreign;
  }

  /** The reader that ends the current request's body; `undefined` for a file in memory. */
  get reader(): RequestReader | undefined {
    return this.#stream ?? this.#wrapped;
  }

  /** The state of the connection. */
  get life(): Lifecycle {
    const life: Lifecycle | undefined = this.#stream?.life ??
      this.#files.connection.life;
    return life ?? (this.#ownLife ??= new Lifecycle());
  }

  /** Sets `rfile` to the stream of heads, for an override of `handle_one_request()` that reads from it. */
  openStream(): void {
    void this.heads;
    const stream = this.#stream;
    if (stream !== undefined) this.#files.rfile = stream;
    (stream ?? this.#connectionReader)?.openStream();
  }

  /**
   * Reads a request line. A late read by the previous request gets EOF, not the next request.
   *
   * @returns The line including its line ending; empty at EOF.
   */
  readRequestLine(): MaybePromise<string> {
    const { heads } = this;
    if (heads instanceof FileHeads) return this.#readForeignLine(heads);
    heads.closeStream();
    if (this.#bound !== undefined) this.#files.rfile = this.#bound;
    return heads.readRequestLine();
  }

  /**
   * Whether a request line without a line ending is valid at EOF: in a file in memory it is, as in
   * CPython.
   */
  get endsAtEnd(): boolean {
    return this.#stream === undefined && this.#foreign?.endsAtEnd === true;
  }

  /**
   * Records that other code, such as an override of `handle_one_request()`, has read a request
   * line.
   *
   * @param length The length of the line in bytes.
   */
  lineWasRead(length: number): void {
    void this.heads;
    if (this.#stream !== undefined) return;
    this.#headStart = (this.#connectionReader?.taken ?? 0) - length;
  }

  /**
   * Sets `rfile` to the body of the request whose head was read.
   *
   * @param framing How the body ends.
   * @param headLength The length of the head in bytes.
   * @returns Whether the end of the body is known. If not, no other request can follow.
   */
  bind(framing: BodyFraming, headLength: number): boolean {
    this.#wrapped = undefined;
    if (this.#stream !== undefined) {
      this.#files.rfile = this.#bound = this.#stream.beginBody(framing);
      return true;
    }
    const reader = this.#connectionReader;
    const taken = reader === undefined ? 0 : reader.taken - this.#headStart;
    if (taken !== headLength) {
      this.life.on(Event.Request);
      // A file in memory, or a wrapper that reads ahead: the end of its body is unknown.
      return taken === 0 || framing.kind === "none";
    }
    this.#wrapped = reader;
    reader!.beginBody(framing);
    return true;
  }

  get #connectionReader(): RequestReader | undefined {
    const { rfile } = this.#files.connection;
    // A test may replace the connection by any object.
    return rfile instanceof RequestReader ? rfile : undefined;
  }

  async #readForeignLine(heads: FileHeads): Promise<string> {
    const reader = this.#connectionReader;
    const before = reader?.taken ?? 0;
    const skipped = heads.skipped;
    const line = await heads.readRequestLine();
    heads.endsAtEnd = (reader?.taken ?? 0) === before;
    this.#headStart = before + heads.skipped - skipped;
    return line;
  }
}
