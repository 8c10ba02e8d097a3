// The bytes of a request, as a connection would deliver them.

import { encodeChunk, encodeLastChunk } from "../../parser/chunked.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import {
  contentLength,
  type RequestFraming,
  requestHead,
} from "./request_head.ts";

/** The longest body that is collected to find out its length, in bytes. */
const MAX_COLLECTED = 65_536;

type Bytes = Uint8Array<ArrayBuffer>;
type Reader = ReadableStreamDefaultReader<Bytes>;

/** Reads a request as HTTP/1.1. */
export class RequestBytes {
  readonly #request: Request;
  /** Whether the request came over HTTP/1.1 and is as the client sent it. */
  readonly #raw: boolean;
  #framing: RequestFraming = "none";
  /** How many bytes of the body are left, if Content-Length tells. */
  #left = Infinity;
  #reader: Reader | undefined;
  /** A read that `#collect()` did not wait for. */
  #reading: ReturnType<Reader["read"]> | undefined;
  /** Pieces to deliver before the rest of the body is read. */
  #ready: Uint8Array[] = [];
  #begun = false;
  #ended = false;

  /**
   * Reads nothing yet.
   *
   * @param request The request.
   * @param raw Whether it came over HTTP/1.1 and is as the client sent it.
   */
  constructor(request: Request, raw: boolean) {
    this.#request = request;
    this.#raw = raw;
  }

  /**
   * Reads the next piece.
   *
   * @returns The piece; `undefined` at the end.
   * @throws {Error} If the client has disconnected.
   */
  next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (!this.#begun) {
      this.#begun = true;
      return this.#begin();
    }
    return this.#ready.shift() ?? (this.#ended ? undefined : this.#nextChunk());
  }

  /** Reads no more of the body. */
  async cancel(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#reader?.cancel();
    } catch {
      // The client has disconnected already, and nobody reads its body.
    }
  }

  #begin(): Uint8Array | Promise<Uint8Array> {
    this.#framing = framingOf(this.#request);
    // In HTTP/1.1, a request whose fields announce no body has none (RFC 9112 §6.3).
    if (this.#framing === "none" && !this.#raw) {
      const { body } = this.#request;
      if (body !== null) return this.#collect(body);
    }
    if (typeof this.#framing === "number") this.#left = this.#framing;
    this.#ended = this.#framing === "none" || this.#framing === 0;
    return this.#head();
  }

  #head(): Uint8Array {
    return encodeLatin1(
      requestHead(this.#request, this.#framing, this.#raw),
    );
  }

  /**
   * Collects a short body that is there at once, such as a string, to send its length, which many
   * handlers written for Python need. Any other is sent in chunks.
   */
  async #collect(body: ReadableStream<Bytes>): Promise<Uint8Array> {
    const reader = this.#reader = body.getReader();
    const pieces: Uint8Array[] = [];
    const turn = nextTurn();
    for (let size = 0; size <= MAX_COLLECTED;) {
      this.#reading = reader.read();
      const read = await Promise.race([this.#reading, turn.over]);
      if (read === undefined) break;
      this.#reading = undefined;
      if (read.done) {
        clearTimeout(turn.timer);
        this.#ended = true;
        this.#framing = size > 0 ? size : "none";
        this.#ready = pieces;
        return this.#head();
      }
      if (read.value.length > 0) pieces.push(read.value);
      size += read.value.length;
    }
    clearTimeout(turn.timer);
    this.#framing = "chunked";
    this.#ready = pieces.map((piece) => encodeChunk(piece));
    return this.#head();
  }

  async #nextChunk(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await this.#read();
      if (done) {
        this.#ended = true;
        return this.#framing === "chunked" ? encodeLastChunk() : undefined;
      }
      if (value.length === 0) continue;
      this.#left -= value.length;
      // The runtime keeps the client's connection only if the end was seen before the response.
      if (this.#left === 0) this.#ended = (await this.#read()).done;
      return this.#framing === "chunked" ? encodeChunk(value) : value;
    }
  }

  /** Touching the body makes the runtime ask a client for it that waits for 100 Continue: not before it is needed. */
  #read(): ReturnType<Reader["read"]> {
    const reading = this.#reading;
    this.#reading = undefined;
    this.#reader ??= (this.#request.body ?? new Blob().stream()).getReader();
    return reading ?? this.#reader.read();
  }
}

/** How the body's end is known, as far as the fields tell. */
function framingOf({ method, headers }: Request): RequestFraming {
  // The runtime has dropped the body of these.
  if (method === "GET" || method === "HEAD") return "none";
  return contentLength(headers) ??
    (headers.has("transfer-encoding") ? "chunked" : "none");
}

/** A promise of the next turn of the event loop, and the timer to clear if it isn't needed. */
function nextTurn(): {
  readonly over: Promise<undefined>;
  readonly timer: ReturnType<typeof setTimeout>;
} {
  let timer!: ReturnType<typeof setTimeout>;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, 0, undefined);
  });
  return { over, timer };
}
