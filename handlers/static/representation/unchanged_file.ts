// A precompressed file, whose transfer is aborted if it changes meanwhile.

import { markFileError, statOpened } from "../../file_stat.ts";
import type { SourceFile } from "../../source.ts";
import { isSameState } from "./open_file.ts";

/** A file whose last bytes are returned only if it has not changed meanwhile. */
export class UnchangedFile implements SourceFile {
  /** The total size in bytes. */
  readonly size: number;
  readonly #source: SourceFile;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #seen: Deno.FileInfo;
  #left: number;
  #closed = false;

  /**
   * Takes over a source.
   *
   * @param source The source; `close()` closes it.
   * @param file The open file that it reads.
   * @param path Its path.
   * @param seen The file's stat result when it was opened.
   */
  constructor(
    source: SourceFile,
    file: Deno.FsFile,
    path: string,
    seen: Deno.FileInfo,
  ) {
    this.#source = source;
    this.#file = file;
    this.#path = path;
    this.#seen = seen;
    this.size = this.#left = source.size;
  }

  /**
   * Reads the next bytes.
   *
   * @param max The most bytes to read. Default: a block.
   * @returns The bytes, empty at the end.
   * @throws {Deno.errors.UnexpectedEof} The file was changed.
   */
  async read(max?: number): Promise<Uint8Array> {
    const bytes = await this.#source.read(max);
    await this.#count(bytes.length);
    return bytes;
  }

  /**
   * Reads the next bytes into a buffer.
   *
   * @param into The buffer.
   * @returns How many bytes were read, 0 at the end.
   * @throws {Deno.errors.UnexpectedEof} The file was changed.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const count = await this.#source.readinto(into);
    await this.#count(count);
    return count;
  }

  /** Closes the file. Can be called more than once. */
  close(): void {
    this.#closed = true;
    this.#source.close();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #count(count: number): Promise<void> {
    this.#left -= count;
    if (count === 0 || this.#left > 0) return;
    if (isSameState(await this.#stat(), this.#seen)) return;
    throw new Deno.errors.UnexpectedEof(
      "Cannot send a file to its end: it was changed meanwhile",
    );
  }

  async #stat(): Promise<Deno.FileInfo> {
    try {
      return await statOpened(this.#file, this.#path);
    } catch (error) {
      throw this.#closed ? error : markFileError(error);
    }
  }
}
