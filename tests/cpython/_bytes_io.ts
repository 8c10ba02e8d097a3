// Python's io.BytesIO as far as `rfile` needs it: only its file methods, since one of
// CPython's tests uses it in place of a socket's file.

import type { ReadableFile } from "../../handlers/mod.ts";
import { type Bytes, toBytes } from "../_serve.ts";

const LF = 0x0a;

/** A file in memory. */
export class BytesIO {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = toBytes(bytes).slice();
  }

  read(size = -1): Uint8Array<ArrayBuffer> {
    return this.#take(size < 0 ? Infinity : size);
  }

  read1(size = -1): Uint8Array<ArrayBuffer> {
    return this.read(size);
  }

  readinto(into: Uint8Array): number {
    const bytes = this.#take(into.length);
    into.set(bytes);
    return bytes.length;
  }

  readline(limit = -1): Uint8Array<ArrayBuffer> {
    const end = this.#bytes.indexOf(LF, this.#at);
    const size = end < 0 ? Infinity : end + 1 - this.#at;
    return this.#take(limit < 0 ? size : Math.min(size, limit));
  }

  readlines(hint = -1): Uint8Array<ArrayBuffer>[] {
    const lines: Uint8Array<ArrayBuffer>[] = [];
    for (let total = 0; hint <= 0 || total < hint;) {
      const line = this.readline();
      if (line.length === 0) break;
      lines.push(line);
      total += line.length;
    }
    return lines;
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return ReadableStream.from([this.read()]);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield* this.readlines();
  }

  close(): void {}

  #take(size: number): Uint8Array<ArrayBuffer> {
    const end = Math.min(this.#bytes.length, this.#at + size);
    const bytes = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return bytes;
  }
}

/** Wraps bytes in the type of a handler's `rfile`. */
export function bytesIO(bytes: Bytes): ReadableFile {
  return new BytesIO(bytes) as unknown as ReadableFile;
}
