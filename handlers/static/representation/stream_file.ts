// A body that is generated while it is sent: a listing, or a compressed file.

import type { SourceFile } from "../../source.ts";

/** A body from an iterator. */
export class StreamFile implements SourceFile {
  /** Not known in advance. */
  readonly size: number = Infinity;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #origin: Disposable | undefined;
  #rest: Uint8Array = new Uint8Array();
  #ended = false;
  #closed = false;

  /**
   * Creates a body from an iterator.
   *
   * @param pieces The bytes; `close()` ends the iterator.
   * @param origin The source of the pieces, which is disposed after the iterator has ended.
   */
  constructor(pieces: AsyncIterable<Uint8Array>, origin?: Disposable) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#origin = origin;
  }

  /**
   * Reads the next bytes.
   *
   * @param max The most bytes to read. Default: the next piece.
   * @returns The bytes, empty at the end.
   */
  async read(max: number = -1): Promise<Uint8Array> {
    while (this.#rest.length === 0 && !this.#ended) {
      const { done, value } = await this.#pieces.next();
      if (done) this.#ended = true;
      else this.#rest = value;
    }
    const size = max < 0 ? this.#rest.length : max;
    const piece = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /**
   * Reads the next bytes into a buffer.
   *
   * @param into The buffer.
   * @returns How many bytes were read, 0 at the end.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const piece = await this.read(into.length);
    into.set(piece);
    return piece.length;
  }

  /** Ends the iterator. Can be called more than once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const ending = this.#ended ? undefined : this.#pieces.return?.();
    const dispose = () => this.#origin?.[Symbol.dispose]();
    // A body that is closed early is no longer needed, so neither are its errors.
    if (ending === undefined) dispose();
    else ending.catch(() => {}).finally(dispose);
  }

  /** Ends the iterator. */
  [Symbol.dispose](): void {
    this.close();
  }
}
