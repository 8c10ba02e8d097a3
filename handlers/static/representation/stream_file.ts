// A body that is made while it is sent: a listing, or a file that is compressed.

import type { SourceFile } from "../../source.ts";

/** What comes of an iterator, as a file. */
export class StreamFile implements SourceFile {
  /** Not known before the end. */
  readonly size: number = Infinity;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #origin: Disposable | undefined;
  #rest: Uint8Array = new Uint8Array();
  #ended = false;
  #closed = false;

  /**
   * Reads from an iterator.
   *
   * @param pieces What gives the bytes; it is ended with this.
   * @param origin What the pieces are made of; it is disposed with this, when the iterator has ended.
   */
  constructor(pieces: AsyncIterable<Uint8Array>, origin?: Disposable) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#origin = origin;
  }

  /**
   * Reads on.
   *
   * @param max The most bytes to read; by default what comes next.
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
   * Reads on into a buffer.
   *
   * @param into Where the bytes go.
   * @returns How many came, 0 at the end.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const piece = await this.read(into.length);
    into.set(piece);
    return piece.length;
  }

  /** Ends the iterator. Further calls do nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const ending = this.#ended ? undefined : this.#pieces.return?.();
    const dispose = () => this.#origin?.[Symbol.dispose]();
    // Whoever closes it early has no use for what may yet go wrong in it.
    if (ending === undefined) dispose();
    else ending.catch(() => {}).finally(dispose);
  }

  /** Ends the iterator. */
  [Symbol.dispose](): void {
    this.close();
  }
}
