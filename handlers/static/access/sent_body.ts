// How much of a response's body has left this machine, for the access log: a client that
// leaves in the middle has not got all that was written.

/** What is counted: a handler's `wfile`. */
export interface CountedFile {
  /** How many bytes of heads and bodies were ever written, if it counts them. */
  readonly written?: number;
  /** How many bytes the socket has taken, chunk framing included; `undefined` where nobody counts them. */
  readonly sent?: number;
}

/** The body of one response. It is made before anything of the response is written. */
export class SentBody {
  readonly #file: CountedFile;
  readonly #writtenBefore: number;
  readonly #sentBefore: number | undefined;
  #bodyBegan: number | undefined;

  /**
   * Begins to count.
   *
   * @param file What the response is written to.
   */
  constructor(file: CountedFile) {
    this.#file = file;
    this.#writtenBefore = file.written ?? 0;
    this.#sentBefore = file.sent;
  }

  /** Says that the head has been written, and what follows is the body. */
  begin(): void {
    this.#bodyBegan = this.#file.written ?? 0;
  }

  /** How many bytes of body were sent; how many were written, where nobody counts those. */
  get bytes(): number {
    if (this.#bodyBegan === undefined) return 0;
    const { written = 0, sent } = this.#file;
    const body = written - this.#bodyBegan;
    if (sent === undefined || this.#sentBefore === undefined) return body;
    const head = this.#bodyBegan - this.#writtenBefore;
    // A chunked body takes more bytes than it has.
    return Math.max(Math.min(body, sent - this.#sentBefore - head), 0);
  }
}
