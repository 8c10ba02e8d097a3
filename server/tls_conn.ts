// TLS over an accepted TCP connection, in the shape of the runtime's own connections.
// The TLS is `node:tls`'s; the TCP connection stays in our hands. `Deno.listenTls()`
// would be shorter, but keeps the socket of a client that is silent in the handshake, or
// reads nothing, open for as long as the client likes, and can't set TCP_NODELAY.

import type { Duplex } from "node:stream";
import type { SecureContext, TLSSocket } from "node:tls";
import { LINGER_TIME } from "../connection/limits.ts";

/** How much is read from the TCP connection at once, in bytes: each connection holds so much. */
const READ_SIZE = 16_384;

/** How many decrypted bytes may wait to be read before no more are taken from a client. */
const MAX_BACKLOG = 65_536;

/** What a handshake is made with. */
export interface TlsOptions {
  /** The certificate and its key. */
  readonly context: SecureContext;
  /** The protocols to choose from (RFC 7301); without any, none is chosen. */
  readonly protocols: readonly string[];
}

/** The server's side of a TLS connection. It owns the TCP connection. */
export class ServerTlsConn implements Deno.Conn<Deno.NetAddr> {
  /** Fulfilled once the TCP connection is closed. */
  readonly ended: Promise<void>;

  readonly #tcp: Deno.TcpConn;
  readonly #socket: TLSSocket;
  readonly #released = Promise.withResolvers<void>();
  readonly #handshake = Promise.withResolvers<void>();
  /** What rejects the writes that run. */
  readonly #writes = new Set<(reason: unknown) => void>();
  /** What was decrypted and did not fit into the last read. */
  #rest: Uint8Array | null = null;
  #wake: (() => void) | undefined;
  /** Reads from the TCP connection, where that waits. */
  #take: (() => void) | undefined;
  #error: unknown;
  #secure = false;
  #closed = false;

  /**
   * Begins the handshake.
   *
   * @param tcp The TCP connection.
   * @param options The certificate and the protocols.
   */
  constructor(tcp: Deno.TcpConn, options: TlsOptions) {
    this.#tcp = tcp;
    this.ended = this.#released.promise;
    // Whoever does not wait for it sees the failure at the first read or write.
    this.#handshake.promise.catch(() => {});
    const { TLSSocket } = globalThis.process.getBuiltinModule("node:tls");
    const tcpStream = streamOf(tcp, (take) => {
      // The stream over it takes all that it gets, however much nobody reads.
      if (this.#backlog < MAX_BACKLOG) take();
      else this.#take = take;
    });
    const socket = this.#socket = new TLSSocket(tcpStream, {
      isServer: true,
      secureContext: options.context,
      ALPNProtocols: [...options.protocols],
    });
    // A client may say that it sends no more, and wait for its answer.
    socket.allowHalfOpen = true;
    socket.on("readable", () => this.#wake?.());
    socket.on("end", () => this.#end());
    socket.on("secure", () => {
      this.#secure = true;
      this.#handshake.resolve();
    });
    // After the handshake, a malformed record is told of in no other way.
    socket.on("_tlsError", (error: Error) => this.#fail(error));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(cutOff()));
  }

  /** The server's address. */
  get localAddr(): Deno.NetAddr {
    return this.#tcp.localAddr;
  }

  /** The client's address. */
  get remoteAddr(): Deno.NetAddr {
    return this.#tcp.remoteAddr;
  }

  /** Whether it is closed on this side; `ended` may take a moment longer. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Waits for the end of the handshake.
   *
   * @throws {Error} What went wrong with it.
   */
  handshake(): Promise<void> {
    return this.#handshake.promise;
  }

  /**
   * Sets TCP_NODELAY.
   *
   * @param on Whether small writes leave at once.
   */
  setNoDelay(on: boolean = true): void {
    this.#tcp.setNoDelay(on);
  }

  /**
   * Reads what has come.
   *
   * @param into Where the bytes go.
   * @returns How many bytes came, `null` at the end of the stream.
   */
  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#closed) throw cutOff();
      const piece: Uint8Array | null = this.#rest ?? this.#socket.read();
      if (piece !== null) {
        const count = Math.min(piece.length, into.length);
        into.set(piece.subarray(0, count));
        this.#rest = count < piece.length ? piece.subarray(count) : null;
        this.#goOn();
        return count;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#socket.readableEnded) return null;
      await this.#more();
    }
  }

  /**
   * Writes all of the bytes.
   *
   * @param bytes What to write.
   * @returns Their number.
   */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#closed) return Promise.reject(cutOff());
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

  /** Says that nothing more will be sent: an alert of TLS (RFC 8446 6.1), then TCP's own end. */
  async closeWrite(): Promise<void> {
    if (!await this.#sendEnd()) {
      throw new Deno.errors.TimedOut("Cannot end: the peer reads nothing");
    }
    await this.#tcp.closeWrite();
  }

  /**
   * Closes the connection; pending operations fail. Where all was sent, the client is
   * told so, as it could not tell a whole answer from one cut short (RFC 8446 6.1).
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const sent = this.#secure && this.#error === undefined &&
      this.#writes.size === 0;
    this.#fail(cutOff());
    if (sent) void this.#sendEnd().then(() => this.#release());
    else this.#release();
  }

  /** Lets pending reads keep the process alive, as they do at first. */
  ref(): void {
    this.#tcp.ref();
  }

  /** Lets the process end while reads are pending. */
  unref(): void {
    this.#tcp.unref();
  }

  /** What is read, as a web stream; it closes the connection at its end. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        const piece = new Uint8Array(READ_SIZE);
        const count = await this.read(piece);
        if (count === null) controller.close();
        else controller.enqueue(piece.subarray(0, count));
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  /** What is written, as a web stream; it ends this side of the connection. */
  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    return new WritableStream({
      write: async (piece) => {
        await this.write(piece);
      },
      close: () => this.closeWrite(),
      abort: () => this.close(),
    });
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** How many decrypted bytes wait to be read. */
  get #backlog(): number {
    // There is no socket yet when its stream is first asked.
    return this.#socket?.readableLength ?? 0;
  }

  /** Takes more from the client, where that waited for the backlog to be read. */
  #goOn(): void {
    const take = this.#take;
    if (take === undefined || this.#backlog >= MAX_BACKLOG) return;
    this.#take = undefined;
    take();
  }

  #more(): Promise<void> {
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

  /** The first failure is the one that is told; later ones follow from it. */
  #fail(error: unknown): void {
    this.#error ??= error;
    this.#handshake.reject(error);
    this.#wake?.();
    for (const reject of this.#writes) reject(error);
    this.#writes.clear();
  }

  /** Sends the last alert: some bytes, which wait only for a peer that reads nothing. `false` where it does so for too long. */
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
      // The stream over it has closed it.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#released.resolve();
  }
}

/** The encrypted side, as a stream of Node.js's, which reads when `pace` lets it. */
function streamOf(
  tcp: Deno.TcpConn,
  pace: (take: () => void) => void,
): Duplex {
  const { Duplex } = globalThis.process.getBuiltinModule("node:stream");
  const buffer = new Uint8Array(READ_SIZE);
  const take = () => {
    tcp.read(buffer).then(
      (count) => stream.push(count === null ? null : buffer.slice(0, count)),
      (error) => stream.destroy(error),
    );
  };
  const stream = new Duplex({
    read: () => pace(take),
    write(bytes: Uint8Array, _encoding, done) {
      writeAll(tcp, bytes).then(() => done(), done);
    },
  });
  // An error without a listener would end the process; TLS tells of it in its own words.
  stream.on("error", () => {});
  return stream;
}

async function writeAll(tcp: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await tcp.write(at === 0 ? bytes : bytes.subarray(at));
  }
}

function cutOff(): Deno.errors.UnexpectedEof {
  return new Deno.errors.UnexpectedEof("the connection was closed");
}
