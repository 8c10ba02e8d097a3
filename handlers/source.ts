// The files that `send_head()` returns: open for reading, in memory or on disk.

import type { MaybePromise, WritableFile } from "../connection/files.ts";
import { markFileError } from "./file_stat.ts";

/** A file that is open for reading. Its owner must close it. */
export interface SourceFile extends Disposable {
  /** The total size in bytes; `Infinity` if it is unknown. */
  readonly size: number;
  /**
   * Reads the next bytes.
   *
   * @param max The most bytes to read.
   * @returns The bytes; empty at EOF.
   */
  read(max?: number): MaybePromise<Uint8Array>;
  /**
   * Reads the next bytes into a buffer.
   *
   * @param into The buffer.
   * @returns The number of bytes read; 0 at EOF.
   */
  readinto(into: Uint8Array): MaybePromise<number>;
  /** Closes the file. Further calls do nothing. */
  close(): void;
}

/** The block size for disk reads, in bytes: few calls, and little memory held by a slow client. */
export const BLOCK = 256 * 1024;

/** A file in memory, like Python's `BytesIO`. */
export class BytesFile implements SourceFile {
  readonly #bytes: Uint8Array;
  #at = 0;

  /**
   * Creates a file.
   *
   * @param bytes The content.
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The size in bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  /**
   * Reads the next bytes.
   *
   * @param max The most bytes to read; by default all.
   * @returns A copy of the bytes; empty at EOF.
   */
  read(max?: number): Uint8Array {
    // The content may be cached, and an override of `copyfile()` may modify what it reads.
    return this.view(max).slice();
  }

  /**
   * Reads the next bytes like `read()`, without a copy.
   *
   * @param max The most bytes to read; by default all.
   * @returns A view of the content, which may be cached: don't modify it.
   */
  view(max: number = -1): Uint8Array {
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
   * Reads the next bytes into a buffer.
   *
   * @param into The buffer.
   * @returns The number of bytes read; 0 at EOF.
   */
  readinto(into: Uint8Array): number {
    const piece = this.view(into.length);
    into.set(piece);
    return piece.length;
  }

  /** Closes the file. Further reads return nothing. */
  close(): void {
    this.#at = this.#bytes.length;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** A read that takes less, in milliseconds, is taken for one from the page cache. */
const CACHED_READ = 2;

/**
 * After how many synchronous reads to read asynchronously once, so that other connections get
 * their turn: a write to a fast client doesn't wait either.
 */
const MAX_SYNC_READS = 32;

/**
 * An open file on disk, read up to a fixed size.
 *
 * An asynchronous read passes through another thread, which costs more than copying a block
 * from the page cache. So a read is synchronous while the reads before it were fast.
 */
export class DiskFile implements SourceFile {
  /** The most bytes that are read. */
  readonly size: number;
  readonly #file: Deno.FsFile;
  #left: number;
  /** How many of the next reads may be synchronous. */
  #syncReads = 0;
  #closed = false;

  /**
   * Takes ownership of an open file.
   *
   * @param file The file. `close()` closes it.
   * @param size The most bytes to read, so that a growing file never exceeds its Content-Length.
   */
  constructor(file: Deno.FsFile, size: number) {
    this.#file = file;
    this.size = this.#left = size;
  }

  /**
   * Reads the next bytes.
   *
   * @param max The most bytes to read, up to 256 KiB.
   * @returns The bytes; empty at EOF.
   */
  async read(max: number = BLOCK): Promise<Uint8Array> {
    const size = Math.min(max < 0 ? BLOCK : max, this.#left, BLOCK);
    const block = new Uint8Array(size);
    return block.subarray(0, await this.readinto(block));
  }

  /**
   * Reads the next bytes into a buffer.
   *
   * @param into The buffer.
   * @returns The number of bytes read; 0 at EOF.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const size = Math.min(into.length, this.#left);
    if (size === 0) return 0;
    const part = into.subarray(0, size);
    const start = performance.now();
    const isSync = this.#syncReads > 0;
    let count: number;
    try {
      count =
        (isSync ? this.#file.readSync(part) : await this.#file.read(part)) ?? 0;
    } catch (error) {
      throw this.#closed ? error : markFileError(error);
    }
    this.#left -= count;
    this.#noteRead(isSync, performance.now() - start);
    return count;
  }

  #noteRead(isSync: boolean, time: number): void {
    // Kernel files, whose size is unknown, may block until there is data.
    if (time >= CACHED_READ || this.size === Infinity) this.#syncReads = 0;
    else this.#syncReads = isSync ? this.#syncReads - 1 : MAX_SYNC_READS;
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

/** Files of unknown size up to this many bytes are read before the head is sent. Most files in `/proc` are smaller. */
const MAX_UNSIZED = BLOCK;

/** A file of unknown size, whose first block was already read. */
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
 * Takes ownership of an open file. Kernel files, such as those in `/proc`, report a size of 0 but
 * have content, so they are read to find their size.
 *
 * @param file The file. It is closed with the returned source, or if this function throws.
 * @param size The size that `file.stat()` reports.
 * @returns The source. Its size is `Infinity` if the file reports 0 but has 256 KiB or more.
 * @throws {Error} If the file can't be read.
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
      // Not a synchronous read: some kernel files block until there is data.
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

/** A body, and bytes after its end. */
export class AppendedFile implements SourceFile {
  /** The total size; `Infinity` if that of the body is unknown. */
  readonly size: number;
  readonly #source: SourceFile;
  #tail: Uint8Array;
  #left: number;

  /**
   * Takes ownership of a body.
   *
   * @param source The body.
   * @param tail The bytes after its end.
   */
  constructor(source: SourceFile, tail: Uint8Array) {
    this.#source = source;
    this.#tail = tail;
    this.#left = source.size;
    this.size = source.size + tail.length;
  }

  /**
   * Reads the next bytes.
   *
   * @param max The most bytes to read. Default: the next piece.
   * @returns The bytes, empty at the end.
   */
  async read(max: number = -1): Promise<Uint8Array> {
    const piece = await this.#source.read(max);
    if (piece.length > 0) {
      this.#left -= piece.length;
      return piece;
    }
    return this.#takeTail(max < 0 ? this.#tail.length : max);
  }

  /**
   * Reads the next bytes into a buffer.
   *
   * @param into The buffer.
   * @returns The number of bytes read; 0 at the end.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const count = await this.#source.readinto(into);
    if (count > 0) {
      this.#left -= count;
      return count;
    }
    const tail = this.#takeTail(into.length);
    into.set(tail);
    return tail.length;
  }

  /** Takes some of the tail; nothing if the body was truncated, which the client must notice. */
  #takeTail(max: number): Uint8Array {
    if (this.#left > 0 && this.#left !== Infinity) return new Uint8Array();
    const piece = this.#tail.subarray(0, max);
    this.#tail = this.#tail.subarray(piece.length);
    return piece;
  }

  /** Closes the body. Further calls do nothing. */
  close(): void {
    this.#source.close();
  }

  /** Closes the body. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Buffers for reuse: allocating one per file would halve the speed of large files. */
const spare: Uint8Array[] = [];

/** The most buffers that are kept. */
const MAX_SPARE = 16;

/**
 * Copies the rest of a file block by block.
 *
 * @param source The open file.
 * @param outputfile The file to write to.
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
  // Not after an error: an abandoned write may still be reading the buffer.
  if (spare.length < MAX_SPARE) spare.push(block);
}
