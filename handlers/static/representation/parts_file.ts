// A body that consists of slices of a file and text between them.

import { concat } from "@std/bytes/concat";
import { encodeLatin1 } from "../../../text/latin1.ts";
import { markFileError } from "../../file_stat.ts";
import { BLOCK, type SourceFile } from "../../source.ts";
import type { BodyPart } from "../response/multipart.ts";

/** Parts of an open file, with text before, between and after them. */
export class PartsFile implements SourceFile {
  /** The total size in bytes. */
  readonly size: number;
  readonly #file: Deno.FsFile;
  readonly #parts: BodyPart[];
  #text: Uint8Array = new Uint8Array();
  #left = 0;
  #closed = false;

  /**
   * Takes over an open file.
   *
   * @param file The file; `close()` closes it.
   * @param parts The parts to read, in order.
   */
  constructor(file: Deno.FsFile, parts: readonly BodyPart[]) {
    this.#file = file;
    this.#parts = [...parts];
    this.size = parts.reduce((sum, part) => sum + part.length, 0);
  }

  /**
   * Reads the next bytes.
   *
   * @param max The most bytes to read. Default: 256 KiB.
   * @returns The bytes, empty at the end.
   */
  async read(max: number = BLOCK): Promise<Uint8Array> {
    const block = new Uint8Array(max < 0 ? BLOCK : Math.min(max, BLOCK));
    return block.subarray(0, await this.readinto(block));
  }

  /**
   * Reads the next bytes into a buffer.
   *
   * @param into The buffer.
   * @returns How many bytes were read, 0 at the end.
   * @throws {Error} The file can't be read just now.
   */
  async readinto(into: Uint8Array): Promise<number> {
    try {
      return await this.#readOn(into);
    } catch (error) {
      // A read that close() interrupts is not an error of the disk.
      throw this.#closed ? error : markFileError(error);
    }
  }

  async #readOn(into: Uint8Array): Promise<number> {
    while (this.#left === 0 && this.#text.length === 0) {
      const part = this.#parts.shift();
      if (part === undefined) return 0;
      if (typeof part === "string") {
        this.#text = encodeLatin1(part);
      } else {
        // Seek instead of reading and discarding.
        await this.#file.seek(part.start, Deno.SeekMode.Start);
        this.#left = part.length;
      }
    }
    return this.#text.length > 0
      ? this.#takeText(into)
      : await this.#readSlice(into);
  }

  /** Closes the file. Can be called more than once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }

  #takeText(into: Uint8Array): number {
    const piece = this.#text.subarray(0, into.length);
    into.set(piece);
    this.#text = this.#text.subarray(piece.length);
    return piece.length;
  }

  async #readSlice(into: Uint8Array): Promise<number> {
    const room = into.subarray(0, Math.min(into.length, this.#left));
    const count = await this.#file.read(room);
    if (count === null) {
      // The file was truncated meanwhile. The client notices by the Content-Length.
      this.#parts.length = 0;
      this.#left = 0;
      return 0;
    }
    this.#left -= count;
    return count;
  }
}

/**
 * Takes parts of content in memory.
 *
 * @param content The content.
 * @param parts The parts to take, in order.
 * @returns The bytes; a view if there is just one slice.
 */
export function takeParts(
  content: Uint8Array,
  parts: readonly BodyPart[],
): Uint8Array {
  const pieces = parts.map((part) =>
    typeof part === "string"
      ? encodeLatin1(part)
      : content.subarray(part.start, part.start + part.length)
  );
  if (pieces.length === 1) return pieces[0]!;
  return concat(pieces);
}
