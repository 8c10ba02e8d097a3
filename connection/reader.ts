// The requests of one connection. It reads heads and gives each request its own `rfile`.
// Its file methods, which Python's handlers use as `connection.rfile`, delegate to the
// current view: the body of the request, or the raw stream after `openStream()`.

import { ParseError } from "../parser/errors.ts";
import type { BodyFraming } from "../parser/framing.ts";
import type { HTTPMessage } from "../parser/headers.ts";
import { type Body, bodyOf, STREAM } from "./body.ts";
import { isTimeout } from "./errors.ts";
import type { HeadReader, MaybePromise, ReadableFile } from "./files.ts";
import { type ByteSource, Input } from "./input.ts";
import { Event, type Lifecycle, State } from "./lifecycle.ts";
import { DRAIN_TIME, HEAD_READ_SIZE, MAX_DRAIN, READ_SIZE } from "./limits.ts";
import { BodyReader, FileReader } from "./rfile.ts";

export type { ByteSource } from "./input.ts";

const EMPTY_SOURCE: ByteSource = { read: () => Promise.resolve(null) };

/** Reads the requests of one connection. */
export class RequestReader extends FileReader
  implements ReadableFile, HeadReader {
  readonly #input: Input;
  readonly #stream: BodyReader;
  #body: Body = STREAM;
  /** The `rfile` of the current request, or of the last one. */
  #request: BodyReader | undefined;
  /** The view that the file methods read. */
  #view: BodyReader;
  #closed = false;

  /**
   * Reads from a source, or from memory.
   *
   * @param source The source, or all bytes.
   */
  constructor(source: ByteSource | Uint8Array | string) {
    super();
    const bytes = typeof source === "string"
      ? new TextEncoder().encode(source)
      : source instanceof Uint8Array
      ? source
      : undefined;
    this.#input = new Input(
      bytes === undefined ? source as ByteSource : EMPTY_SOURCE,
    );
    if (bytes !== undefined) this.#input.feed(bytes);
    this.#view = this.#stream = new BodyReader(this.#input, STREAM);
  }

  /**
   * The state of the connection.
   *
   * @internal
   */
  get life(): Lifecycle {
    return this.#input.life;
  }

  /** The total number of bytes consumed. */
  get taken(): number {
    return this.#input.received - this.#input.buffer.length;
  }

  /** Whether unread bytes are buffered, or the client may still be sending some. */
  get unread(): boolean {
    const { life: { state }, buffer } = this.#input;
    return state === State.Head || state === State.Body ||
      state === State.Draining || state === State.Lingering ||
      buffer.length > 0;
  }

  /** The trailer fields of a chunked body that was read to its end, else `undefined`. */
  get trailers(): HTTPMessage | undefined {
    return this.#view.trailers;
  }

  /**
   * Sets how much to read ahead. With 0, only the requested bytes are read, so that the
   * source can be read directly afterwards; a line is then read byte by byte. Bytes that
   * are already buffered stay so.
   *
   * @param size The number of bytes, or a negative number for no limit.
   * @throws {RangeError} If it is not an integer.
   */
  setBufferSize(size: number): void {
    if (!Number.isInteger(size)) {
      throw new RangeError(
        `Cannot set the read buffer size to ${size}: it must be an integer`,
      );
    }
    this.#input.readAhead = size < 0 ? Infinity : size;
  }

  /** Makes the file methods read the raw stream, and starts waiting for a head. */
  openStream(): void {
    this.#view = this.#stream;
    this.#awaitHead();
  }

  /** Makes the file methods return EOF until the next `beginBody()`. */
  closeStream(): void {
    if (this.#request === undefined) {
      this.#request = new BodyReader(this.#input, bodyOf({ kind: "none" }));
      this.#request.close();
    }
    this.#view = this.#request;
  }

  /**
   * Reads a request line as Latin-1 text, skipping a few empty lines before it. Returns EOF
   * if the server is closing.
   *
   * @returns The line with its line end, cut after 65,537 bytes; empty at the end of the stream.
   */
  readRequestLine(): MaybePromise<string> {
    const { source, buffer } = this.#input;
    if (this.#closed || source.stopping) return "";
    this.#awaitHead();
    // Without an async function, an idle connection holds less memory.
    return buffer.length > 0 || buffer.ended
      ? this.#nextLine()
      : this.#input.fill(HEAD_READ_SIZE, 1).then(() => this.#nextLine());
  }

  /**
   * Reads header lines up to and including the blank one.
   *
   * @returns The block as Latin-1 text; incomplete if the stream ended.
   * @throws {ParseError} 431 if the block is too large.
   */
  readHeaderBlock(): MaybePromise<string> {
    return this.#input.buffer.readHeaderBlock() ?? this.#waitForHeaderBlock();
  }

  /**
   * Waits, without a deadline, until the client ends its side while a response is sent.
   * Bytes that arrive are kept for the next reader.
   *
   * @param most How many unread bytes to collect before giving up.
   * @param shouldContinue Called before each read; returns `false` to give up.
   * @returns `true` at the end of the stream, `false` if it gave up.
   */
  async untilEnd(
    most: number,
    shouldContinue: () => boolean,
  ): Promise<boolean> {
    const { buffer } = this.#input;
    while (!buffer.ended) {
      if (buffer.length >= most || !shouldContinue()) return false;
      await this.#input.lookAhead();
    }
    return true;
  }

  /**
   * Reads a line from the current view.
   *
   * @param limit The maximum number of bytes.
   * @returns The line with its line end; empty at the end.
   */
  readline(limit?: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#view.readline(limit);
  }

  /**
   * Reads the available bytes of the current view.
   *
   * @param size The maximum number of bytes.
   * @returns At least one byte; empty at the end.
   */
  read1(size?: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#view.read1(size);
  }

  /**
   * Reads bytes from the current view.
   *
   * @param size The number of bytes; reads to the end if absent, negative or `null`.
   * @returns That many bytes, or fewer at the end.
   */
  read(size?: number | null): Promise<Uint8Array<ArrayBuffer>> {
    return this.#view.read(size);
  }

  /** The rest of the current view as a web stream, which stays bound to that view. */
  override get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#view.readable;
  }

  /**
   * Iterates over the lines of the current view; stays bound to that view.
   *
   * @returns An iterator over lines, each with its line end.
   */
  override [Symbol.asyncIterator](): AsyncIterableIterator<
    Uint8Array<ArrayBuffer>
  > {
    return this.#view[Symbol.asyncIterator]();
  }

  /**
   * Begins the body of a request.
   *
   * @param framing How the body ends (RFC 9112 §6).
   * @returns The request's `rfile`.
   */
  beginBody(framing: BodyFraming): BodyReader {
    const body = this.#body = bodyOf(framing);
    this.life.on(body.complete ? Event.Request : Event.RequestWithBody);
    return this.#view = this.#request = new BodyReader(this.#input, body);
  }

  /**
   * Whether the handler has started to read the request body but not finished, as in a `for
   * await` loop that nothing awaits. The exchange waits for such reads. A raw connection
   * never waits, since its handler may race reads.
   */
  get reading(): boolean {
    return this.life.state === State.Body && this.#view.used;
  }

  /**
   * Waits for a pending read of the request's body.
   *
   * @returns A promise that never rejects, or `undefined` if no read is pending.
   */
  quiet(): Promise<void> | undefined {
    return this.reading && this.#view.busy ? this.#view.quiet() : undefined;
  }

  /**
   * Ends the exchange for the handler: from now on, the request's `rfile` is at its end.
   * The rest of the body is read and dropped while the response is still being sent, since
   * a client may read only after it has sent everything.
   *
   * @param keep Whether another request may follow.
   * @returns Whether the body ended within 256 KiB; `undefined` if there is nothing to
   * drop.
   */
  endBody(keep: boolean): Promise<boolean> | undefined {
    this.#request?.close();
    const { life } = this;
    if (!keep) life.on(Event.Last);
    else if (life.state === State.Body) life.on(Event.Keep);
    if (life.state !== State.Draining) return undefined;
    const drained = this.#drain(this.#body);
    // The caller awaits it, but only after the response is sent.
    drained.catch(() => {});
    return drained;
  }

  /**
   * Waits for the next request after a response. An idle connection may be closed at any
   * time.
   *
   * @returns Whether the next request can be read.
   */
  awaitNext(): boolean {
    this.#body = STREAM;
    const draining = this.life.state === State.Draining;
    return this.life.on(draining ? Event.BodyEnd : Event.Keep) === State.Idle;
  }

  /** Makes the request's `rfile` a raw stream, after 101 or a 2xx response to CONNECT. */
  detachBody(): void {
    this.life.on(Event.Switch);
    this.#view.detach();
  }

  /** Ends reading: further reads return EOF. */
  close(): void {
    this.#closed = true;
    this.#request?.close();
    this.#stream.close();
  }

  #awaitHead(): void {
    const { life, buffer } = this.#input;
    if (life.on(Event.Await) === State.Idle && buffer.length > 0) {
      life.on(Event.Byte);
    }
  }

  #nextLine(): MaybePromise<string> {
    return this.#input.buffer.readRequestLine() ?? this.#waitForLine();
  }

  async #waitForLine(): Promise<string> {
    const { buffer, life } = this.#input;
    for (;;) {
      // After empty lines alone the connection is as idle as before.
      if (buffer.length === 0) {
        life.on(Event.Blank);
        this.#awaitHead();
      }
      await this.#input.fill(HEAD_READ_SIZE, 1);
      const line = buffer.readRequestLine();
      if (line !== undefined) return line;
    }
  }

  async #waitForHeaderBlock(): Promise<string> {
    const input = this.#input;
    for (;;) {
      await input.fill(HEAD_READ_SIZE, 1);
      const block = input.buffer.readHeaderBlock();
      if (block !== undefined) return block;
    }
  }

  async #drain(body: Body): Promise<boolean> {
    const { life } = this;
    try {
      // Don't start reading a body that is known to be too long.
      let left = (body.left ?? 0) > MAX_DRAIN ? -1 : MAX_DRAIN;
      life.until = performance.now() + DRAIN_TIME;
      // When the server closes, the state changes and the pending read ends.
      while (left >= 0 && life.state === State.Draining) {
        const piece = body.take(this.#input.buffer, READ_SIZE);
        if (piece === undefined) {
          await this.#input.fill(READ_SIZE, bytesOf(body));
        } else if (piece.length === 0) {
          return true;
        } else {
          left -= piece.length;
        }
      }
    } catch (error) {
      // The response is sent: only further requests are lost.
      if (!(error instanceof ParseError) && !isTimeout(error)) throw error;
    }
    if (life.state === State.Draining) life.on(Event.Last);
    return false;
  }
}

/** How many bytes certainly belong to the body, for a handler that doesn't read ahead. */
function bytesOf({ decoder, left = READ_SIZE }: Body): number {
  return decoder === undefined ? Math.min(READ_SIZE, left) : 1;
}
