// `rfile` for a body that was recorded before the handler reads it.

import type { ReadableFile } from "../connection/files.ts";
import { FileReader } from "../connection/rfile.ts";
import { LineReader } from "../parser/line_reader.ts";

/** How much is read at once if the caller gives no size, in bytes. */
const READ_SIZE = 65_536;

/** A body that was read from a file, up to a limit. */
export interface ReadBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it is the whole body. */
  readonly complete: boolean;
  /** Why the rest can't be read. */
  readonly error: unknown;
}

/**
 * Reads a body.
 *
 * @param file The file.
 * @param limit The most bytes to read.
 * @returns The body.
 */
export async function readBody(
  file: ReadableFile,
  limit: number,
): Promise<ReadBody> {
  const read = new LineReader(0);
  let error: unknown;
  let complete = false;
  try {
    while (read.length < limit && !complete) {
      const piece = await file.read1(limit - read.length);
      read.feed(piece);
      complete = piece.length === 0;
    }
  } catch (reason) {
    // The handler gets it when it reads that far.
    error = reason;
  }
  const bytes = read.length === 0
    ? new Uint8Array()
    : read.take(read.length) ?? new Uint8Array();
  return { bytes, complete, error };
}

/** Reads what was read before, then the rest. */
export class ReplayedFile extends FileReader implements ReadableFile {
  readonly #read: ReadBody;
  readonly #file: ReadableFile;
  readonly #buffer = new LineReader(0);
  /** Whether `#buffer` has everything to the end of the body. */
  #whole: boolean;

  /**
   * Replays a body.
   *
   * @param read What was read.
   * @param file The file it was read from.
   */
  constructor(read: ReadBody, file: ReadableFile) {
    super();
    this.#read = read;
    this.#file = file;
    this.#whole = read.complete;
    if (read.bytes.length > 0) this.#buffer.feed(read.bytes);
    if (this.#whole) this.#buffer.end();
  }

  /**
   * Reads bytes.
   *
   * @param size The number of bytes; reads to the end if absent, negative or `null`.
   * @returns That many bytes, or fewer at the end.
   */
  async read(size?: number | null): Promise<Uint8Array<ArrayBuffer>> {
    const limit = size === undefined || size === null || size < 0
      ? Infinity
      : size;
    while (this.#buffer.length < limit && !this.#whole) {
      // Its limit on reading to the end applies.
      await this.#fill(limit === Infinity ? undefined : limit);
    }
    return this.#buffer.take(Math.min(limit, this.#buffer.length)) ??
      new Uint8Array();
  }

  /**
   * Reads the bytes that have arrived.
   *
   * @param size The maximum number of bytes.
   * @returns At least one byte; empty at the end.
   */
  async read1(size: number = READ_SIZE): Promise<Uint8Array<ArrayBuffer>> {
    const most = size < 0 ? READ_SIZE : size;
    if (this.#buffer.length === 0 && !this.#whole) await this.#fill(most);
    return this.#buffer.take(most) ?? new Uint8Array();
  }

  /**
   * Reads a line.
   *
   * @param limit The maximum number of bytes.
   * @returns The line with its line end; empty at the end.
   */
  async readline(limit: number = Infinity): Promise<Uint8Array<ArrayBuffer>> {
    const most = limit < 0 ? Infinity : limit;
    for (;;) {
      const line = this.#buffer.readline(most);
      if (line !== undefined) return line;
      await this.#fill(READ_SIZE);
    }
  }

  /** Ends reading. */
  close(): void {
    this.#file.close();
  }

  /** Reads more: up to a number of bytes, or all. */
  async #fill(most: number | undefined): Promise<void> {
    if (this.#read.error !== undefined) throw this.#read.error;
    const piece =
      await (most === undefined ? this.#file.read() : this.#file.read1(most));
    if (piece.length > 0) this.#buffer.feed(piece);
    else {
      this.#whole = true;
      this.#buffer.end();
    }
  }
}
