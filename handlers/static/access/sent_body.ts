// Counts the sent bytes of a response's body for the access log. If a client disconnects,
// that is less than was written.

/** A stream that counts bytes, such as a handler's `wfile`. */
export interface CountedFile {
  /** How many bytes of heads and bodies were written; `undefined` if they are not counted. */
  readonly written?: number;
  /** How many bytes the socket took, chunk framing included; `undefined` if they are not counted. */
  readonly sent?: number;
}

/** The body of one response. Create it before the response is written. */
export class SentBody {
  readonly #file: CountedFile;
  readonly #writtenBefore: number;
  readonly #sentBefore: number | undefined;
  #bodyBegan: number | undefined;

  /**
   * Starts to count.
   *
   * @param file The stream that the response is written to.
   */
  constructor(file: CountedFile) {
    this.#file = file;
    this.#writtenBefore = file.written ?? 0;
    this.#sentBefore = file.sent;
  }

  /** Marks the end of the head. */
  begin(): void {
    this.#bodyBegan = this.#file.written ?? 0;
  }

  /** How many bytes of the whole response were sent, or written if sent bytes are not counted. */
  get total(): number {
    const { written = 0, sent } = this.#file;
    return sent === undefined || this.#sentBefore === undefined
      ? written - this.#writtenBefore
      : sent - this.#sentBefore;
  }

  /** How many bytes of the body were sent, or written if sent bytes are not counted. */
  get bytes(): number {
    if (this.#bodyBegan === undefined) return 0;
    const { written = 0, sent } = this.#file;
    const body = written - this.#bodyBegan;
    if (sent === undefined || this.#sentBefore === undefined) return body;
    const head = this.#bodyBegan - this.#writtenBefore;
    // Chunk framing counts as sent, so limit it to the size of the body.
    return Math.max(Math.min(body, sent - this.#sentBefore - head), 0);
  }
}
