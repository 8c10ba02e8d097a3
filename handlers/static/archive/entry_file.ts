// Reads the files of an archive. Each is opened when its turn comes, and must still be in
// the state in which it was found: the sizes and offsets of the archive depend on it.

import {
  isOutOfReach,
  markFileError,
  modifiedAt,
  statOpenedSync,
} from "../../file_stat.ts";
import { BLOCK, DiskFile } from "../../source.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import { begunChecksum, crc32, rememberBegun } from "./checksums.ts";
import type { WalkedEntry } from "./walk.ts";

/**
 * Reads a small file, synchronously.
 *
 * @param folder The served folder.
 * @param entry The file.
 * @param into A buffer of its size.
 * @throws {Deno.errors.UnexpectedEof} It has changed.
 * @throws {Error} It can't be read just now.
 */
export function readSmall(
  folder: ServedFolder,
  entry: WalkedEntry,
  into: Uint8Array,
): void {
  try {
    using file = Deno.openSync(entry.path);
    checkPlace(folder, file, entry);
    for (let at = 0; at < into.length;) {
      const count = file.readSync(into.subarray(at));
      if (count === null) throw changed(entry);
      at += count;
    }
    checkState(file, entry);
  } catch (error) {
    throw asReadError(error, entry);
  }
}

/** A large file that is open. */
export class EntryFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #entry: WalkedEntry;
  #source: DiskFile;
  /** The checksum of what was read, for a file whose state may hide a change. */
  #sum: number | undefined;
  #expected: number | undefined;
  #closed = false;

  private constructor(file: Deno.FsFile, entry: WalkedEntry) {
    this.#file = file;
    this.#entry = entry;
    this.#source = new DiskFile(file, entry.size);
  }

  /**
   * Opens a file.
   *
   * @param folder The served folder.
   * @param entry The file.
   * @returns The open file.
   * @throws {Deno.errors.UnexpectedEof} It has changed.
   * @throws {Error} It can't be opened just now.
   */
  static async open(
    folder: ServedFolder,
    entry: WalkedEntry,
  ): Promise<EntryFile> {
    try {
      using guard = new DisposableStack();
      const file = guard.use(await Deno.open(entry.path));
      checkPlace(folder, file, entry);
      guard.move();
      return new EntryFile(file, entry);
    } catch (error) {
      throw asReadError(error, entry);
    }
  }

  /**
   * Reads the file to compute its checksum.
   *
   * @param isWanted Called before each block.
   * @returns The checksum; `undefined` if it is no longer wanted.
   * @throws {Deno.errors.UnexpectedEof} It has changed.
   */
  async checksum(isWanted: () => boolean): Promise<number | undefined> {
    const { size } = this.#entry;
    const block = new Uint8Array(BLOCK);
    let { length, sum } = begunChecksum(this.#entry);
    await this.seek(length, size - length);
    while (length < size) {
      if (!isWanted()) {
        this.#check();
        rememberBegun(this.#entry, { length, sum });
        return undefined;
      }
      const count = await this.#read(block);
      sum = crc32(block.subarray(0, count), sum);
      length += count;
    }
    this.#check();
    return this.#expected = sum;
  }

  /**
   * Chooses the part to read.
   *
   * @param start Its offset.
   * @param length Its length.
   */
  async seek(start: number, length: number): Promise<void> {
    try {
      await this.#file.seek(start, Deno.SeekMode.Start);
    } catch (error) {
      throw this.#closed ? error : markFileError(error);
    }
    this.#source = new DiskFile(this.#file, length);
    const whole = start === 0 && length === this.#entry.size;
    this.#sum = whole && !this.#entry.settled && this.#expected !== undefined
      ? 0
      : undefined;
  }

  /**
   * Reads the next bytes of the part.
   *
   * @param into The buffer.
   * @param left How many bytes of the part are left.
   * @returns How many bytes were read, at least one.
   * @throws {Deno.errors.UnexpectedEof} The file has changed. Then its last bytes are not returned.
   */
  async readinto(into: Uint8Array, left: number): Promise<number> {
    const count = await this.#read(into);
    if (this.#sum !== undefined) {
      this.#sum = crc32(into.subarray(0, count), this.#sum);
    }
    if (count === left) this.#check();
    return count;
  }

  /** Closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #read(into: Uint8Array): Promise<number> {
    const count = await this.#source.readinto(into);
    if (count === 0) throw changed(this.#entry);
    return count;
  }

  #check(): void {
    try {
      checkState(this.#file, this.#entry);
    } catch (error) {
      throw this.#closed ? error : asReadError(error, this.#entry);
    }
    if (this.#sum !== undefined && this.#sum !== this.#expected) {
      throw changed(this.#entry);
    }
  }
}

/** Checks that the path still resolves to the file, and that the site serves it. */
function checkPlace(
  folder: ServedFolder,
  file: Deno.FsFile,
  entry: WalkedEntry,
): void {
  const info = checkState(file, entry);
  if (!folder.allows(entry.path, info)) throw changed(entry);
}

function checkState(file: Deno.FsFile, entry: WalkedEntry): Deno.FileInfo {
  const info = statOpenedSync(file, entry.path);
  const { dev, ino, size, isFile } = info;
  if (
    !isFile || dev !== entry.dev || ino !== entry.ino || size !== entry.size ||
    modifiedAt(info) !== entry.mtimeMs ||
    (info.ctime?.getTime() ?? null) !== entry.ctimeMs
  ) throw changed(entry);
  return info;
}

function changed({ path }: WalkedEntry): Error {
  return new Deno.errors.UnexpectedEof(
    `Cannot send an archive to its end: "${path}" was changed meanwhile`,
  );
}

function asReadError(error: unknown, entry: WalkedEntry): unknown {
  if (error instanceof Deno.errors.UnexpectedEof) return error;
  return isOutOfReach(error) ? changed(entry) : markFileError(error);
}
