// A `node:net` socket as a `Deno.Conn`, for listeners that only `node:net` can open.

import type { Socket } from "node:net";
import { readableOf, writableOf } from "./web_streams.ts";

/** A connection over a socket of `node:net`, which it owns. */
export class NodeConn implements Deno.Conn {
  /** The address of this side. */
  readonly localAddr: Deno.Addr;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;

  readonly #socket: Socket;
  /** Received bytes that did not fit into the last read. */
  #rest: Uint8Array | null = null;
  #wake: (() => void) | undefined;
  /** Reject the pending writes. */
  readonly #writes = new Set<(reason: unknown) => void>();
  #error: unknown;

  /**
   * Takes over a socket.
   *
   * @param socket The socket, paused, and allowed to be half open.
   */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.localAddr = addressOf(socket.localAddress, socket.localPort);
    this.remoteAddr = addressOf(socket.remoteAddress, socket.remotePort);
    socket.on("readable", () => this.#wake?.());
    socket.on("end", () => this.#wake?.());
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(connectionClosed()));
  }

  /**
   * Sets TCP_NODELAY.
   *
   * @param on Whether to send small writes at once.
   */
  setNoDelay(on: boolean = true): void {
    this.#socket.setNoDelay(on);
  }

  /**
   * Reads the bytes that arrive next.
   *
   * @param into The buffer to fill.
   * @returns The number of bytes, or `null` at the end of the stream.
   */
  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      const piece: Uint8Array | null = this.#rest ?? this.#socket.read();
      if (piece !== null) {
        const count = Math.min(piece.length, into.length);
        into.set(piece.subarray(0, count));
        this.#rest = count < piece.length ? piece.subarray(count) : null;
        return count;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#socket.readableEnded) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  /**
   * Writes all bytes.
   *
   * @param bytes The bytes.
   * @returns The number of bytes.
   */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#writes.add(reject);
      this.#socket.write(bytes, (error) => {
        this.#writes.delete(reject);
        if (error) reject(error);
        else resolve(bytes.length);
      });
    });
  }

  /** Ends the stream to the client. */
  closeWrite(): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#writes.add(reject);
      this.#socket.end(() => {
        this.#writes.delete(reject);
        resolve();
      });
    });
  }

  /** Closes the connection; pending operations fail. */
  close(): void {
    this.#rest = null;
    this.#fail(connectionClosed());
    this.#socket.destroy();
  }

  /** Makes pending reads keep the process alive, which is the default. */
  ref(): void {
    this.#socket.ref();
  }

  /** Lets the process end while reads are pending. */
  unref(): void {
    this.#socket.unref();
  }

  /** The received data as a web stream. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return readableOf(this);
  }

  /** The connection's output as a web stream. Closing it ends this side of the connection. */
  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    return writableOf(this);
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Keeps the first failure; later ones are its consequences. */
  #fail(error: unknown): void {
    this.#error ??= error;
    this.#wake?.();
    for (const reject of this.#writes) reject(error);
    this.#writes.clear();
  }
}

/** Converts an address of `node:net`, which has none for a Unix socket. */
function addressOf(
  hostname: string | undefined,
  port: number | undefined,
): Deno.Addr {
  return hostname === undefined || port === undefined
    ? { transport: "unix", path: "" }
    : { transport: "tcp", hostname, port };
}

function connectionClosed(): Deno.errors.UnexpectedEof {
  return new Deno.errors.UnexpectedEof("the connection was closed");
}
