// TLS over an accepted TCP connection, as a `Deno.Conn`. `node:tls` does the TLS, but this
// class owns the TCP connection. `Deno.listenTls()` would be shorter, but keeps the socket
// of a client that stalls in the handshake, or never reads, open for as long as the client
// likes, and can't set TCP_NODELAY.

import type { Duplex } from "node:stream";
import type { SecureContext, TLSSocket } from "node:tls";
import { LINGER_TIME } from "../connection/limits.ts";
import { readableOf, writableOf } from "./web_streams.ts";

/** How much to read from the TCP connection at once, in bytes. Each connection holds such a buffer. */
const READ_SIZE = 16_384;

/** How many decrypted bytes to buffer before reading no more from the client. */
const MAX_BACKLOG = 65_536;

/** The first byte of a plain HTTP client: a letter of the method, or an empty line before it (RFC 9112 §2.2). */
const PLAIN = /[A-Za-z\r\n]/;

/** Why a handshake ends if the client speaks plain HTTP. The connection is still open. */
export class PlainClient extends Error {
  /** The bytes that the client has sent. */
  readonly received: Uint8Array;

  /**
   * Creates an error.
   *
   * @param received The bytes that the client has sent.
   */
  constructor(received: Uint8Array) {
    super("the client speaks plain HTTP");
    this.received = received;
  }
}

/** Options of a handshake. */
export interface TlsOptions {
  /** The certificate and its key. */
  readonly context: SecureContext;
  /** The protocols to choose from (ALPN, RFC 7301); if empty, none is chosen. */
  readonly protocols: readonly string[];
  /** Whether `handshake()` rejects with `PlainClient` for a client that speaks plain HTTP. */
  readonly findsPlain?: boolean;
}

/** The server's side of a TLS connection. Owns the TCP connection. */
export class ServerTlsConn implements Deno.Conn<Deno.NetAddr> {
  /** Fulfilled once the TCP connection is closed. */
  readonly ended: Promise<void>;

  readonly #tcp: Deno.TcpConn;
  readonly #socket: TLSSocket;
  readonly #released = Promise.withResolvers<void>();
  readonly #handshake = Promise.withResolvers<void>();
  /** Reject the pending writes. */
  readonly #writes = new Set<(reason: unknown) => void>();
  /** Decrypted bytes that did not fit into the last read. */
  #rest: Uint8Array | null = null;
  #wake: (() => void) | undefined;
  /** Resumes reading from the TCP connection, if paused. */
  #pausedRead: (() => void) | undefined;
  #error: unknown;
  #secure = false;
  #closed = false;

  /**
   * Starts the handshake.
   *
   * @param tcp The TCP connection.
   * @param options The certificate and the protocols.
   */
  constructor(tcp: Deno.TcpConn, options: TlsOptions) {
    this.#tcp = tcp;
    this.ended = this.#released.promise;
    // Without a caller that awaits it, the failure shows at the first read or write.
    this.#handshake.promise.catch(() => {});
    const { TLSSocket } = globalThis.process.getBuiltinModule("node:tls");
    const tcpStream = streamOf(tcp, (take) => {
      // The TLS stream buffers all it gets, even if nothing reads it.
      if (this.#backlog < MAX_BACKLOG) take();
      else this.#pausedRead = take;
    }, options.findsPlain ? (bytes) => this.#isPlain(bytes) : undefined);
    const socket = this.#socket = new TLSSocket(tcpStream, {
      isServer: true,
      secureContext: options.context,
      ALPNProtocols: [...options.protocols],
    });
    // A client may end its side and still wait for the response.
    socket.allowHalfOpen = true;
    socket.on("readable", () => this.#wake?.());
    socket.on("end", () => this.#end());
    socket.on("secure", () => {
      this.#secure = true;
      this.#handshake.resolve();
    });
    // After the handshake, malformed records are reported only by this event.
    socket.on("_tlsError", (error: Error) => this.#fail(error));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(connectionClosed()));
  }

  /** The server's address. */
  get localAddr(): Deno.NetAddr {
    return this.#tcp.localAddr;
  }

  /** The client's address. */
  get remoteAddr(): Deno.NetAddr {
    return this.#tcp.remoteAddr;
  }

  /** Whether it is closed on this side; `ended` may fulfill a moment later. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Waits until the handshake is complete.
   *
   * @throws {Error} If the handshake fails.
   */
  handshake(): Promise<void> {
    return this.#handshake.promise;
  }

  /**
   * Sets TCP_NODELAY.
   *
   * @param on Whether to send small writes at once.
   */
  setNoDelay(on: boolean = true): void {
    this.#tcp.setNoDelay(on);
  }

  /**
   * Reads the bytes that arrive next.
   *
   * @param into The buffer to fill.
   * @returns The number of bytes, or `null` at the end of the stream.
   */
  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#closed) throw connectionClosed();
      const piece: Uint8Array | null = this.#rest ?? this.#socket.read();
      if (piece !== null) {
        const count = Math.min(piece.length, into.length);
        into.set(piece.subarray(0, count));
        this.#rest = count < piece.length ? piece.subarray(count) : null;
        this.#resumeReading();
        return count;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#socket.readableEnded) return null;
      await this.#waitForData();
    }
  }

  /**
   * Writes all bytes.
   *
   * @param bytes The bytes.
   * @returns The number of bytes.
   */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#closed) return Promise.reject(connectionClosed());
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

  /** Ends the stream to the client: sends a close_notify alert (RFC 8446 §6.1), then TCP's FIN. */
  async closeWrite(): Promise<void> {
    if (!await this.#sendEnd()) {
      throw new Deno.errors.TimedOut(
        "Cannot end the stream: the peer reads nothing",
      );
    }
    await this.#tcp.closeWrite();
  }

  /**
   * Closes the connection; pending operations fail. If everything was sent, sends
   * close_notify, so that the client can tell a complete response from a truncated one
   * (RFC 8446 §6.1).
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const sent = this.#secure && this.#error === undefined &&
      this.#writes.size === 0;
    this.#fail(connectionClosed());
    if (sent) void this.#sendEnd().then(() => this.#release());
    else this.#release();
  }

  /** Makes pending reads keep the process alive, which is the default. */
  ref(): void {
    this.#tcp.ref();
  }

  /** Lets the process end while reads are pending. */
  unref(): void {
    this.#tcp.unref();
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

  /** Ends the handshake if the first bytes are those of plain HTTP. */
  #isPlain(first: Uint8Array): boolean {
    if (!PLAIN.test(String.fromCharCode(first[0]!))) return false;
    this.#fail(new PlainClient(first));
    return true;
  }

  /** The number of decrypted bytes not yet read. */
  get #backlog(): number {
    // Called before #socket is set, by its constructor.
    return this.#socket?.readableLength ?? 0;
  }

  /** Resumes reading from the client, if the backlog has been read. */
  #resumeReading(): void {
    const read = this.#pausedRead;
    if (read === undefined || this.#backlog >= MAX_BACKLOG) return;
    this.#pausedRead = undefined;
    read();
  }

  #waitForData(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #end(): void {
    this.#handshake.reject(
      new Deno.errors.UnexpectedEof("the client left before it was done"),
    );
    this.#wake?.();
  }

  /** Keeps the first failure; later ones are its consequences. */
  #fail(error: unknown): void {
    this.#error ??= error;
    this.#handshake.reject(error);
    this.#wake?.();
    for (const reject of this.#writes) reject(error);
    this.#writes.clear();
  }

  /** Sends close_notify: a few bytes, which wait only if the peer reads nothing. `false` on timeout. */
  #sendEnd(): Promise<boolean> {
    if (this.#socket.writableFinished) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), LINGER_TIME);
      this.#socket.end(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #release(): void {
    this.#socket.destroy();
    try {
      this.#tcp.close();
    } catch (error) {
      // The TLS stream has already closed it.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#released.resolve();
  }
}

/**
 * The encrypted side as a Node.js stream, which reads when `pace` lets it. If `takesOver` takes
 * the first bytes, it reads no more.
 */
function streamOf(
  tcp: Deno.TcpConn,
  pace: (take: () => void) => void,
  takesOver?: (first: Uint8Array) => boolean,
): Duplex {
  const { Duplex } = globalThis.process.getBuiltinModule("node:stream");
  const buffer = new Uint8Array(READ_SIZE);
  const take = () => {
    tcp.read(buffer).then((count) => {
      const bytes = count === null ? null : buffer.slice(0, count);
      const taken = bytes !== null && takesOver?.(bytes);
      takesOver = undefined;
      if (!taken) stream.push(bytes);
    }, (error) => stream.destroy(error));
  };
  const stream = new Duplex({
    read: () => pace(take),
    write(bytes: Uint8Array, _encoding, done) {
      writeAll(tcp, bytes).then(() => done(), done);
    },
  });
  // An error without a listener would end the process; the TLS socket reports it.
  stream.on("error", () => {});
  return stream;
}

async function writeAll(tcp: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await tcp.write(at === 0 ? bytes : bytes.subarray(at));
  }
}

function connectionClosed(): Deno.errors.UnexpectedEof {
  return new Deno.errors.UnexpectedEof("the connection was closed");
}
