// One accepted socket: its reader and writer, its deadlines, and its one close.
// Nothing above it reads or writes a `Deno.Conn`.

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
import { ResponseWriter } from "./writer.ts";

/** A peer's or a server's address: host and port, as Python's address tuples. */
export type Address = readonly [host: string, port: number];

/** Where lingering connections read what they drop. */
let lingering: Uint8Array<ArrayBuffer> | undefined;

const READ_TIMED_OUT = "Cannot read: the peer sent nothing in time";
const WRITE_TIMED_OUT = "Cannot write: the peer read nothing in time";

/**
 * An accepted socket with the files over it: what a handler knows as `request`.
 *
 * It closes once, however often it is told to, and owns the socket from its construction.
 */
export class Connection implements Disposable {
  /** The socket beneath. Reading or writing it directly passes by `rfile` and `wfile`. */
  readonly conn: Deno.Conn;
  /** The peer's address; an IPv4 peer of a dual-stack socket is shown as plain IPv4. */
  readonly client_address: Address;
  /** The reader of this socket. */
  readonly rfile: RequestReader;
  /** The writer of this socket. */
  readonly wfile: ResponseWriter;
  /**
   * What the connection is doing.
   *
   * @internal
   */
  readonly life: Lifecycle = new Lifecycle();
  /** Whether the server is closing, so that no further request is read. */
  stopping = false;

  readonly #readDeadline: PendingDeadline;
  readonly #writeDeadline: PendingDeadline;
  readonly #onClose: (() => void) | undefined;
  #closeListeners: Set<() => void> | undefined;
  #timeout: number | null = DEFAULT_TIMEOUT;
  #closed = false;
  #ending: AbortController | undefined;

  /**
   * Takes over an accepted socket.
   *
   * @param conn The socket.
   * @param onClose Called once, when the socket is closed.
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
   * Aborted when there is no use in going on: the peer is gone, as a read or write has
   * shown, or the server closes. A handler that sends without end looks at it.
   */
  get signal(): AbortSignal {
    if (this.#ending === undefined) {
      this.#ending = new AbortController();
      if (this.#closed || this.stopping) this.#end();
    }
    return this.#ending.signal;
  }

  /**
   * Receives what has come, as Python's sockets do: for handlers without `rfile`.
   *
   * @param bufsize The most bytes to receive.
   * @returns At least one byte, waiting for it; none only at the end.
   * @throws {Deno.errors.TimedOut} When nothing came within the timeout.
   */
  recv(bufsize: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.rfile.read1(bufsize);
  }

  /**
   * Sends all of it, as Python's sockets do: for handlers without `wfile`.
   *
   * @param data Bytes, or text that is sent as UTF-8.
   * @returns A promise that is fulfilled once all of it has left.
   * @throws {TypeError} If the connection is closed, between two responses, or beyond a response's Content-Length.
   */
  sendall(data: string | Uint8Array): Promise<void> {
    return this.wfile.send(data);
  }

  /** How long a read or write may wait, in seconds; `null` is for ever. */
  get timeout(): number | null {
    return this.#timeout;
  }

  /**
   * Sets how long a read or write may wait.
   *
   * @param seconds More than 0, or `null` for no limit.
   * @throws {RangeError} For any other number.
   */
  settimeout(seconds: number | null): void {
    if (seconds !== null && !(seconds > 0)) {
      throw new RangeError(`Cannot set a timeout: ${seconds} is not above 0`);
    }
    this.#timeout = seconds;
  }

  /**
   * Sets TCP_NODELAY where the socket is a TCP one.
   *
   * @param on Whether small writes leave at once.
   */
  setNoDelay(on: boolean): void {
    if (!("setNoDelay" in this.conn)) return;
    try {
      (this.conn as Deno.TcpConn).setNoDelay(on);
    } catch (error) {
      // A socket that the peer has reset already refuses it on some systems.
      throw markDisconnect(error);
    }
  }

  /**
   * Reads what has come into a buffer, waiting for it at most the timeout.
   *
   * @param into Where the bytes go.
   * @param until A moment on the `performance.now()` clock beyond which it does not wait either.
   * @returns How many bytes came, `null` at the end of the stream.
   * @throws {Deno.errors.TimedOut} When nothing came in time; the connection can't be read again.
   */
  read(
    into: Uint8Array<ArrayBuffer>,
    until = Infinity,
  ): Promise<number | null> {
    const deadline = this.#readDeadline;
    if (deadline.expired) return deadline.refuse();
    this.#extend(this.#writeDeadline);
    const at = this.#limit(until);
    if (this.life.state === State.Idle) {
      deadline.closeIdle(at);
      return this.conn.read(into);
    }
    return deadline.wait(this.conn.read(into), at);
  }

  /**
   * Writes part of the bytes, waiting at most the timeout.
   *
   * @param bytes What to write.
   * @returns How many bytes were taken.
   * @throws {Deno.errors.TimedOut} When the peer read nothing in time.
   */
  write(bytes: Uint8Array): Promise<number> {
    const deadline = this.#writeDeadline;
    if (deadline.expired) return deadline.refuse();
    this.#extend(this.#readDeadline);
    return deadline.wait(this.conn.write(bytes), this.#limit(Infinity));
  }

  /**
   * Reads as `read()` does, but however long it takes: for looking ahead while it is
   * not the peer's turn. `limitRead()` ends that.
   *
   * @param into Where the bytes go.
   * @returns How many bytes came, `null` at the end of the stream.
   */
  lookAhead(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const deadline = this.#readDeadline;
    if (deadline.expired) return deadline.refuse();
    return deadline.wait(this.conn.read(into), Infinity);
  }

  /**
   * Gives a pending `lookAhead()` from now on the time of a `read()`.
   *
   * @param until As for `read()`.
   */
  limitRead(until = Infinity): void {
    deadlines.set(this.#readDeadline, this.#limit(until));
  }

  /**
   * Calls back when the socket is closed on this side, for whatever reason.
   *
   * @param listener Called once; at once where it is closed already.
   * @returns What takes the listener off when it is disposed.
   */
  onClose(listener: () => void): Disposable {
    if (this.#closed) listener();
    else (this.#closeListeners ??= new Set()).add(listener);
    return {
      [Symbol.dispose]: () => void this.#closeListeners?.delete(listener),
    };
  }

  /** Closes an idle connection now, and any other after its response. */
  stop(): void {
    this.stopping = true;
    this.#end();
    const state = this.life.on(Event.Stop);
    if (state === State.Closed) this.close();
    // The response is over: the rest of the request's body is not worth waiting for.
    else if (state === State.Lingering) this.limitRead(performance.now());
  }

  /** Closes the socket; pending operations fail. Further calls do nothing. */
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
      // Whoever used the socket itself, such as its `readable`, may have closed it.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#onClose?.();
    for (const listener of this.#closeListeners ?? []) listener();
  }

  /**
   * Sends what still waits, ends the stream to the peer and closes; where input is
   * unread, first reads and drops some, so that no reset overtakes the answer.
   */
  async shutdown(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.wfile.flush();
      if (this.rfile.unread) await this.#linger();
    } catch (error) {
      // The peer closed first or went silent: both end the lingering.
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
    // Shared, since nobody looks at what is in it.
    lingering ??= new Uint8Array(READ_SIZE);
    await this.conn.closeWrite().catch((error) => {
      throw markDisconnect(error);
    });
    // Bounded by time alone: to stop while the peer still sends would reset the connection after all.
    while (performance.now() < until) {
      if (await this.read(lingering, until) === null) return;
    }
  }

  /** A tunnel times out only if neither side sends: progress in one direction extends the deadline of the other. */
  #extend(deadline: PendingDeadline): void {
    if (this.life.state !== State.Raw || deadline.at === Infinity) return;
    deadlines.set(deadline, this.#limit(Infinity));
  }

  /**
   * Aborts `signal`, since the peer is gone.
   *
   * @internal
   */
  peerLeft(): void {
    this.#end();
  }

  #end(): void {
    this.#ending?.abort();
  }

  #limit(until: number): number {
    if (this.#timeout === null) return until;
    return Math.min(until, performance.now() + this.#timeout * 1000);
  }
}

/** A deadline on one operation at a time, the last: whichever is first settles what the caller awaits. */
class PendingDeadline implements Deadline {
  at = Infinity;
  expired = false;
  readonly #owner: Connection;
  readonly #message: string;
  /** Rejects what the caller awaits; `undefined` while an idle connection waits for a request. */
  #reject: ((reason: unknown) => void) | undefined;

  constructor(owner: Connection, message: string) {
    this.#owner = owner;
    this.#message = message;
  }

  refuse(): Promise<never> {
    return Promise.reject(timeoutError(this.#message));
  }

  /** Closes the connection at a moment if it is idle then: without a promise for each that waits. */
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
      // The read has ended already if the connection is in another state by now.
      if (this.#owner.life.state === State.Idle) this.#owner.close();
      return;
    }
    this.expired = true;
    this.#reject(timeoutError(this.#message));
    this.#owner.peerLeft();
  }
}

/** A Deno address as Python's tuple. */
export function toAddress(addr: Deno.Addr): Address {
  if (addr.transport === "tcp" || addr.transport === "udp") {
    return [unmapped(addr.hostname), addr.port];
  }
  return ["unix:", 0];
}

/** `::ffff:192.0.2.1` as `192.0.2.1`: one spelling per peer, for logs and rules alike. */
function unmapped(host: string): string {
  return host.startsWith("::ffff:") && host.includes(".")
    ? host.slice(7)
    : host;
}
