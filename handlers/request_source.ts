// Where a handler's requests come from: the connection's stream, or whatever file `setup()` or
// a test assigned to `rfile`. It also decides what `rfile` is during a request and between two.

import type { Connection } from "../connection/connection.ts";
import { FileHeads } from "../connection/file_heads.ts";
import type { MaybePromise, ReadableFile } from "../connection/files.ts";
import { Event, Lifecycle } from "../connection/lifecycle.ts";
import { RequestReader } from "../connection/reader.ts";
import type { BodyFraming } from "../parser/framing.ts";

/** The two fields of a handler that requests are read through. */
export interface Files {
  /** What the handler reads; reassigned for each request. */
  rfile: ReadableFile;
  /** The connection, whose reader is below `rfile` in most cases. */
  readonly connection: Connection;
}

/** The requests of one handler. */
export class RequestSource {
  readonly #files: Files;
  /** The stream that heads are read from, if `rfile` is our own or another `RequestReader`. */
  #stream: RequestReader | undefined;
  /** What `rfile` was set to for the last request. Anything else was assigned and is left alone. */
  #bound: ReadableFile | undefined;
  /** Reads heads from a file that is no `RequestReader`. */
  #foreign: FileHeads | undefined;
  /** The connection's reader, if the present request came through a file around it. */
  #wrapped: RequestReader | undefined;
  /** Used if a test has put an object without a state in place of the connection. */
  #ownLife: Lifecycle | undefined;
  /** How many bytes were taken from the connection before the present head. */
  #headStart = 0;

  /**
   * Reads requests for a handler.
   *
   * @param files The handler.
   */
  constructor(files: Files) {
    this.#files = files;
  }

  /** What the next head is read from. */
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

  /** The reader whose body the present exchange bounds; `undefined` for a file in memory. */
  get reader(): RequestReader | undefined {
    return this.#stream ?? this.#wrapped;
  }

  /** The state of the connection that requests come from. */
  get life(): Lifecycle {
    const life: Lifecycle | undefined = this.#stream?.life ??
      this.#files.connection.life;
    return life ?? (this.#ownLife ??= new Lifecycle());
  }

  /** Makes `rfile` the stream of heads, for an override of `handle_one_request()` that reads it. */
  openStream(): void {
    void this.heads;
    const stream = this.#stream;
    if (stream !== undefined) this.#files.rfile = stream;
    (stream ?? this.#connectionReader)?.openStream();
  }

  /**
   * Reads a request line and hides the stream from `rfile`, so that a late read of the request
   * before finds the end.
   *
   * @returns The line with its line end; empty at the end of the stream.
   */
  readRequestLine(): MaybePromise<string> {
    const { heads } = this;
    if (heads instanceof FileHeads) return this.#readForeignLine(heads);
    heads.closeStream();
    if (this.#bound !== undefined) this.#files.rfile = this.#bound;
    return heads.readRequestLine();
  }

  /**
   * Whether a line that the end of the stream cut off still counts. In a file in memory it
   * does, as in CPython.
   */
  get endsAtEnd(): boolean {
    return this.#stream === undefined && this.#foreign?.endsAtEnd === true;
  }

  /**
   * Notes that a request line was read by somebody else, such as an override of
   * `handle_one_request()`.
   *
   * @param length The length of the line in bytes.
   */
  lineWasRead(length: number): void {
    void this.heads;
    if (this.#stream !== undefined) return;
    this.#headStart = (this.#connectionReader?.taken ?? 0) - length;
  }

  /**
   * Binds `rfile` to the body of a request whose head was read.
   *
   * @param framing How the body ends.
   * @param headLength The length of the head in bytes.
   * @returns Whether the end of the body is certain, so that another request may follow.
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
      // A file in memory, or one that reads ahead: nobody knows where a body in it ends.
      return taken === 0 || framing.kind === "none";
    }
    this.#wrapped = reader;
    reader!.beginBody(framing);
    return true;
  }

  get #connectionReader(): RequestReader | undefined {
    const { rfile } = this.#files.connection;
    // A test may have put any object in place of the connection.
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
