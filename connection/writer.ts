// `wfile`: queues data and sends it at the end of the current turn, or on `flush()`. Data
// written together, such as a header block and a small body, is sent in one system call,
// without delaying a lone header block or `100 Continue`. With a handler's `wbufsize`, data
// is held until that much is queued.

import { encodeChunk, encodeLastChunk } from "../parser/chunked.ts";
import { decodeLatin1 } from "../text/latin1.ts";
import { markDisconnect } from "./errors.ts";
import type { BodyLimit, BodyReport, WritableFile } from "./files.ts";
import { MAX_SPARE_BUFFERS, WRITE_HIGH_WATER, WRITE_SIZE } from "./limits.ts";

/** Where a writer sends bytes: a connection, or any object that writes like one. */
export interface ByteSink {
  /**
   * Writes some of the bytes.
   *
   * @param bytes The bytes.
   * @returns The number of bytes written.
   */
  write(bytes: Uint8Array): Promise<number>;
}

const encoder = new TextEncoder();

const LAST_CHUNK = "0\r\n\r\n";

/** Unused staging buffers, so that only connections that are writing hold one. */
const spare: Uint8Array[] = [];

/** The size for a negative `wbufsize`: Python's `io.DEFAULT_BUFFER_SIZE`. */
const DEFAULT_BUFFER_SIZE = 8_192;

/** The responses of one connection. */
export class ResponseWriter implements WritableFile {
  readonly #sink: ByteSink;
  /** Collects small writes from #from to #to; the bytes before #from are being sent. */
  #staging: Uint8Array | undefined;
  #from = 0;
  #to = 0;
  /** Full staging buffers and large writes, in order. */
  #queue: Uint8Array[] = [];
  #waiting = 0;
  /** Start sending once this many bytes are queued. */
  #bufferSize = 0;
  #draining: Promise<void> | undefined;
  #kicked = false;
  #error: unknown;
  #closed = false;
  /** Whether a response has ended and no other has begun. */
  #over = false;

  #written = 0;
  /** How many bytes of #written exceeded a Content-Length and were dropped. */
  #dropped = 0;
  #taken = 0;
  #limit = Infinity;
  #chunked = false;
  #trailers: readonly (readonly [name: string, value: string])[] | undefined;
  /**
   * The last bytes of a body whose chunk framing the handler writes itself, to see whether
   * it ended with the last chunk.
   */
  #tail: string | undefined;
  #bodySize = 0;
  #excess = 0;
  /** What is written while a response is recorded. */
  #record: (string | Uint8Array)[] | undefined;

  /**
   * Writes to a sink.
   *
   * @param sink Where the bytes go.
   */
  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** The total number of bytes passed to `write()`. */
  get written(): number {
    return this.#written;
  }

  /** The total number of bytes sent, including chunk framing. */
  get sent(): number {
    return this.#taken;
  }

  /** How many more bytes the response body may have. */
  get room(): number {
    return this.#limit - this.#bodySize;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Queues data. Await the promise for backpressure; if nothing awaits it, a failure shows
   * at `flush()`. Don't change a buffer before its promise settles.
   *
   * @param data Bytes, or text to send as UTF-8.
   * @returns The size of the data, in bytes.
   * @throws {TypeError} If the data is neither a string nor bytes.
   */
  write(data: string | Uint8Array): Promise<number> {
    if (this.#error !== undefined) return rejected(this.#error);
    if (this.#closed || this.#over) {
      // Marked as a disconnect, since only work that its handler did not await can be this
      // late.
      const reason = this.#closed ? "wfile is closed" : "the response is over";
      return rejected(
        markDisconnect(new TypeError(`Cannot write: ${reason}`)),
      );
    }
    if (typeof data !== "string" && !(data instanceof Uint8Array)) {
      throw new TypeError(
        "Cannot write: the data must be a string or a Uint8Array",
      );
    }
    if (this.#tail !== undefined) this.#noteTail(data);
    this.#record?.push(data);
    const size = typeof data === "string"
      ? this.#putText(data)
      : this.#putBody(data);
    if (
      this.#waiting >= this.#bufferSize && !this.#kicked &&
      this.#draining === undefined
    ) {
      this.#kicked = true;
      // Created for each burst, so that an idle connection holds no closure.
      queueMicrotask(() => this.#start());
    }
    if (this.#waiting <= WRITE_HIGH_WATER && !this.#borrows(data)) {
      return Promise.resolve(size);
    }
    const flushed = this.flush().then(() => size);
    flushed.catch(
      () => {/* kept in #error, and shows at the next write or flush */},
    );
    return flushed;
  }

  /**
   * Writes data and waits until it is sent.
   *
   * @param data Bytes, or text to send as UTF-8.
   * @throws {TypeError} If the writer is closed, or the data exceeds the length of the
   * response.
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
   * Holds data back until `flush()`, or until this many bytes are queued. An array of more
   * than 32 KiB, which is not copied, is sent at once, and so is a queue of more than 256
   * KiB.
   *
   * @param size The number of bytes; 0 sends at the end of the turn, a negative number
   * means Python's 8192.
   * @throws {RangeError} If it is not an integer.
   */
  setBufferSize(size: number): void {
    if (!Number.isInteger(size)) {
      throw new RangeError(
        `Cannot set the write buffer size to ${size}: it must be an integer`,
      );
    }
    this.#bufferSize = size < 0 ? DEFAULT_BUFFER_SIZE : size;
  }

  /**
   * Writes each item.
   *
   * @param lines Bytes or strings; no line ends are added.
   */
  async writelines(
    lines: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  ): Promise<void> {
    for await (const line of lines) await this.write(line);
  }

  /**
   * Waits until all queued data is sent.
   *
   * @throws {Error} The socket's error, if the client is gone.
   */
  flush(): Promise<void> {
    this.#start();
    if (this.#draining !== undefined) return this.#draining;
    return this.#error === undefined
      ? Promise.resolve()
      : rejected(this.#error);
  }

  /** The writer as a web stream, for `pipeTo()`. Closing or aborting the stream leaves the writer open. */
  get writable(): WritableStream<Uint8Array> {
    return new WritableStream({
      write: async (chunk) => {
        await this.write(chunk);
      },
      close: () => this.flush(),
    });
  }

  /**
   * Sets what may be written next: anything, or the body after a header block.
   *
   * @param limit The body's maximum size, or how it is framed.
   */
  beginBody(limit: BodyLimit): void {
    this.#over = false;
    this.#chunked = limit === "chunked";
    this.#trailers = undefined;
    this.#tail = limit === "framed" ? "" : undefined;
    this.#limit = typeof limit === "number" ? limit : Infinity;
    this.#bodySize = 0;
    this.#excess = 0;
  }

  /**
   * Sets the trailer fields of a chunked body.
   *
   * @param trailers Names and values.
   * @internal
   */
  setTrailers(trailers: readonly (readonly [string, string])[]): void {
    this.#trailers = trailers;
  }

  /**
   * Ends the response body; a chunked one gets its last chunk. Data written before the next
   * `beginBody()` is dropped: the client would take it for the next response.
   *
   * @returns How the body ended.
   */
  endBody(): BodyReport {
    if (this.#chunked) {
      this.#chunked = false;
      if (this.#error === undefined && !this.#closed) {
        this.#put(encodeLastChunk(this.#trailers));
        this.#start();
      }
    }
    const missing = this.#limit === Infinity ? 0 : this.#limit - this.#bodySize;
    // Trailer fields are not recognized: the connection then closes, which is safe.
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

  /** Records all writes until `stopRecording()`. */
  startRecording(): void {
    this.#record = [];
  }

  /**
   * Ends recording.
   *
   * @returns What was written, in order; `undefined` if the response is not complete, is longer
   * than its head says, or has no length.
   */
  stopRecording(): (string | Uint8Array)[] | undefined {
    const record = this.#record;
    this.#record = undefined;
    return this.room === 0 && this.#excess === 0 ? record : undefined;
  }

  /** Ends writing: further writes fail. */
  close(): void {
    this.#closed = true;
  }

  #noteTail(data: string | Uint8Array): void {
    const end = data.slice(-LAST_CHUNK.length);
    const text = typeof end === "string" ? end : decodeLatin1(end);
    this.#tail = (this.#tail + text).slice(-LAST_CHUNK.length);
  }

  /** Whether the data just queued is held by reference, so that its owner must wait until it is sent. */
  #borrows(data: string | Uint8Array): boolean {
    return typeof data !== "string" &&
      this.#queue.at(-1)?.buffer === data.buffer;
  }

  /** Encodes text directly into the staging buffer if it surely fits. */
  #putText(text: string): number {
    // UTF-8 takes at most three bytes per UTF-16 code unit.
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

  /** Queues bytes of a body, within its limit or with chunk framing. */
  #putBody(bytes: Uint8Array): number {
    const kept = this.#admit(bytes.length);
    if (this.#chunked) {
      this.#put(encodeChunk(bytes));
    } else {
      this.#put(kept === bytes.length ? bytes : bytes.subarray(0, kept));
    }
    return bytes.length;
  }

  /** Counts bytes, and returns how many of them may be sent. */
  #admit(size: number): number {
    const kept = Math.min(size, this.#limit - this.#bodySize);
    this.#bodySize += kept;
    this.#excess += size - kept;
    this.#dropped += size - kept;
    this.#written += size;
    return kept;
  }

  /** Copies bytes into the staging buffer; large arrays are queued by reference. */
  #put(bytes: Uint8Array): void {
    this.#waiting += bytes.length;
    if (bytes.length > WRITE_SIZE / 2 && this.#from < this.#to) {
      // Their first part is sent together with the staged bytes, such as the header block.
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

  /** A staging buffer with this much room after #to. */
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

  /** Moves the staged bytes into the queue. */
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

  /** Hands the staging buffer to the next writer, once all its bytes are sent. */
  #giveBack(): void {
    if (this.#staging === undefined) return;
    if (spare.length < MAX_SPARE_BUFFERS) spare.push(this.#staging);
    this.#staging = undefined;
    this.#from = this.#to = 0;
  }
}

/** A rejected promise without an unhandled rejection: the failure also shows at `flush()`. */
function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {/* callers that await it see it */});
  return promise;
}
