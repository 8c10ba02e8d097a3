// One connection to an upstream: its bytes, its deadlines, and closing it once.

import type { Link } from "../../../cache/linked_list.ts";
import { type Deadline, deadlines } from "../../../connection/deadlines.ts";
import { encodeLatin1 } from "../../../text/latin1.ts";
import { LineReader } from "../../../parser/line_reader.ts";
import { lostConnection, silence, type UpstreamError } from "./failure.ts";
import type { Upstream } from "./interfaces.ts";

/** How much to read at once of a head, in bytes. An idle connection holds that much. */
const READ_SIZE = 8_192;

/** The methods that only some kinds of connections have. */
type AnyConn = Deno.Conn & Partial<Pick<Deno.TcpConn, "setNoDelay">> & {
  ref?(): void;
  unref?(): void;
};

/** A connection to an upstream. */
export class UpstreamConnection implements Disposable {
  /** The upstream. */
  readonly upstream: Upstream;
  /** The bytes that were received and not consumed. */
  readonly buffer: LineReader = new LineReader(0);
  /** Whether it has carried a request before the current one. */
  reused = false;
  /** How many bytes have arrived since the current request began. */
  received = 0;
  readonly #conn: AnyConn;
  readonly #timeout: number;
  readonly #readLimit: Limit;
  readonly #writeLimit: Limit;
  #filling: Promise<void> | undefined;
  #isClosed = false;

  /**
   * Takes over a connection.
   *
   * @param upstream The upstream.
   * @param conn The connection.
   * @param timeout How long a limited read, or a write, may take, in seconds.
   */
  constructor(upstream: Upstream, conn: Deno.Conn, timeout: number) {
    this.upstream = upstream;
    this.#conn = conn;
    this.#timeout = timeout;
    this.#readLimit = new Limit(this);
    this.#writeLimit = new Limit(this);
    deadlines.add(this.#readLimit);
    deadlines.add(this.#writeLimit);
    this.#conn.setNoDelay?.(true);
  }

  /** Whether it was closed on this side. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** Prepares for a request. */
  begin(): void {
    this.received = 0;
    this.#conn.ref?.();
  }

  /**
   * Waits for the upstream to close the connection, or to send what nobody asked for. Both end an
   * idle connection. A read that waits is the first of the next response.
   *
   * @param ended Called then, unless a request has begun.
   */
  rest(ended: () => void): void {
    this.reused = true;
    this.received = 0;
    this.#conn.unref?.();
    this.fill().then(ended, ended);
  }

  /**
   * Gives the next reads, and one that waits, a time limit.
   *
   * @param seconds The limit. Default: that of the upstream.
   */
  limitRead(seconds: number = this.#timeout): void {
    deadlines.set(this.#readLimit, performance.now() + seconds * 1000);
  }

  /** Starts the time limit of a limited read again. */
  extendRead(): void {
    if (this.#readLimit.at !== Infinity) this.limitRead();
  }

  /** Lets a read take any time. */
  freeRead(): void {
    this.#readLimit.at = Infinity;
  }

  /**
   * Waits until more bytes are in the buffer, or it has ended.
   *
   * @param size How much to read at least, if it has arrived.
   * @throws {UpstreamError} The connection is lost, or took too long.
   */
  fill(size: number = READ_SIZE): Promise<void> {
    return this.#filling ??= this.#fill(size);
  }

  async #fill(size: number): Promise<void> {
    try {
      const count = await this.#read(this.buffer.reserve(size));
      if (count === null) this.buffer.end();
      else this.buffer.commit(count);
    } finally {
      this.#filling = undefined;
    }
  }

  /**
   * Reads bytes past the buffer, which must be empty.
   *
   * @param into The buffer to fill.
   * @returns The number of bytes; `null` at the end.
   * @throws {UpstreamError} The connection is lost, or took too long.
   */
  read(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.#read(into);
  }

  async #read(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    let count: number | null;
    try {
      count = await this.#conn.read(into);
    } catch (error) {
      throw this.#explain(error);
    }
    if (this.#readLimit.expired) throw this.#explain(undefined);
    this.received += count ?? 0;
    return count;
  }

  /**
   * Writes all bytes, each part within the time limit.
   *
   * @param data The bytes, or Latin-1 text.
   * @throws {UpstreamError} The connection is lost, or took too long.
   */
  async write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === "string" ? encodeLatin1(data) : data;
    try {
      for (let at = 0; at < bytes.length;) {
        const due = performance.now() + this.#timeout * 1000;
        deadlines.set(this.#writeLimit, due);
        at += await this.#conn.write(bytes.subarray(at));
      }
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#writeLimit.at = Infinity;
    }
  }

  /** Ends the stream to the upstream, which may still send. */
  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Closes the connection; what waits for it fails. Calling it again does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const limit of [this.#readLimit, this.#writeLimit]) {
      deadlines.delete(limit);
      limit.at = Infinity;
    }
    this.#conn.close();
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }

  #explain(error: unknown): UpstreamError {
    return this.#readLimit.expired || this.#writeLimit.expired
      ? silence(this.upstream, this.#timeout)
      : lostConnection(this.upstream, "too early", error);
  }
}

/** The deadline of reads or of writes. Closing the connection ends what waits. */
class Limit implements Deadline {
  at = Infinity;
  link: Link<Deadline> | undefined;
  expired = false;
  readonly #owner: UpstreamConnection;

  constructor(owner: UpstreamConnection) {
    this.#owner = owner;
  }

  expire(): void {
    this.expired = true;
    this.#owner.close();
  }
}
