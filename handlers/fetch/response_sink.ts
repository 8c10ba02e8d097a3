// Turns the bytes that a handler writes into a `Response`: the head becomes its fields, the rest
// its body.

import { ChunkedDecoder } from "../../parser/chunked.ts";
import { LineReader } from "../../parser/line_reader.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import {
  type ResponseFraming,
  type ResponseParts,
  responseParts,
} from "./response_parts.ts";

/** How many bytes of the body may wait for the reader before `write()` does. */
const HIGH_WATER = 65_536;

/** The most bytes that are passed on at once: with a quarter of it, a large file costs two and a half times as much. */
const PIECE = 262_144;

const HEAD_END = "\r\n\r\n";

/** The longest head, in bytes: a handler that sends none must not fill the memory. */
const MAX_HEAD = 1024 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/** Receives what one handler writes. */
export class ResponseSink {
  /** The response. Never rejects: if the handler sends none, it is an empty 500. */
  readonly response: Promise<Response>;
  /** Why the handler's bytes are not a `Response`. */
  fault: unknown;
  readonly #method: string;
  readonly #onCancel: () => void;
  #respond!: (response: Response) => void;
  #responded = false;
  /** What has arrived of the head. */
  #head = "";
  #framing: ResponseFraming = "none";
  /** How many bytes of the body are left. */
  #left = 0;
  #chunks: { buffer: LineReader; decoder: ChunkedDecoder } | undefined;
  #controller: ReadableByteStreamController | undefined;
  /** Whether the body is over: complete, failed or cancelled. */
  #over = false;
  /** Continues a `write()` that waits for the reader. */
  #resume: (() => void) | undefined;
  #failure: unknown;
  /** An error that the reader gets after the bytes before it. */
  #broken: { readonly error: unknown } | undefined;

  /**
   * Waits for a head.
   *
   * @param method The request's method.
   * @param onCancel Called if the reader doesn't want the rest of the body.
   */
  constructor(method: string, onCancel: () => void) {
    this.#method = method;
    this.#onCancel = onCancel;
    this.response = new Promise((resolve) => this.#respond = resolve);
  }

  /**
   * Takes some of the bytes. They may be changed afterwards.
   *
   * @param bytes The bytes.
   * @returns The number of bytes taken, when more are wanted.
   * @throws {Error} If the reader has gone, or the bytes are not a response.
   */
  async write(bytes: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    const piece = bytes.length > PIECE ? bytes.subarray(0, PIECE) : bytes;
    let rest = piece;
    while (!this.#responded) {
      const body = this.#takeHead(rest);
      if (body === undefined) return piece.length;
      rest = body;
    }
    this.#takeBody(rest);
    const wanted = this.#over || (this.#controller?.desiredSize ?? 1) > 0;
    if (!wanted) {
      await new Promise<void>((resolve) => this.#resume = resolve);
      if (this.#failure !== undefined) throw this.#failure;
    }
    return piece.length;
  }

  /** Whether the whole response has arrived. */
  get complete(): boolean {
    return this.#over;
  }

  /** Ends the response. One that is incomplete fails. */
  end(): void {
    if (!this.#responded) return this.fail(undefined);
    if (this.#over) return;
    if (this.#framing === "rest") return this.#close();
    this.fail(new TypeError("The response ended before its body was complete"));
  }

  /**
   * Ends the response with an error. Without a head, it is an empty 500.
   *
   * @param error Why. The reader of the body gets it.
   */
  fail(error: unknown): void {
    this.#failure ??= error;
    if (!this.#responded) {
      this.#answer(new Response(null, { status: 500 }));
      this.#over = true;
    } else if (!this.#over) {
      this.#over = true;
      this.#broken = { error };
      this.#breakAfterQueue();
    }
    this.#resume?.();
  }

  /** Reads a head; returns the bytes after it, or `undefined` if it isn't complete. */
  #takeHead(bytes: Uint8Array): Uint8Array | undefined {
    const before = this.#head.length;
    const text = this.#head + decodeLatin1(bytes);
    const end = text.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length));
    if (end < 0 && isHeadSoFar(text)) {
      this.#head = text;
      return undefined;
    }
    this.#head = "";
    const rest = bytes.subarray(end + HEAD_END.length - before);
    let parts: ResponseParts;
    try {
      parts = responseParts(text.slice(0, Math.max(end, 0)), this.#method);
      // The runtime itself asks for a body that is awaited.
      if (parts.status >= 200) this.#begin(parts, rest);
    } catch (error) {
      this.fault = error;
      this.fail(error);
      throw error;
    }
    return rest;
  }

  #begin(parts: ResponseParts, rest: Uint8Array): void {
    const { framing, status, statusText, headers } = parts;
    this.#framing = framing;
    if (typeof framing === "number") this.#left = framing;
    if (framing === "chunked") {
      this.#chunks = {
        buffer: new LineReader(),
        decoder: new ChunkedDecoder(),
      };
    }
    const init = { status, statusText, headers };
    // A body that is there already needs no stream.
    const whole = framing === "none" ||
      (typeof framing === "number" && rest.length >= framing);
    if (!whole) return this.#answer(new Response(this.#stream(), init));
    this.#over = true;
    const body = framing === "none" ? null : rest.slice(0, framing as number);
    this.#answer(new Response(body, init));
  }

  #answer(response: Response): void {
    this.#responded = true;
    this.#respond(response);
  }

  #stream(): ReadableStream<Bytes> {
    return new ReadableStream<Bytes>({
      type: "bytes",
      start: (controller) => {
        this.#controller = controller as ReadableByteStreamController;
      },
      pull: () => {
        this.#resume?.();
        this.#resume = undefined;
        this.#breakAfterQueue();
      },
      cancel: () => this.#cancelled(),
    }, { highWaterMark: HIGH_WATER });
  }

  /** Fails the stream when all that was written is read: failing it drops its queue. */
  #breakAfterQueue(): void {
    const controller = this.#controller;
    if (this.#broken === undefined || controller?.desiredSize !== HIGH_WATER) {
      return;
    }
    controller.error(this.#broken.error);
    this.#broken = undefined;
  }

  #cancelled(): void {
    // A reader may cancel a body that it has read completely.
    if (this.#over) return;
    this.#over = true;
    this.#failure = new TypeError("Cannot write: the client has disconnected");
    this.#onCancel();
    this.#resume?.();
  }

  #takeBody(bytes: Uint8Array): void {
    if (this.#over || bytes.length === 0) return;
    if (this.#chunks !== undefined) return this.#takeChunks(bytes);
    if (this.#framing === "rest") return this.#push(bytes);
    const kept = Math.min(bytes.length, this.#left);
    this.#push(bytes.subarray(0, kept));
    this.#left -= kept;
    if (this.#left === 0) this.#close();
  }

  #takeChunks(bytes: Uint8Array): void {
    const { buffer, decoder } = this.#chunks!;
    buffer.feed(bytes);
    for (;;) {
      const piece = decoder.read(buffer, PIECE);
      if (piece === undefined) return;
      if (piece.length === 0) return this.#close();
      this.#push(piece);
    }
  }

  /** The stream takes over the buffer that it gets, and the handler may use its own again: a copy. */
  #push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#controller?.enqueue(bytes.slice());
  }

  #close(): void {
    this.#over = true;
    this.#controller?.close();
  }
}

/** Whether bytes may be the beginning of a head. */
function isHeadSoFar(text: string): boolean {
  const start = "HTTP/";
  return text.length <= MAX_HEAD &&
    start.startsWith(text.slice(0, start.length));
}
