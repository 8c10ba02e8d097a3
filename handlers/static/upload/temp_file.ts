// A file that is being received, under a hidden name in the folder where it will be.

import { listTemp, removeIfThere } from "./journal.ts";
import { makeTempName } from "./temp_names.ts";

/** An unfinished file. Disposing it removes it, unless it was handed over. */
export class TempFile implements Disposable {
  /** Its path. */
  readonly path: string;
  readonly #listed: Disposable;
  #file: Deno.FsFile | undefined;
  #isOver = false;

  private constructor(path: string, file: Deno.FsFile, listed: Disposable) {
    this.path = path;
    this.#file = file;
    this.#listed = listed;
  }

  /**
   * Creates one.
   *
   * @param folder The folder.
   * @returns The file, empty and open.
   */
  static async create(folder: string): Promise<TempFile> {
    const slash = folder.endsWith("/") ? "" : "/";
    const path = folder + slash + makeTempName();
    const listed = await listTemp(path);
    try {
      // An existing file or symlink is never opened.
      const file = await Deno.open(path, { write: true, createNew: true });
      return new TempFile(path, file, listed);
    } catch (error) {
      listed[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Appends bytes.
   *
   * @param bytes The bytes.
   */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#file!.write(bytes.subarray(at));
    }
  }

  /** Waits until the content is on the disk, and closes the file. */
  async close(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    await file.syncData();
    this.#file = undefined;
    file.close();
  }

  /** Its name is gone: the file has another one. */
  wasRenamed(): void {
    this.#isOver = true;
    this.#listed[Symbol.dispose]();
  }

  /** Closes and removes it. Synchronously, so that a server that ends does it in time. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
    if (this.#isOver) return;
    this.#isOver = true;
    removeIfThere(this.path);
    this.#listed[Symbol.dispose]();
  }
}
