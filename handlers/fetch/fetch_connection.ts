// A connection in memory: a handler reads one request from it, and its response becomes a
// `Response`.

import { Connection } from "../../connection/connection.ts";
import { State } from "../../connection/lifecycle.ts";
import type { RequestBytes } from "./request_bytes.ts";
import type { ResponseSink } from "./response_sink.ts";

/** The parts of a socket that a connection uses. */
class MemoryConn {
  readonly remoteAddr: Deno.Addr;
  readonly localAddr: Deno.Addr = { transport: "tcp", hostname: "", port: 0 };
  /** Whether the request was read, at least in part. */
  begun = false;
  readonly #bytes: RequestBytes;
  readonly #sink: ResponseSink;
  /** Bytes of the request that did not fit. */
  #left: Uint8Array | undefined;
  #closed = false;
  /** Ends a read that waits after the end of the request. */
  #end: (() => void) | undefined;

  constructor(
    remoteAddr: Deno.Addr,
    bytes: RequestBytes,
    sink: ResponseSink,
  ) {
    this.remoteAddr = remoteAddr;
    this.#bytes = bytes;
    this.#sink = sink;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#closed) return null;
    this.begun = true;
    const piece = this.#left ?? await this.#bytes.next();
    // A client that has sent its request still waits for the response: it hasn't ended its side.
    if (piece === undefined) return await this.#untilEnd();
    const count = Math.min(piece.length, into.length);
    into.set(piece.subarray(0, count));
    this.#left = count < piece.length ? piece.subarray(count) : undefined;
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#sink.write(bytes);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends the client's side. */
  end(): void {
    this.#closed = true;
    this.#end?.();
  }

  close(): void {
    this.end();
    void this.#bytes.cancel();
  }

  #untilEnd(): Promise<null> {
    return new Promise((resolve) => {
      this.#end = () => resolve(null);
      if (this.#closed) this.#end();
    });
  }
}

/** The connection of one request. */
export class FetchConnection extends Connection {
  readonly #memory: MemoryConn;
  readonly #request: Request;
  #watching = false;
  #left = false;

  /**
   * Connects a request and its response.
   *
   * @param request The request.
   * @param remoteAddr The client's address.
   * @param bytes The bytes of the request.
   * @param sink Where the response goes.
   */
  constructor(
    request: Request,
    remoteAddr: Deno.Addr,
    bytes: RequestBytes,
    sink: ResponseSink,
  ) {
    const memory = new MemoryConn(remoteAddr, bytes, sink);
    super(memory as unknown as Deno.Conn);
    this.#memory = memory;
    this.#request = request;
  }

  /**
   * Aborted when the client has disconnected. Asking for it makes the runtime watch the client,
   * also while nothing is read or written.
   */
  override get signal(): AbortSignal {
    const ending = super.signal;
    if (!this.#watching) {
      this.#watching = true;
      const watched = this.#left ? undefined : this.#request.signal;
      if (watched?.aborted ?? true) this.clientLeft();
      else watched!.addEventListener("abort", () => this.clientLeft());
    }
    return ending;
  }

  /** Ends the client's side: reads get the end of the stream, and `signal` is aborted. */
  clientLeft(): void {
    this.#left = true;
    this.#memory.end();
    this.peerLeft();
  }

  /**
   * Reads the bytes of the request. No other request follows it.
   *
   * @param into The buffer to fill.
   * @param until A deadline, on the `performance.now()` clock.
   * @returns The number of bytes, or `null` at the end.
   */
  override read(
    into: Uint8Array<ArrayBuffer>,
    until?: number,
  ): Promise<number | null> {
    if (this.#waitsForNext) this.#memory.end();
    return super.read(into, until);
  }

  /**
   * Gives a pending read a deadline, or ends it if it waits for another request.
   *
   * @param until The deadline, on the `performance.now()` clock.
   */
  override limitRead(until?: number): void {
    if (this.#waitsForNext) this.#memory.end();
    super.limitRead(until);
  }

  get #waitsForNext(): boolean {
    return this.life.state === State.Idle && this.#memory.begun;
  }
}
