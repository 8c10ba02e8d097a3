// One accepted socket: its reader and writer, its deadlines, and closing it once. Nothing
// above reads or writes a `Deno.Conn`.

import type { Link } from "../cache/linked_list.ts";
import { type Deadline, deadlines } from "./deadlines.ts";
import {
  isDisconnect,
  isTimeout,
  markDisconnect,
  timeoutError,
} from "./errors.ts";
import { Event, Lifecycle, State } from "./lifecycle.ts";
import { DEFAULT_TIMEOUT, LINGER_TIME, READ_SIZE } from "./limits.ts";
import { RequestReader } from "./reader.ts";
import { isDenoError } from "./runtime.ts";
import { turnNow } from "./turn.ts";
import { ResponseWriter } from "./writer.ts";

/** A client's or server's address: host and port, as in Python. */
export type Address = readonly [host: string, port: number];

/** The buffer that all lingering connections read into. */
let lingering: Uint8Array<ArrayBuffer> | undefined;

const READ_TIMED_OUT = "Cannot read: the peer sent nothing in time";
const WRITE_TIMED_OUT = "Cannot write: the peer read nothing in time";

/**
 * An accepted socket with its reader and writer: a handler's `request`.
 *
 * Owns the socket once constructed. Closing it again does nothing.
 */
export class Connection implements Disposable {
  /** The underlying socket. Reading or writing it directly bypasses `rfile` and `wfile`. */
  readonly conn: Deno.Conn;
  /** The client's address. IPv4 clients of a dual-stack socket have a plain IPv4 address. */
  readonly client_address: Address;
  /** The reader of this socket. */
  readonly rfile: RequestReader;
  /** The writer of this socket. */
  readonly wfile: ResponseWriter;
  /**
   * The state of the connection.
   *
   * @internal
   */
  readonly life: Lifecycle = new Lifecycle();
  /** Whether the server is closing; no further request is read then. */
  stopping = false;

  readonly #readDeadline: PendingDeadline;
  readonly #writeDeadline: PendingDeadline;
  readonly #onClose: (() => void) | undefined;
  #closeListeners: Set<() => void> | undefined;
  #timeout: number | null = DEFAULT_TIMEOUT;
  #idleTimeout: number | undefined;
  #closed = false;
  #stopsAfterRequest = false;
  #ending: AbortController | undefined;

  /**
   * Takes over an accepted socket.
   *
   * @param conn The socket.
   * @param onClose Called once when the socket is closed.
   */
  constructor(conn: Deno.Conn, onClose?: () => void) {
    this.conn = conn;
    this.#onClose = onClose;
    this.client_address = toAddress(conn.remoteAddr);
    this.rfile = new RequestReader(this);
    this.wfile = new ResponseWriter(this);
    this.#readDeadline = new PendingDeadline(this, READ_TIMED_OUT);
    this.#writeDeadline = new PendingDeadline(this, WRITE_TIMED_OUT);
    deadlines.add(this.#readDeadline);
    deadlines.add(this.#writeDeadline);
  }

  /** Whether the socket is closed on this side. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Aborted when the client has disconnected, which a failed read or write reveals, or the
   * server closes. Handlers that send an endless response should watch it.
   */
  get signal(): AbortSignal {
    if (this.#ending === undefined) {
      this.#ending = new AbortController();
      if (this.#closed || this.stopping) this.#end();
    }
    return this.#ending.signal;
  }

  /**
   * Receives bytes, like Python's `socket.recv()`: for handlers without `rfile`.
   *
   * @param bufsize The maximum number of bytes.
   * @returns At least one byte; an empty array at the end of the stream.
   * @throws {Deno.errors.TimedOut} If nothing arrives within the timeout.
   */
  recv(bufsize: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.rfile.read1(bufsize);
  }

  /**
   * Sends all bytes, like Python's `socket.sendall()`: for handlers without `wfile`.
   *
   * @param data Bytes, or text to send as UTF-8.
   * @returns A promise that fulfills once the data is written to the socket.
   * @throws {TypeError} If the connection is closed, no response is in progress, or the
   * data exceeds the response's Content-Length.
   */
  sendall(data: string | Uint8Array): Promise<void> {
    return this.wfile.send(data);
  }

  /** How long a read or write may take, in seconds; `null` for no limit. */
  get timeout(): number | null {
    return this.#timeout;
  }

  /**
   * Sets how long a read or write may take.
   *
   * @param seconds A number above 0, or `null` for no limit.
   * @throws {RangeError} For any other number.
   */
  settimeout(seconds: number | null): void {
    if (seconds !== null && !(seconds > 0)) {
      throw new RangeError(
        `Cannot set a timeout of ${seconds}: it must be above 0`,
      );
    }
    this.#timeout = seconds;
  }

  /**
   * Sets how long the connection may wait for a request.
   *
   * @param seconds A number above 0, or `undefined` for the timeout of reads.
   * @throws {RangeError} For any other number.
   */
  setIdleTimeout(seconds: number | undefined): void {
    if (seconds !== undefined && !(seconds > 0)) {
      throw new RangeError(
        `Cannot set an idle timeout of ${seconds}: it must be above 0`,
      );
    }
    this.#idleTimeout = seconds;
  }

  /**
   * Sets TCP_NODELAY; does nothing for Unix sockets.
   *
   * @param on Whether to send small writes at once.
   */
  setNoDelay(on: boolean): void {
    if (!("setNoDelay" in this.conn)) return;
    try {
      (this.conn as Deno.TcpConn).setNoDelay(on);
    } catch (error) {
      // On some systems, this fails once the peer has reset the connection.
      throw markDisconnect(error);
    }
  }

  /**
   * Reads the bytes that arrive next, within the timeout.
   *
   * @param into The buffer to fill.
   * @param until A second deadline, on the `performance.now()` clock.
   * @returns The number of bytes, or `null` at the end of the stream.
   * @throws {Deno.errors.TimedOut} If nothing arrives in time. The connection can't be read
   * again.
   */
  read(
    into: Uint8Array<ArrayBuffer>,
    until = Infinity,
  ): Promise<number | null> {
    const deadline = this.#readDeadline;
    if (deadline.expired) return deadline.refuse();
    this.#extend(this.#writeDeadline);
    if (this.life.state === State.Idle) {
      deadline.closeIdle(this.#limit(until, this.#idleTimeout));
      const reading = this.conn.read(into);
      return this.#stopsAfterRequest ? this.#stopAfter(reading) : reading;
    }
    return deadline.wait(this.conn.read(into), this.#limit(until));
  }

  /**
   * Writes some of the bytes, within the timeout.
   *
   * @param bytes The bytes.
   * @returns The number of bytes written.
   * @throws {Deno.errors.TimedOut} If the peer doesn't read in time.
   */
  write(bytes: Uint8Array): Promise<number> {
    const deadline = this.#writeDeadline;
    if (deadline.expired) return deadline.refuse();
    this.#extend(this.#readDeadline);
    return deadline.wait(this.conn.write(bytes), this.#limit(Infinity));
  }

  /**
   * Reads like `read()` but without a deadline, to read ahead while the client need not
   * send. `limitRead()` sets a deadline.
   *
   * @param into The buffer to fill.
   * @returns The number of bytes, or `null` at the end of the stream.
   */
  lookAhead(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const deadline = this.#readDeadline;
    if (deadline.expired) return deadline.refuse();
    return deadline.wait(this.conn.read(into), Infinity);
  }

  /**
   * Gives a pending `lookAhead()` the deadline of a `read()` that starts now.
   *
   * @param until As for `read()`.
   */
  limitRead(until = Infinity): void {
    deadlines.set(this.#readDeadline, this.#limit(until));
  }

  /**
   * Registers a callback for when this side closes the socket.
   *
   * @param listener Called once; immediately if the socket is already closed.
   * @returns Removes the callback when disposed.
   */
  onClose(listener: () => void): Disposable {
    if (this.#closed) listener();
    else (this.#closeListeners ??= new Set()).add(listener);
    return {
      [Symbol.dispose]: () => void this.#closeListeners?.delete(listener),
    };
  }

  /** Closes an idle connection now, any other after its response. */
  stop(): void {
    this.stopping = true;
    this.#end();
    const state = this.life.on(Event.Stop);
    if (state === State.Closed) this.close();
    // The response is sent: don't wait for the rest of the request body.
    else if (state === State.Lingering) this.limitRead(performance.now());
  }

  /** Makes the next request the last one: the server is closing, but serves it. */
  stopAfterRequest(): void {
    this.#stopsAfterRequest = true;
  }

  async #stopAfter(reading: Promise<number | null>): Promise<number | null> {
    const count = await reading;
    // Not before the request has begun, or it would not be read.
    this.stopping = true;
    return count;
  }

  /** Closes the socket; pending operations fail. Calling it again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.life.on(Event.Close);
    this.#end();
    deadlines.delete(this.#readDeadline);
    deadlines.delete(this.#writeDeadline);
    this.#readDeadline.at = this.#writeDeadline.at = Infinity;
    try {
      this.conn.close();
    } catch (error) {
      // Code that used the socket directly, such as its `readable`, may have closed it.
      if (!isDenoError(error, "BadResource")) throw error;
    }
    this.#onClose?.();
    for (const listener of this.#closeListeners ?? []) listener();
  }

  /**
   * Flushes, ends the stream to the client and closes. Unread input is read and dropped
   * first, since closing with unread input sends a reset, which can overtake the response.
   */
  async shutdown(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.wfile.flush();
      if (this.rfile.unread) await this.#linger();
    } catch (error) {
      // The peer closed first or went silent: stop lingering.
      if (!isDisconnect(error) && !isTimeout(error)) throw error;
    } finally {
      this.close();
    }
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #linger(): Promise<void> {
    const until = performance.now() + LINGER_TIME;
    // Shared, since its contents are not used.
    lingering ??= new Uint8Array(READ_SIZE);
    await this.conn.closeWrite().catch((error) => {
      throw markDisconnect(error);
    });
    // Bounded by time alone: stopping while the peer still sends would reset the
    // connection.
    while (performance.now() < until) {
      if (await this.read(lingering, until) === null) return;
    }
  }

  /** A tunnel times out only if both sides are silent: each direction extends the other's deadline. */
  #extend(deadline: PendingDeadline): void {
    if (this.life.state !== State.Raw || deadline.at === Infinity) return;
    deadlines.set(deadline, this.#limit(Infinity));
  }

  /**
   * Aborts `signal`, since the client is gone.
   *
   * @internal
   */
  peerLeft(): void {
    this.#end();
  }

  #end(): void {
    this.#ending?.abort();
  }

  #limit(until: number, timeout: number | null = this.#timeout): number {
    if (timeout === null) return until;
    return Math.min(until, turnNow() + timeout * 1000);
  }
}

/** The deadline of one operation. The first of the two to finish settles the caller's promise. */
class PendingDeadline implements Deadline {
  at = Infinity;
  link: Link<Deadline> | undefined;
  expired = false;
  readonly #owner: Connection;
  readonly #message: string;
  /** Rejects the caller's promise; `undefined` while an idle connection waits for a request. */
  #reject: ((reason: unknown) => void) | undefined;

  constructor(owner: Connection, message: string) {
    this.#owner = owner;
    this.#message = message;
  }

  refuse(): Promise<never> {
    return Promise.reject(timeoutError(this.#message));
  }

  /** Closes the connection at a time if it is then idle. Needs no promise for each idle connection. */
  closeIdle(at: number): void {
    this.#reject = undefined;
    deadlines.set(this, at);
  }

  wait<T>(operation: Promise<T>, at: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      deadlines.set(this, at);
      operation.then((value) => {
        if (this.#reject === reject) this.at = Infinity;
        resolve(value);
      }, (error) => {
        if (this.#reject === reject) this.at = Infinity;
        reject(markDisconnect(error));
        this.#owner.peerLeft();
      });
    });
  }

  expire(): void {
    if (this.#reject === undefined) {
      // If a request has begun meanwhile, this deadline is obsolete.
      if (this.#owner.life.state === State.Idle) this.#owner.close();
      return;
    }
    this.expired = true;
    this.#reject(timeoutError(this.#message));
    this.#owner.peerLeft();
  }
}

/** Converts a Deno address to Python's tuple. */
export function toAddress(addr: Deno.Addr): Address {
  if (addr.transport === "tcp" || addr.transport === "udp") {
    return [unmapped(addr.hostname), addr.port];
  }
  return ["unix:", 0];
}

/** `::ffff:192.0.2.1` as `192.0.2.1`, so that logs and access rules see one spelling. */
function unmapped(host: string): string {
  return host.startsWith("::ffff:") && host.includes(".")
    ? host.slice(7)
    : host;
}
