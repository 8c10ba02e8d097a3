// A listener that gives connections whose TLS handshake is done. Handshakes run beside
// one another, so that a client that is silent or speaks something else delays nobody.

import { toAddress } from "../connection/connection.ts";
import { type Deadline, deadlines } from "../connection/deadlines.ts";
import { writeLog } from "../connection/log.ts";
import { escapeControls, formatLogDate } from "../text/log_text.ts";
import { ServerTlsConn, type TlsOptions } from "./tls_conn.ts";
import { countConnection } from "./stacks.ts";

/**
 * How many handshakes run at once. Each holds a file; beyond that the oldest gives way,
 * which in a flood of silent clients is one of theirs: an honest one takes milliseconds.
 */
const MAX_HANDSHAKES = 256;

/** The longest reason that is logged, in characters; the longest of the runtime's own are shorter. */
const MAX_REASON = 200;

/** Options of a listener for TLS. */
export interface TlsListenerOptions extends TlsOptions {
  /** How long a handshake may take, in milliseconds. */
  readonly handshakeTimeout: number;
}

/**
 * Puts TLS on what a TCP listener accepts. It accepts only while somebody waits; the
 * handshakes that were begun by then go on.
 */
export class TlsListener implements Deno.Listener<ServerTlsConn> {
  readonly #tcp: Deno.Listener;
  readonly #options: TlsListenerOptions;
  /** In the order in which they began. */
  readonly #handshakes = new Set<Handshake>();
  /** Done while nobody waited: no more than ran when somebody last did. */
  readonly #ready: ServerTlsConn[] = [];
  readonly #waiting: PromiseWithResolvers<ServerTlsConn>[] = [];
  /** All whose TCP connection is open. */
  readonly #open = new Set<ServerTlsConn>();
  readonly #ended = Promise.withResolvers<void>();
  #accepting = false;
  #closed = false;

  /**
   * Takes over a listener.
   *
   * @param tcp A listener for TCP.
   * @param options The certificate, the protocols, and how long a handshake may take.
   */
  constructor(tcp: Deno.Listener, options: TlsListenerOptions) {
    this.#tcp = tcp;
    this.#options = options;
  }

  /** The address it listens at. */
  get addr(): Deno.NetAddr {
    return this.#tcp.addr as Deno.NetAddr;
  }

  /**
   * Waits for a connection whose handshake is done.
   *
   * @returns The connection.
   * @throws {Deno.errors.BadResource} Where the listener is closed, or is closed meanwhile.
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

  /** Closes the listener, with the handshakes that run and the connections that nobody took. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tcp.close();
    for (const handshake of this.#handshakes) handshake.cut(undefined);
    for (const conn of this.#ready.splice(0)) conn.close();
    if (!this.#accepting) this.#end();
  }

  /**
   * Waits until the address is free, and what connections that are closed by now still
   * have to say is said. To be called once the listener is closed.
   */
  async ended(): Promise<void> {
    await this.#ended.promise;
    const closing = [...this.#open].filter(({ closed }) => closed);
    await Promise.all(closing.map(({ ended }) => ended));
  }

  /** Lets a pending `accept()` keep the process alive, as it does at first. */
  ref(): void {
    this.#tcp.ref();
  }

  /** Lets the process end while an `accept()` is pending. */
  unref(): void {
    this.#tcp.unref();
  }

  /** The connections until the listener is closed. */
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
        // Here, since a handshake that doesn't end reaches no acceptor.
        countConnection();
        void this.#shakeHands(conn as Deno.TcpConn);
        this.#acceptTcp();
      }
    }, (error) => {
      this.#accepting = false;
      if (this.#closed) {
        this.#end();
      } else {
        // Where nobody waits any more, the next to wait will meet what lasts.
        this.#waiting.shift()?.reject(error);
        this.#acceptTcp();
      }
    });
  }

  async #shakeHands(tcp: Deno.TcpConn): Promise<void> {
    const conn = new ServerTlsConn(tcp, this.#options);
    this.#open.add(conn);
    void conn.ended.then(() => this.#open.delete(conn));
    const handshake = new Handshake(conn, this.#options.handshakeTimeout);
    this.#handshakes.add(handshake);
    if (this.#handshakes.size > MAX_HANDSHAKES) {
      const [oldest] = this.#handshakes;
      // At once, so that of several that come together each has its own give way.
      this.#handshakes.delete(oldest!);
      oldest!.cut(`not done when ${MAX_HANDSHAKES} others had begun`);
    }
    const failure = await handshake.run();
    this.#handshakes.delete(handshake);
    if (failure !== undefined) {
      writeLog(failure);
    } else if (!handshake.isCut) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#ready.push(conn);
      else waiting.resolve(conn);
    }
  }

  /** Only now, as whoever waits takes a settled `accept()` for a free address. */
  #end(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    this.#ended.resolve();
  }
}

/** One handshake with its time limit. It closes its connection where it fails. */
class Handshake implements Deadline {
  at = Infinity;
  isCut = false;
  readonly #conn: ServerTlsConn;
  readonly #timeout: number;
  #reason: string | undefined;

  constructor(conn: ServerTlsConn, timeout: number) {
    this.#conn = conn;
    this.#timeout = timeout;
  }

  /** Runs it. The result is a log line where it failed and that is to be told. */
  async run(): Promise<string | undefined> {
    deadlines.add(this);
    deadlines.set(this, performance.now() + this.#timeout);
    try {
      await this.#conn.handshake();
    } catch (error) {
      this.cut(error instanceof Error ? error.message : String(error));
    } finally {
      deadlines.delete(this);
    }
    if (this.#reason === undefined) return undefined;
    return logLine(this.#conn.remoteAddr, this.#reason);
  }

  expire(): void {
    this.cut(`not done within ${this.#timeout / 1000} seconds`);
  }

  /** Ends it by closing the connection, unless that was done. Without a reason nothing is logged. */
  cut(reason: string | undefined): void {
    if (this.isCut) return;
    this.isCut = true;
    this.#reason = reason;
    this.#conn.close();
  }
}

function logLine(address: Deno.NetAddr, reason: string): string {
  const [host] = toAddress(address);
  const date = formatLogDate(new Date());
  const shown = escapeControls(reason.slice(0, MAX_REASON));
  return `${host} - - [${date}] TLS handshake failed: ${shown}\n`;
}

function closedError(): Deno.errors.BadResource {
  return new Deno.errors.BadResource("Cannot accept: the listener is closed");
}
