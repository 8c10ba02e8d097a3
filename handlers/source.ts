// What `send_head()` returns: a file that is open for reading, in memory or on disk.

import type { MaybePromise, WritableFile } from "../connection/files.ts";
import { markFileError } from "./file_stat.ts";

/** A file that is open for reading; whoever got it closes it. */
export interface SourceFile extends Disposable {
  /** How many bytes it has in all, `Infinity` if that is not known. */
  readonly size: number;
  /**
   * Reads on.
   *
   * @param max The most bytes to read.
   * @returns The bytes, empty at the end.
   */
  read(max?: number): MaybePromise<Uint8Array>;
  /**
   * Reads on into a buffer.
   *
   * @param into Where the bytes go.
   * @returns How many came, 0 at the end.
   */
  readinto(into: Uint8Array): MaybePromise<number>;
  /** Closes the file. Further calls do nothing. */
  close(): void;
}

/** How much is read from a disk at once, in bytes: few calls, and little memory for a slow client. */
export const BLOCK = 256 * 1024;

/** A file whose content is in memory: Python's `BytesIO`. */
export class BytesFile implements SourceFile {
  readonly #bytes: Uint8Array;
  #at = 0;

  /**
   * Makes a file.
   *
   * @param bytes Its content.
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes it has in all. */
  get size(): number {
    return this.#bytes.length;
  }

  /**
   * Reads on.
   *
   * @param max The most bytes to read; by default all.
   * @returns The bytes, empty at the end; a view that must not be changed.
   */
  read(max: number = -1): Uint8Array {
    const bytes = this.#bytes;
    if (max < 0) max = bytes.length;
    if (this.#at === 0 && max >= bytes.length) {
      this.#at = bytes.length;
      return bytes;
    }
    const piece = bytes.subarray(
      this.#at,
      Math.min(bytes.length, this.#at + max),
    );
    this.#at += piece.length;
    return piece;
  }

  /**
   * Reads on into a buffer.
   *
   * @param into Where the bytes go.
   * @returns How many came, 0 at the end.
   */
  readinto(into: Uint8Array): number {
    const piece = this.read(into.length);
    into.set(piece);
    return piece.length;
  }

  /** Ends reading. */
  close(): void {
    this.#at = this.#bytes.length;
  }

  /** Ends reading. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** A file on disk, read up to the size it had when it was opened. */
export class DiskFile implements SourceFile {
  /** How many bytes it had when it was opened. */
  readonly size: number;
  readonly #file: Deno.FsFile;
  #left: number;
  #closed = false;

  /**
   * Takes over an open file.
   *
   * @param file The file, which is closed with this.
   * @param size How many bytes to read at most: a file that grows while it is sent must not outgrow its Content-Length.
   */
  constructor(file: Deno.FsFile, size: number) {
    this.#file = file;
    this.size = this.#left = size;
  }

  /**
   * Reads on.
   *
   * @param max The most bytes to read; by default 256 KiB.
   * @returns The bytes, empty at the end.
   */
  async read(max: number = BLOCK): Promise<Uint8Array> {
    const size = Math.min(max < 0 ? BLOCK : max, this.#left, BLOCK);
    const block = new Uint8Array(size);
    return block.subarray(0, await this.readinto(block));
  }

  /**
   * Reads on into a buffer.
   *
   * @param into Where the bytes go.
   * @returns How many came, 0 at the end.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const size = Math.min(into.length, this.#left);
    if (size === 0) return 0;
    let count: number;
    try {
      count = await this.#file.read(into.subarray(0, size)) ?? 0;
    } catch (error) {
      throw this.#closed ? error : markFileError(error);
    }
    this.#left -= count;
    return count;
  }

  /** Closes the file. Further calls do nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** The largest file without a size that is read before its head is sent, in bytes: all of the usual ones in `/proc`. */
const MAX_UNSIZED = BLOCK;

/** A file whose size is only known at its end; its beginning has been read. */
class UnsizedFile implements SourceFile {
  readonly size = Infinity;
  readonly #start: BytesFile;
  readonly #rest: DiskFile;

  constructor(start: Uint8Array, file: Deno.FsFile) {
    this.#start = new BytesFile(start);
    this.#rest = new DiskFile(file, Infinity);
  }

  read(max?: number): MaybePromise<Uint8Array> {
    const piece = this.#start.read(max);
    return piece.length > 0 ? piece : this.#rest.read(max);
  }

  readinto(into: Uint8Array): MaybePromise<number> {
    const count = this.#start.readinto(into);
    return count > 0 ? count : this.#rest.readinto(into);
  }

  close(): void {
    this.#rest.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Takes over an open file, to read what is in it. Files that the kernel makes up, such as
 * those in `/proc`, have content but a size of 0: they are read to know how much it is.
 *
 * @param file The file, which is closed with the result, or at once if this fails.
 * @param size Its size, as `file.stat()` tells.
 * @returns The source; its size is `Infinity` if there is more than can be read beforehand.
 * @throws {Error} What reading the file threw.
 */
export async function openSource(
  file: Deno.FsFile,
  size: number,
): Promise<SourceFile> {
  if (size > 0) return new DiskFile(file, size);
  const start = new Uint8Array(MAX_UNSIZED);
  let length = 0;
  try {
    while (length < start.length) {
      // Not a synchronous read: some of these files block until there is something to tell.
      const count = await file.read(start.subarray(length));
      if (count === null) {
        file.close();
        return new BytesFile(start.slice(0, length));
      }
      length += count;
    }
    return new UnsizedFile(start, file);
  } catch (error) {
    file.close();
    throw markFileError(error);
  }
}

/** Blocks wait here for the next copy: making them anew would halve the speed of large files. */
const spare: Uint8Array[] = [];

/** Enough for the downloads that begin and end at the same moment. */
const MAX_SPARE = 16;

/**
 * Copies what is left of a file, a block at a time.
 *
 * @param source The open file.
 * @param outputfile Where it goes.
 */
export async function copyBlocks(
  source: SourceFile,
  outputfile: WritableFile,
): Promise<void> {
  const block = spare.pop() ?? new Uint8Array(BLOCK);
  for (;;) {
    const size = await source.readinto(block);
    if (size === 0) break;
    await outputfile.write(block.subarray(0, size));
  }
  // Not after a failure: a write that was given up may still be reading it.
  if (spare.length < MAX_SPARE) spare.push(block);
}
