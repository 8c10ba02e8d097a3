// The two interfaces behind `rfile` and `wfile`: Python's file methods, and the few
// that bound a body. A test puts in-memory files in their place by giving a
// `RequestReader` its bytes and a `ResponseWriter` a sink of its own.

import type { BodyFraming } from "../parser/framing.ts";

/** A value, or a promise of one: what may do I/O answers at once where it can. */
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

  /**
   * Reads a line as latin-1 text, which costs less than `readline()`.
   *
   * @param limit The most bytes to read.
   * @returns The line, empty at the end.
   */
  readLatin1Line(limit: number): MaybePromise<string>;
  /**
   * Reads header lines up to and including the blank one.
   *
   * @returns The block as latin-1 text.
   */
  readHeaderBlock(): MaybePromise<string>;
  /**
   * Bounds all reading to one request's body, until `endBody()`.
   *
   * @param framing How the body ends.
   */
  beginBody(framing: BodyFraming): void;
  /**
   * Drops what is left of the body.
   *
   * @returns Whether the next request can be read; `false` where too much was left.
   */
  endBody(): MaybePromise<boolean>;
  /** Lets all reading go to the stream itself, as after a protocol switch. */
  detachBody(): void;
  /** Whether the peer has sent, or is about to send, what nobody has read. */
  readonly unread: boolean;
  /** Ends reading. */
  close(): void;
}

/** How a response body ended, as `WritableFile.endBody()` tells it. */
export interface BodyReport {
  /** Bytes of body that were sent, chunk framing not counted. */
  readonly sent: number;
  /** Bytes that Content-Length promised and that were not written; 0 without one. */
  readonly missing: number;
  /** Bytes that were written beyond what the response may hold, and not sent. */
  readonly excess: number;
}

/** How much body a response may have: a number of bytes, `Infinity`, or `"chunked"` for bytes that get chunk framing. */
export type BodyLimit = number | "chunked";

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
  /** How many bytes were ever written. */
  readonly written: number;
  /** How many bytes have left, chunk framing included; absent where nobody counts them. */
  readonly sent?: number;
  /** Whether the writer was closed. */
  readonly closed: boolean;
  /**
   * Says what may be written next: anything, or after a header block its body.
   *
   * @param limit The body's bound or framing.
   */
  beginBody(limit: BodyLimit): void;
  /**
   * Ends the response's body; nothing more is sent until `beginBody()`.
   *
   * @returns What became of it.
   */
  endBody(): BodyReport;
  /** Ends writing. */
  close(): void;
}
