// A listener that accepts connections after their TLS handshake. Handshakes run in
// parallel, so clients that are silent or don't speak TLS delay no others.

import { toAddress } from "../connection/connection.ts";
import { type Deadline, deadlines } from "../connection/deadlines.ts";
import { writeLog } from "../connection/log.ts";
import { LogLimit } from "../connection/log_limit.ts";
import { escapeControls, formatLogDate } from "../text/log_text.ts";
import { PlainClient, ServerTlsConn, type TlsOptions } from "./tls_conn.ts";
import { countConnection } from "./stacks.ts";
import type { PlainHttp } from "./plain_http.ts";

/**
 * The maximum number of pending handshakes. Each holds a file descriptor. Beyond it, the
 * oldest is closed; in a flood of silent clients that is one of theirs, since a normal
 * handshake takes milliseconds.
 */
const MAX_HANDSHAKES = 256;

/** How many failures to log per second. */
const MAX_LINES = 10;

/** The maximum length of a logged reason. The runtime's own reasons are shorter. */
const MAX_REASON = 200;

/** Options of a TLS listener. */
export interface TlsListenerOptions extends Omit<TlsOptions, "findsPlain"> {
  /** How long a handshake may take, in milliseconds. */
  readonly handshakeTimeout: number;
  /** How to respond to clients that speak plain HTTP; without it their handshake fails. */
  readonly plainHttp?: PlainHttp | undefined;
}

/**
 * Runs TLS on the connections of a TCP listener. It accepts only during a call of
 * `accept()`; handshakes that have begun continue after it.
 */
export class TlsListener implements Deno.Listener<ServerTlsConn> {
  readonly #tcp: Deno.Listener;
  readonly #options: TlsListenerOptions;
  /** Pending handshakes, oldest first. */
  readonly #handshakes = new Set<Handshake>();
  /** Connections that no `accept()` has taken yet. */
  readonly #ready: ServerTlsConn[] = [];
  readonly #waiting: PromiseWithResolvers<ServerTlsConn>[] = [];
  /** All connections whose TCP connection is open. */
  readonly #open = new Set<ServerTlsConn>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #failures = new LogLimit(1_000, undefined, MAX_LINES);
  #accepting = false;
  #closed = false;

  /**
   * Takes over a listener.
   *
   * @param tcp A TCP listener.
   * @param options The certificate, the protocols, and how long a handshake may take.
   */
  constructor(tcp: Deno.Listener, options: TlsListenerOptions) {
    this.#tcp = tcp;
    this.#options = options;
  }

  /** The address it listens on. */
  get addr(): Deno.NetAddr {
    return this.#tcp.addr as Deno.NetAddr;
  }

  /**
   * Waits for a connection to complete its handshake.
   *
   * @returns The connection.
   * @throws {Deno.errors.BadResource} If the listener is closed before or meanwhile.
   */
  accept(): Promise<ServerTlsConn> {
    if (this.#closed) return Promise.reject(closedError());
    const ready = this.#ready.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    const waiting = Promise.withResolvers<ServerTlsConn>();
    this.#waiting.push(waiting);
    this.#acceptTcp();
    return waiting.promise;
  }

  /** Closes the listener, pending handshakes and connections that were not taken. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tcp.close();
    for (const handshake of this.#handshakes) handshake.cut(undefined);
    for (const conn of this.#ready.splice(0)) conn.close();
    if (!this.#accepting) this.#end();
  }

  /**
   * Waits until the address is free and the closed connections have sent their
   * close_notify. Call it after `close()`.
   */
  async ended(): Promise<void> {
    await this.#ended.promise;
    const closing = [...this.#open].filter(({ closed }) => closed);
    await Promise.all(closing.map(({ ended }) => ended));
  }

  /** Makes a pending `accept()` keep the process alive, which is the default. */
  ref(): void {
    this.#tcp.ref();
  }

  /** Lets the process end while an `accept()` is pending. */
  unref(): void {
    this.#tcp.unref();
  }

  /** Iterates over the connections until the listener is closed. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<ServerTlsConn> {
    for (;;) {
      try {
        yield await this.accept();
      } catch (error) {
        if (this.#closed) return;
        throw error;
      }
    }
  }

  /** Closes the listener. */
  [Symbol.dispose](): void {
    this.close();
  }

  #acceptTcp(): void {
    if (this.#accepting || this.#closed || this.#waiting.length === 0) return;
    this.#accepting = true;
    this.#tcp.accept().then((conn) => {
      this.#accepting = false;
      if (this.#closed) {
        conn.close();
        this.#end();
      } else {
        // Here rather than in the acceptor, which never sees a handshake that doesn't end.
        countConnection();
        void this.#shakeHands(conn as Deno.TcpConn);
        this.#acceptTcp();
      }
    }, (error) => {
      this.#accepting = false;
      if (this.#closed) {
        this.#end();
      } else {
        // If nothing is waiting, a lasting error will occur again in the next `accept()`.
        this.#waiting.shift()?.reject(error);
        this.#acceptTcp();
      }
    });
  }

  async #shakeHands(tcp: Deno.TcpConn): Promise<void> {
    const { handshakeTimeout, plainHttp } = this.#options;
    const findsPlain = plainHttp !== undefined;
    const conn = new ServerTlsConn(tcp, { ...this.#options, findsPlain });
    this.#open.add(conn);
    void conn.ended.then(() => this.#open.delete(conn));
    const handshake = new Handshake(conn, handshakeTimeout, async (first) => {
      const { respondPlain } = await import("./plain_http.ts");
      await respondPlain(tcp, first, plainHttp!);
    });
    this.#handshakes.add(handshake);
    if (this.#handshakes.size > MAX_HANDSHAKES) {
      const [oldest] = this.#handshakes;
      // Now rather than after its end, so that several new handshakes close different ones.
      this.#handshakes.delete(oldest!);
      oldest!.cut(`not done when ${MAX_HANDSHAKES} others had begun`);
    }
    const failure = await handshake.run();
    this.#handshakes.delete(handshake);
    if (failure !== undefined) {
      this.#log(failure);
    } else if (!handshake.isCut) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#ready.push(conn);
      else waiting.resolve(conn);
    }
  }

  #log(failure: string): void {
    const dropped = this.#failures.take();
    if (dropped === undefined) return;
    writeLog(
      failure + (dropped === 0 ? "" : ` (${dropped} more before it)`) + "\n",
    );
  }

  /** Rejects pending `accept()` calls only now, since callers take that to mean that the address is free. */
  #end(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    this.#ended.resolve();
  }
}

/**
 * A handshake with its time limit, which also holds for the response to a client that speaks plain
 * HTTP. Closes the connection on failure, and after such a response.
 */
class Handshake implements Deadline {
  at = Infinity;
  isCut = false;
  readonly #conn: ServerTlsConn;
  readonly #timeout: number;
  readonly #respondPlain: (first: Uint8Array) => Promise<void>;
  #isPlain = false;
  #reason: string | undefined;

  constructor(
    conn: ServerTlsConn,
    timeout: number,
    respondPlain: (first: Uint8Array) => Promise<void>,
  ) {
    this.#conn = conn;
    this.#timeout = timeout;
    this.#respondPlain = respondPlain;
  }

  /** Runs the handshake. Returns what to log, if it failed and should be logged. */
  async run(): Promise<string | undefined> {
    deadlines.add(this);
    deadlines.set(this, performance.now() + this.#timeout);
    try {
      await this.#shake();
    } catch (error) {
      this.cut(error instanceof Error ? error.message : String(error));
    } finally {
      deadlines.delete(this);
    }
    if (this.#reason === undefined) return undefined;
    const what = this.#isPlain ? "plain HTTP refused" : "TLS handshake failed";
    return logText(this.#conn.remoteAddr, what, this.#reason);
  }

  async #shake(): Promise<void> {
    try {
      await this.#conn.handshake();
    } catch (error) {
      if (!(error instanceof PlainClient)) throw error;
      this.#isPlain = true;
      await this.#respondPlain(error.received);
      this.cut(undefined);
    }
  }

  expire(): void {
    this.cut(`not done within ${this.#timeout / 1000} seconds`);
  }

  /** Ends the handshake by closing the connection, once. Without a reason, nothing is logged. */
  cut(reason: string | undefined): void {
    if (this.isCut) return;
    this.isCut = true;
    this.#reason = reason;
    this.#conn.close();
  }
}

function logText(address: Deno.NetAddr, what: string, reason: string): string {
  const [host] = toAddress(address);
  const date = formatLogDate(new Date());
  const shown = escapeControls(reason.slice(0, MAX_REASON));
  return `${host} - - [${date}] ${what}: ${shown}`;
}

function closedError(): Deno.errors.BadResource {
  return new Deno.errors.BadResource("Cannot accept: the listener is closed");
}
