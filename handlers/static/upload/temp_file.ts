// A file that is being received, under a hidden name in the folder where it will be.

import { isMissing } from "../../file_stat.ts";
import { lockOpened } from "./file_lock.ts";
import { listUnfinished } from "./journal.ts";
import { keepListed, takeListed } from "./listings.ts";
import { removeTemp } from "./moved.ts";
import { makeTempName } from "./temp_names.ts";

const IS_WINDOWS = Deno.build.os === "windows";

/** An unfinished file. Disposing it removes it, unless it was handed over. */
export class TempFile implements Disposable {
  /** Its path. */
  readonly path: string;
  readonly #listed: Disposable | undefined;
  #file: Deno.FsFile | undefined;
  #isOver = false;

  private constructor(
    path: string,
    file: Deno.FsFile,
    listed: Disposable | undefined,
  ) {
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
    const listed = await listUnfinished(path);
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
   * Opens one again, to append to it. Nobody else must have it open.
   *
   * @param path Its path.
   * @returns The file, and how many bytes it has; `undefined` if another thread uses it.
   * @throws {Deno.errors.NotFound} It was stored or removed.
   */
  static async reopen(
    path: string,
  ): Promise<{ readonly temp: TempFile; readonly size: number } | undefined> {
    const file = await Deno.open(path, { append: true });
    try {
      if (await lockOpened(file)) {
        const { ino, size } = await file.stat();
        // Another request may have stored it meanwhile: nothing is appended to it then.
        if ((await Deno.lstat(path)).ino !== ino) {
          throw new Deno.errors.NotFound(`Cannot append to "${path}"`);
        }
        return { temp: new TempFile(path, file, takeListed(path)), size };
      }
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return undefined;
  }

  /** Keeps others from opening it again while it is open. */
  async lock(): Promise<void> {
    await this.#file?.lock(true);
  }

  /**
   * Cuts it.
   *
   * @param size How many bytes remain.
   */
  async truncate(size: number): Promise<void> {
    await this.#file?.truncate(size);
  }

  /** Closes it without removing it, to open it again later. */
  suspend(): void {
    this.#close();
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#listed !== undefined) keepListed(this.path, this.#listed);
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

  /** Waits until the content is on the disk. */
  async sync(): Promise<void> {
    await this.#file?.syncData();
    // There, an open file can't be moved, and neither can its folder.
    if (IS_WINDOWS) this.#close();
  }

  /**
   * Whether its folder still has the same path.
   *
   * @returns `false` if the folder was renamed or removed.
   */
  async isInPlace(): Promise<boolean> {
    const own = await this.#file?.stat();
    try {
      const { dev, ino } = await Deno.lstat(this.path);
      return own === undefined || (own.dev === dev && own.ino === ino);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Its name is gone: the file has another one. */
  wasRenamed(): void {
    this.#isOver = true;
    this.#close();
    this.#listed?.[Symbol.dispose]();
  }

  /** Closes and removes it. Synchronously, so that a server that ends does it in time. */
  [Symbol.dispose](): void {
    if (this.#isOver || IS_WINDOWS) this.#close();
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      removeTemp(this.path, this.#file);
    } finally {
      this.#close();
    }
    this.#listed?.[Symbol.dispose]();
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
