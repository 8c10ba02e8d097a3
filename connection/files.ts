// The interfaces of `rfile` and `wfile`. They have only Python's file methods, so that any
// object that works like Python's `BytesIO` can replace them.

/** A value, or a promise if there is something to wait for. */
export type MaybePromise<T> = T | Promise<T>;

/** Where a handler reads requests from: `rfile`. */
export interface ReadableFile {
  /**
   * Reads bytes.
   *
   * @param size The number of bytes; reads to the end if absent or negative.
   * @returns That many bytes, or fewer at the end.
   */
  read(size?: number): MaybePromise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads the bytes that have arrived, and waits only if the buffer is empty.
   *
   * @param size The maximum number of bytes.
   * @returns At least one byte, or an empty array at the end.
   */
  read1(size?: number): MaybePromise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads into a buffer.
   *
   * @param into The buffer.
   * @returns The number of bytes read.
   */
  readinto(into: Uint8Array): MaybePromise<number>;
  /**
   * Reads a line, including its line end.
   *
   * @param limit The maximum number of bytes.
   * @returns The line; empty at the end.
   */
  readline(limit?: number): MaybePromise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads all lines.
   *
   * @param hint Stops after the line that reaches this many bytes.
   * @returns The lines with their line ends.
   */
  readlines(hint?: number): MaybePromise<Uint8Array<ArrayBuffer>[]>;
  /** The rest as a web stream. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * Iterates over the lines.
   *
   * @returns An iterator over lines with their line ends.
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array<ArrayBuffer>>;
  /** Ends reading. */
  close(): void;
}

/** Where request heads are read from. */
export interface HeadReader {
  /**
   * Reads a request line as Latin-1 text, skipping a few empty lines before it.
   *
   * @returns The line with its line end, cut after 65,537 bytes; empty at the end.
   */
  readRequestLine(): MaybePromise<string>;
  /**
   * Reads header lines up to and including the blank one.
   *
   * @returns The block as Latin-1 text.
   */
  readHeaderBlock(): MaybePromise<string>;
}

/** How a response body ended; returned by `WritableFile.endBody()`. */
export interface BodyReport {
  /** Number of body bytes sent, without chunk framing. */
  readonly sent: number;
  /** Number of bytes missing from the promised Content-Length; 0 without one. */
  readonly missing: number;
  /** Number of bytes beyond the allowed length, which were not sent. */
  readonly excess: number;
  /** Whether a body with the handler's own chunk framing lacks the last chunk. Default: `false`. */
  readonly unterminated?: boolean;
}

/**
 * The allowed body of a response: a number of bytes, `Infinity`, `"chunked"` to add chunk
 * framing, or `"framed"` for a handler that writes chunk framing itself.
 */
export type BodyLimit = number | "chunked" | "framed";

/** Where a handler writes responses to: `wfile`. */
export interface WritableFile {
  /**
   * Queues data. Await the promise for backpressure, and don't change a buffer before it
   * settles.
   *
   * @param data Bytes, or text to send as UTF-8.
   * @returns The size of the data, in bytes.
   */
  write(data: string | Uint8Array): Promise<number>;
  /**
   * Writes each item.
   *
   * @param lines Bytes or strings; no line ends are added.
   */
  writelines(
    lines: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  ): Promise<void>;
  /**
   * Waits until all queued data is written.
   *
   * @returns A promise that rejects if the client is gone.
   */
  flush(): Promise<void>;
  /** The writer as a web stream, for `pipeTo()`. */
  readonly writable: WritableStream<Uint8Array>;
  /** The total number of bytes passed to `write()`, if counted. */
  readonly written?: number;
  /** The total number of bytes sent, including chunk framing, if counted. */
  readonly sent?: number;
  /** How many more bytes the response body may have, if limited. */
  readonly room?: number;
  /** Whether `close()` was called. */
  readonly closed: boolean;
  /** Ends writing. */
  close(): void;
}
