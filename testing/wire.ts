// A listener and its connections on `node:net`, which can reset a connection: closing a
// `Deno.Conn` always sends FIN. Applies faults to the bytes of a response.

import { createServer, type Server, type Socket } from "node:net";
import type { FaultyResponse, Step } from "./faulty_response.ts";

/** The most open connections. Further ones are closed. */
const MAX_CONNECTIONS = 1_024;

/** Listens on a free port of 127.0.0.1. */
export class WireListener implements Deno.Listener<WireConn> {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that no `accept()` has taken yet. */
  readonly #ready: WireConn[] = [];
  readonly #waiting: PromiseWithResolvers<WireConn>[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #closed = false;

  /**
   * Takes over a server that listens.
   *
   * @param server The server.
   * @param refuses Decides whether the next connection is reset at once.
   */
  constructor(server: Server, refuses: () => boolean) {
    this.#server = server;
    server.on("close", () => this.#ended.resolve());
    // Such as a lack of descriptors. If nothing is waiting, a lasting error will occur again.
    server.on("error", (error) => this.#waiting.shift()?.reject(error));
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      if (refuses()) {
        // Otherwise an error of the socket would end the process.
        socket.on("error", ignore);
        socket.resetAndDestroy();
        return;
      }
      const conn = new WireConn(socket);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#ready.push(conn);
      else waiting.resolve(conn);
    });
  }

  /**
   * Listens.
   *
   * @param refuses Decides whether the next connection is reset at once.
   * @returns The listener.
   */
  static async open(refuses: () => boolean): Promise<WireListener> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.maxConnections = MAX_CONNECTIONS;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    server.off("error", reject);
    return new WireListener(server, refuses);
  }

  /** The address it listens on. */
  get addr(): Deno.NetAddr {
    const { address, port } = this.#server.address() as {
      address: string;
      port: number;
    };
    return { transport: "tcp", hostname: address, port };
  }

  /**
   * Waits for a connection.
   *
   * @returns The connection.
   * @throws {Deno.errors.BadResource} If the listener is closed before or meanwhile.
   */
  accept(): Promise<WireConn> {
    if (this.#closed) return Promise.reject(closedError());
    const ready = this.#ready.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    const waiting = Promise.withResolvers<WireConn>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  /** Stops listening, and closes the connections that were not taken. */
  close(): void {
    if (this.#closed) throw closedError();
    this.#closed = true;
    this.#server.close();
    for (const conn of this.#ready.splice(0)) conn.close();
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
  }

  /** Closes the sockets that are still open, and waits until all are closed. Call it after `close()`. */
  async ended(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#ended.promise;
  }

  /** Keeps the process alive, which is the default. */
  ref(): void {
    this.#server.ref();
  }

  /** Lets the process end while it listens. */
  unref(): void {
    this.#server.unref();
  }

  /** Iterates over the connections until the listener is closed. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<WireConn> {
    while (!this.#closed) yield await this.accept();
  }

  /** Closes the listener. */
  [Symbol.dispose](): void {
    if (!this.#closed) this.close();
  }
}

/** A connection of a `WireListener`. */
export class WireConn implements Deno.Conn<Deno.NetAddr> {
  /** The address of the server. */
  readonly localAddr: Deno.NetAddr;
  /** The address of the client. */
  readonly remoteAddr: Deno.NetAddr;
  readonly #socket: Socket;
  /** Input beyond the last read. */
  #rest: Uint8Array | undefined;
  /** The end of the input was read. */
  #ended = false;
  #error: Error | undefined;
  /** Nothing more is sent. */
  #over = false;
  #closed = false;
  #fault: FaultyResponse | undefined;
  /** Why the current fault can't be applied. */
  #problem: string | undefined;
  /** Called at every change: input, its end, an error, or the close. */
  readonly #watchers = new Set<() => void>();

  /**
   * Takes over a socket.
   *
   * @param socket A socket that is paused.
   */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.localAddr = toNetAddr(socket.localAddress, socket.localPort);
    this.remoteAddr = toNetAddr(socket.remoteAddress, socket.remotePort);
    const changed = () => {
      for (const watcher of [...this.#watchers]) watcher();
    };
    socket.on("readable", changed);
    socket.on("end", () => {
      this.#ended = true;
      changed();
    });
    socket.on("error", (error) => {
      this.#error = new Deno.errors.ConnectionReset(error.message, {
        cause: error,
      });
      changed();
    });
    socket.on("close", changed);
  }

  /**
   * Reads the bytes that arrive next.
   *
   * @param into The buffer to fill.
   * @returns The number of bytes; `null` at the end.
   */
  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      const piece = this.#rest ?? this.#take();
      if (piece !== undefined) {
        const count = Math.min(piece.length, into.length);
        into.set(piece.subarray(0, count));
        this.#rest = count < piece.length ? piece.subarray(count) : undefined;
        return count;
      }
      if (this.#ended) return null;
      this.#check();
      await this.#change();
    }
  }

  /**
   * Reads and drops everything until the client or this side closes.
   *
   * @returns A promise that never rejects.
   */
  async discard(): Promise<void> {
    this.#rest = undefined;
    while (!this.#ended && !this.#gone) {
      if (this.#take() === undefined) await this.#change();
    }
  }

  /**
   * Writes all bytes, with the current fault if there is one.
   *
   * @param bytes The bytes.
   * @returns Their number.
   */
  async write(bytes: Uint8Array): Promise<number> {
    // As if the client had left, so that a handler that sends without end stops.
    if (this.#over) throw lostError();
    if (this.#fault === undefined) await this.#send(bytes);
    else await this.#perform(this.#fault.feed(bytes));
    return bytes.length;
  }

  /**
   * Applies a fault to all later writes.
   *
   * @param fault The fault.
   */
  arm(fault: FaultyResponse): void {
    this.#fault = fault;
    this.#problem = undefined;
  }

  /**
   * Ends the response that has a fault.
   *
   * @returns Why the fault could not be applied, if so.
   */
  async disarm(): Promise<string | undefined> {
    const fault = this.#fault;
    try {
      if (fault !== undefined && !this.#over && !this.#gone) {
        await this.#perform(fault.finish());
      }
    } catch (error) {
      // The client has left: there is nothing to finish.
      if (!isGone(error)) throw error;
    } finally {
      this.#fault = undefined;
    }
    return this.#problem;
  }

  /** Whether nothing more is sent. */
  get over(): boolean {
    return this.#over || this.#gone;
  }

  /**
   * Ends the connection as a fault does.
   *
   * @param end By FIN or RST.
   */
  async end(end: "fin" | "reset"): Promise<void> {
    if (this.over) return;
    this.#over = true;
    if (end === "reset") this.#socket.resetAndDestroy();
    else await this.#closeWrite();
  }

  /** Sends FIN. */
  async closeWrite(): Promise<void> {
    this.#check();
    await this.#closeWrite();
  }

  /**
   * Sends FIN and closes. After a fault it first waits for the client's FIN, since closing with
   * unread input sends RST.
   */
  close(): void {
    if (this.#closed) throw closedError();
    this.#closed = true;
    if (this.#over) {
      // A socket with a listener for "readable" can't be resumed.
      this.#socket.removeAllListeners("readable");
      this.#socket.resume();
      if (this.#ended) this.#socket.destroy();
    } else if (this.#socket.writableLength > 0) {
      // The client doesn't read.
      this.#socket.destroy();
    } else {
      this.#socket.destroySoon();
    }
    for (const watcher of [...this.#watchers]) watcher();
  }

  /**
   * Sets TCP_NODELAY.
   *
   * @param on Whether to send small writes at once.
   */
  setNoDelay(on = true): void {
    this.#socket.setNoDelay(on);
  }

  /** Keeps the process alive, which is the default. */
  ref(): void {
    this.#socket.ref();
  }

  /** Lets the process end while it is open. */
  unref(): void {
    this.#socket.unref();
  }

  /** The input as a web stream. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        const into = new Uint8Array(16_384);
        const count = await this.read(into);
        if (count === null) controller.close();
        else controller.enqueue(into.subarray(0, count));
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  /** The output as a web stream. */
  get writable(): WritableStream<Uint8Array> {
    return new WritableStream({
      write: async (bytes) => {
        await this.write(bytes);
      },
      close: () => this.close(),
    });
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    if (!this.#closed) this.close();
  }

  get #gone(): boolean {
    return this.#closed || this.#error !== undefined || this.#socket.destroyed;
  }

  #take(): Uint8Array | undefined {
    if (this.#closed) return undefined;
    return this.#socket.read() as Uint8Array | null ?? undefined;
  }

  /** Throws if the connection can't be used any more. */
  #check(): void {
    if (this.#closed) throw closedError();
    if (this.#error !== undefined) throw this.#error;
    if (this.#socket.destroyed) throw lostError();
  }

  /** Waits for a change, or for a time in milliseconds. */
  #change(ms = Infinity): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = ms === Infinity ? undefined : setTimeout(done, ms);
      this.#watchers.add(done);
    });
  }

  /** Waits for a time, but not longer than the connection lasts. */
  async #wait(ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (;;) {
      const left = until - performance.now();
      if (left <= 0 || this.#gone) return;
      await this.#change(left);
    }
  }

  async #perform(steps: Iterable<Step>): Promise<void> {
    for (const step of steps) {
      if ("send" in step) await this.#send(step.send);
      else if ("wait" in step) await this.#wait(step.wait);
      else if ("end" in step) await this.end(step.end);
      else this.#problem = step.problem;
    }
  }

  #send(bytes: Uint8Array): Promise<void> {
    this.#check();
    if (bytes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) reject(this.#error ?? lostError(error));
        else resolve();
      });
    });
  }

  #closeWrite(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.end(resolve);
      // The callback is not called if the socket is lost first.
      this.#socket.once("close", () => resolve());
    });
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource;
}

function lostError(cause?: Error): Deno.errors.BrokenPipe {
  return new Deno.errors.BrokenPipe("The connection is closed", { cause });
}

function closedError(): Deno.errors.BadResource {
  return new Deno.errors.BadResource("The listener or connection is closed");
}

function toNetAddr(hostname = "127.0.0.1", port = 0): Deno.NetAddr {
  return { transport: "tcp", hostname, port };
}

function ignore(): void {}
