// The interfaces of `rfile` and `wfile`: Python's file methods and nothing else, so that any
// object that works like Python's `BytesIO` can take their place.

/** A value, or a promise of one. A promise is returned only if there is something to wait for. */
export type MaybePromise<T> = T | Promise<T>;

/** What a handler reads requests from: `rfile`. */
export interface ReadableFile {
  /**
   * Reads bytes.
   *
   * @param size How many; absent or negative reads to the end.
   * @returns That many bytes, fewer only at the end.
   */
  read(size?: number): MaybePromise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads what is there, waiting only where nothing is.
   *
   * @param size The most bytes to read.
   * @returns At least one byte, none only at the end.
   */
  read1(size?: number): MaybePromise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads into a buffer.
   *
   * @param into Where the bytes go.
   * @returns How many came.
   */
  readinto(into: Uint8Array): MaybePromise<number>;
  /**
   * Reads a line, its line end included.
   *
   * @param limit The most bytes to read.
   * @returns The line, empty at the end.
   */
  readline(limit?: number): MaybePromise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads all lines.
   *
   * @param hint Stops after the line with which this many bytes are reached.
   * @returns The lines with their line ends.
   */
  readlines(hint?: number): MaybePromise<Uint8Array<ArrayBuffer>[]>;
  /** What is left to read as a web stream. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * The lines up to the end.
   *
   * @returns An iterator over lines with their line ends.
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array<ArrayBuffer>>;
  /** Ends reading. */
  close(): void;
}

/** What request heads are read from. */
export interface HeadReader {
  /**
   * Reads a request line as latin-1 text. A few empty lines before it are skipped.
   *
   * @returns The line with its line end, cut after 65,537 bytes; empty at the end.
   */
  readRequestLine(): MaybePromise<string>;
  /**
   * Reads header lines up to and including the blank one.
   *
   * @returns The block as latin-1 text.
   */
  readHeaderBlock(): MaybePromise<string>;
}

/** How a response body ended, as `WritableFile.endBody()` tells it. */
export interface BodyReport {
  /** Bytes of body that were sent, chunk framing not counted. */
  readonly sent: number;
  /** Bytes that Content-Length promised and that were not written; 0 without one. */
  readonly missing: number;
  /** Bytes that were written beyond what the response may hold, and not sent. */
  readonly excess: number;
  /** Whether a body with the handler's own chunk framing lacks the last chunk. Default: `false`. */
  readonly unterminated?: boolean;
}

/**
 * How much body a response may have: a number of bytes, `Infinity`, `"chunked"` for bytes that get
 * chunk framing, or `"framed"` for a handler that writes chunk framing itself.
 */
export type BodyLimit = number | "chunked" | "framed";

/** What a handler writes responses to: `wfile`. */
export interface WritableFile {
  /**
   * Writes data in order; it is taken at once, and the promise is back-pressure.
   * A buffer must not be changed before its promise settles.
   *
   * @param data Bytes, or text that is sent as UTF-8.
   * @returns How many bytes the data had.
   */
  write(data: string | Uint8Array): Promise<number>;
  /**
   * Writes each item.
   *
   * @param lines Bytes or texts; no line ends are added.
   */
  writelines(
    lines: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  ): Promise<void>;
  /**
   * Waits until all that was written has left.
   *
   * @returns A promise that rejects where the peer is gone.
   */
  flush(): Promise<void>;
  /** The writer as a web stream, for `pipeTo()`. */
  readonly writable: WritableStream<Uint8Array>;
  /** How many bytes were ever written, if it counts them. */
  readonly written?: number;
  /** How many bytes have left, chunk framing included, if it counts them. */
  readonly sent?: number;
  /** How many more bytes the response body may have, if that is bounded. */
  readonly room?: number;
  /** Whether the writer was closed. */
  readonly closed: boolean;
  /** Ends writing. */
  close(): void;
}
