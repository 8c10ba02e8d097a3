// The body of a response that never ends: Server-Sent Events for one browser.

import type { SourceFile } from "../../source.ts";
import type { Message } from "./changes.ts";

/** The most bytes that wait for a slow client. One that has more waiting connects again. */
const MAX_WAITING = 1024 * 1024;

/** How soon a browser connects again, in milliseconds. */
const RETRY = 500;

/** How soon it does after it had to make room for another one, in milliseconds. */
const RETRY_AFTER_DISMISSAL = 2_000;

const encoder = new TextEncoder();

/** Events for one browser. */
export class EventStream implements SourceFile {
  /** Not known in advance. */
  readonly size: number = Infinity;
  readonly #onClose: () => void;
  #waiting: Uint8Array[] = [encoder.encode(`retry: ${RETRY}\n\n`)];
  #bytes = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  /**
   * Starts a stream.
   *
   * @param onClose Called once, when it is closed.
   */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  /**
   * Sends a message.
   *
   * @param message The message.
   */
  send(message: Message): void {
    this.#push(`id: ${message.g}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  /** Sends a comment, so that a client that is gone is noticed. */
  beat(): void {
    this.#push(":\n\n");
  }

  #push(text: string): void {
    if (this.#closed) return;
    const bytes = encoder.encode(text);
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_WAITING) return this.close();
    this.#waiting.push(bytes);
    this.#wake?.();
  }

  /**
   * Waits for the next bytes.
   *
   * @param max The most bytes to read. Default: the next event.
   * @returns The bytes, empty once the stream is closed.
   */
  async read(max: number = -1): Promise<Uint8Array> {
    while (this.#waiting.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const next = this.#waiting.shift();
    if (next === undefined) return new Uint8Array();
    const piece = max < 0 ? next : next.subarray(0, max);
    if (piece.length < next.length) {
      this.#waiting.unshift(next.subarray(piece.length));
    }
    this.#bytes = Math.max(0, this.#bytes - piece.length);
    return piece;
  }

  /**
   * Waits for the next bytes.
   *
   * @param into The buffer.
   * @returns The number of bytes read; 0 once the stream is closed.
   */
  async readinto(into: Uint8Array): Promise<number> {
    const piece = await this.read(into.length);
    into.set(piece);
    return piece.length;
  }

  /** Ends the stream, and lets the browser connect again a little later. */
  dismiss(): void {
    this.#end([encoder.encode(`retry: ${RETRY_AFTER_DISMISSAL}\n\n`)]);
  }

  /** Ends the stream. Further calls do nothing. */
  close(): void {
    this.#end([]);
  }

  #end(last: Uint8Array[]): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = last;
    this.#wake?.();
    this.#onClose();
  }

  /** Ends the stream. */
  [Symbol.dispose](): void {
    this.close();
  }
}
