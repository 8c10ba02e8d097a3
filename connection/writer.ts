// `wfile`: what a handler writes to. Data is taken in order at once and leaves at
// the end of the current turn, or as soon as `flush()` is called: what is written
// in one go, such as a header block and a small body, leaves in one system call,
// while a lone header block or `100 Continue` is not held back. A handler's `wbufsize`
// holds more back, until that much waits.

import { encodeChunk, encodeLastChunk } from "../parser/chunked.ts";
import { decodeLatin1 } from "../text/latin1.ts";
import { markDisconnect } from "./errors.ts";
import type { BodyLimit, BodyReport, WritableFile } from "./files.ts";
import { WRITE_HIGH_WATER, WRITE_SIZE } from "./limits.ts";

/** Where a writer puts its bytes: a connection, or anything that writes like one. */
export interface ByteSink {
  /**
   * Writes part of the bytes.
   *
   * @param bytes What to write.
   * @returns How many bytes were taken.
   */
  write(bytes: Uint8Array): Promise<number>;
}

const encoder = new TextEncoder();

const LAST_CHUNK = "0\r\n\r\n";

/** Staging buffers wait here for the next writer: only connections that are writing hold one. */
const spare: Uint8Array[] = [];

/** Enough for the connections that write at the same moment. */
const MAX_SPARE = 64;

/** What a negative buffer size stands for, in bytes: Python's `io.DEFAULT_BUFFER_SIZE`. */
const DEFAULT_BUFFER_SIZE = 8_192;

/** The stream of responses of one connection. */
export class ResponseWriter implements WritableFile {
  readonly #sink: ByteSink;
  /** Small writes gather here, from #from to #to; what is before #from is on its way. */
  #staging: Uint8Array | undefined;
  #from = 0;
  #to = 0;
  /** Full stagings and large writes that wait, in order. */
  #queue: Uint8Array[] = [];
  #waiting = 0;
  /** What is written leaves by itself once so many bytes wait. */
  #bufferSize = 0;
  #draining: Promise<void> | undefined;
  #kicked = false;
  #error: unknown;
  #closed = false;
  /** Whether a response has ended, and no other one has begun. */
  #over = false;

  #written = 0;
  /** How many bytes of #written were beyond a Content-Length, and dropped. */
  #dropped = 0;
  #taken = 0;
  #limit = Infinity;
  #chunked = false;
  /** The last bytes of a body whose chunk framing the handler writes itself. */
  #tail: string | undefined;
  #bodySize = 0;
  #excess = 0;

  /**
   * Writes to a sink.
   *
   * @param sink Where the bytes go.
   */
  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** How many bytes were ever taken. */
  get written(): number {
    return this.#written;
  }

  /** How many bytes the sink has taken, chunk framing included. */
  get sent(): number {
    return this.#taken;
  }

  /** How many more bytes the response body may have. */
  get room(): number {
    return this.#limit - this.#bodySize;
  }

  /** Whether the writer was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Writes data in order; it is taken at once. Waiting for the promise is back-pressure
   * only, and where nobody waits, a failure shows at `flush()`. A buffer must not be
   * changed before its promise settles.
   *
   * @param data Bytes, or text that is sent as UTF-8.
   * @returns How many bytes the data had.
   * @throws {TypeError} Where the data is neither.
   */
  write(data: string | Uint8Array): Promise<number> {
    if (this.#error !== undefined) return rejected(this.#error);
    if (this.#closed || this.#over) {
      // Marked, as only work that its handler did not await can come this late.
      const reason = this.#closed ? "wfile is closed" : "the response is over";
      return rejected(
        markDisconnect(new TypeError(`Cannot write: ${reason}`)),
      );
    }
    if (typeof data !== "string" && !(data instanceof Uint8Array)) {
      throw new TypeError("Cannot write: the data is neither text nor bytes");
    }
    if (this.#tail !== undefined) this.#noteTail(data);
    const size = typeof data === "string"
      ? this.#putText(data)
      : this.#putBody(data);
    if (
      this.#waiting >= this.#bufferSize && !this.#kicked &&
      this.#draining === undefined
    ) {
      this.#kicked = true;
      // Made for each burst: an idle connection holds no closure.
      queueMicrotask(() => this.#start());
    }
    if (this.#waiting <= WRITE_HIGH_WATER && !this.#borrows(data)) {
      return Promise.resolve(size);
    }
    const flushed = this.flush().then(() => size);
    flushed.catch(
      () => {/* the failure is kept, and shows at the next write or flush */},
    );
    return flushed;
  }

  /**
   * Writes data and waits until all of it has left.
   *
   * @param data Bytes, or text that is sent as UTF-8.
   * @throws {TypeError} If the writer is closed, or the response has no room for all of the data.
   */
  async send(data: string | Uint8Array): Promise<void> {
    const dropped = this.#dropped;
    const written = this.write(data);
    const excess = this.#dropped > dropped;
    await written;
    if (excess) {
      // Marked, since a handler that doesn't await it must not end the process.
      throw markDisconnect(
        new TypeError("Cannot send: the response is over or has no room left"),
      );
    }
    await this.flush();
  }

  /**
   * Sets how much is held back: what is written leaves at `flush()`, or when so much
   * waits. What may not be held back leaves in any case: more than 32 KiB in one array,
   * which is not copied, and all that waits where that is more than 256 KiB.
   *
   * @param size How many bytes; 0 for the end of the turn, negative for Python's 8192.
   * @throws {RangeError} Where it is no whole number.
   */
  setBufferSize(size: number): void {
    if (!Number.isInteger(size)) {
      throw new RangeError(
        `Cannot buffer writes: ${size} is no number of bytes`,
      );
    }
    this.#bufferSize = size < 0 ? DEFAULT_BUFFER_SIZE : size;
  }

  /**
   * Writes each item.
   *
   * @param lines Bytes or texts; no line ends are added.
   */
  async writelines(
    lines: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  ): Promise<void> {
    for await (const line of lines) await this.write(line);
  }

  /**
   * Waits until all that was written has left.
   *
   * @throws {Error} What the socket threw, where the peer is gone.
   */
  flush(): Promise<void> {
    this.#start();
    if (this.#draining !== undefined) return this.#draining;
    return this.#error === undefined
      ? Promise.resolve()
      : rejected(this.#error);
  }

  /** The writer as a web stream, for `pipeTo()`; closing or aborting the stream leaves the writer open. */
  get writable(): WritableStream<Uint8Array> {
    return new WritableStream({
      write: async (chunk) => {
        await this.write(chunk);
      },
      close: () => this.flush(),
    });
  }

  /**
   * Says what may be written next: anything, or after a header block its body.
   *
   * @param limit How many bytes of body are sent, or that they get chunk framing.
   */
  beginBody(limit: BodyLimit): void {
    this.#over = false;
    this.#chunked = limit === "chunked";
    this.#tail = limit === "framed" ? "" : undefined;
    this.#limit = typeof limit === "number" ? limit : Infinity;
    this.#bodySize = 0;
    this.#excess = 0;
  }

  /**
   * Ends the response's body; a chunked one gets its last chunk. What is written from
   * then on is not sent until `beginBody()`: it would be taken for the next answer.
   *
   * @returns What became of the body.
   */
  endBody(): BodyReport {
    if (this.#chunked) {
      this.#chunked = false;
      if (this.#error === undefined && !this.#closed) {
        this.#put(encodeLastChunk());
        this.#start();
      }
    }
    const missing = this.#limit === Infinity ? 0 : this.#limit - this.#bodySize;
    // Trailer fields are not looked for: the connection then closes, which is safe.
    const unterminated = this.#tail !== undefined && this.#tail !== LAST_CHUNK;
    const report = {
      sent: this.#bodySize,
      missing,
      excess: this.#excess,
      ...(unterminated && { unterminated }),
    };
    this.beginBody(0);
    this.#over = true;
    return report;
  }

  /** Ends writing: every further write fails. */
  close(): void {
    this.#closed = true;
  }

  #noteTail(data: string | Uint8Array): void {
    const end = data.slice(-LAST_CHUNK.length);
    const text = typeof end === "string" ? end : decodeLatin1(end);
    this.#tail = (this.#tail + text).slice(-LAST_CHUNK.length);
  }

  /** Whether data that was just put waits by reference: its owner must be told when it has left. */
  #borrows(data: string | Uint8Array): boolean {
    return typeof data !== "string" &&
      this.#queue.at(-1)?.buffer === data.buffer;
  }

  /** Encodes text straight into the staging buffer where it fits for certain. */
  #putText(text: string): number {
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    const most = text.length * 3;
    if (most > WRITE_SIZE || this.#chunked) {
      return this.#putBody(encoder.encode(text));
    }
    const staging = this.#room(most);
    const { written } = encoder.encodeInto(text, staging.subarray(this.#to));
    const kept = this.#admit(written);
    this.#to += kept;
    this.#waiting += kept;
    return written;
  }

  /** Puts bytes of a body, with its framing or within its limit. */
  #putBody(bytes: Uint8Array): number {
    const kept = this.#admit(bytes.length);
    if (this.#chunked) {
      this.#put(encodeChunk(bytes));
    } else {
      this.#put(kept === bytes.length ? bytes : bytes.subarray(0, kept));
    }
    return bytes.length;
  }

  /** How many of so many bytes may be sent. */
  #admit(size: number): number {
    const kept = Math.min(size, this.#limit - this.#bodySize);
    this.#bodySize += kept;
    this.#excess += size - kept;
    this.#dropped += size - kept;
    this.#written += size;
    return kept;
  }

  /** Copies bytes into the staging buffer; what is too large for it waits by reference. */
  #put(bytes: Uint8Array): void {
    this.#waiting += bytes.length;
    if (bytes.length > WRITE_SIZE / 2 && this.#from < this.#to) {
      // The first of them leave together with what is staged, such as the header block.
      const joined = this.#staging!.length - this.#to;
      this.#stage(bytes.subarray(0, joined));
      bytes = bytes.subarray(joined);
    }
    if (bytes.length <= WRITE_SIZE / 2) {
      this.#stage(bytes);
    } else {
      this.#seal();
      this.#queue.push(bytes);
    }
  }

  #stage(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#room(bytes.length).set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** A staging buffer with so much room behind #to. */
  #room(size: number): Uint8Array {
    if (
      this.#staging !== undefined && this.#staging.length - this.#to >= size
    ) {
      return this.#staging;
    }
    this.#seal();
    this.#from = this.#to = 0;
    return this.#staging = spare.pop() ?? new Uint8Array(WRITE_SIZE);
  }

  /** Moves what is staged into the queue. */
  #seal(): void {
    if (this.#staging === undefined || this.#from === this.#to) return;
    this.#queue.push(this.#staging.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #start(): void {
    this.#kicked = false;
    if (this.#draining !== undefined || this.#waiting === 0) return;
    this.#draining = this.#drain();
    this.#draining.catch(
      () => {/* kept in #error, and shows at the next write or flush */},
    );
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting > 0) {
        this.#seal();
        const bytes = this.#queue.shift();
        if (bytes === undefined) break;
        for (let at = 0; at < bytes.length;) {
          const count = await this.#sink.write(
            at === 0 ? bytes : bytes.subarray(at),
          );
          at += count;
          this.#taken += count;
        }
        this.#waiting -= bytes.length;
      }
      this.#giveBack();
    } catch (error) {
      this.#error = error;
      this.#queue = [];
      this.#waiting = 0;
      throw error;
    } finally {
      this.#draining = undefined;
    }
  }

  /** Gives the staging buffer to the next writer, now that nothing of it is on its way. */
  #giveBack(): void {
    if (this.#staging === undefined) return;
    if (spare.length < MAX_SPARE) spare.push(this.#staging);
    this.#staging = undefined;
    this.#from = this.#to = 0;
  }
}

/** A rejected promise that may be left alone: the failure also shows at `flush()`. */
function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {/* whoever waits sees it */});
  return promise;
}
