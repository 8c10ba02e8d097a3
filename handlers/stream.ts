// The two base classes of HTTP handlers, from Python's `socketserver`.

import type { Address, Connection } from "../connection/connection.ts";
import type {
  MaybePromise,
  ReadableFile,
  WritableFile,
} from "../connection/files.ts";
import { isDisconnect, isTimeout } from "../connection/errors.ts";
import { DEFAULT_TIMEOUT, IDLE_SLACK } from "../connection/limits.ts";
import type { RequestHandler, ServerContext } from "./types.ts";

/**
 * The base class of all handlers. A server creates one for each connection and awaits `setup()`,
 * `handle()` and `finish()`. Unlike Python's, the constructor only stores its arguments, since a
 * JavaScript constructor can't await and runs before a subclass's fields are set.
 */
export class BaseRequestHandler implements RequestHandler {
  /** The connection to serve; in Python, the socket. */
  request: Connection;
  /** The client's host and port. */
  client_address: Address;
  /** The server that accepted the connection. */
  server: ServerContext;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's host and port.
   * @param server The server that accepted the connection.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
  ) {
    this.request = request;
    this.client_address = client_address;
    this.server = server;
  }

  /**
   * Called before `handle()`. Does nothing by default.
   *
   * @returns Nothing, or a promise to await.
   */
  setup(): MaybePromise<void> {}

  /**
   * Serves the connection. Override it.
   *
   * @returns Nothing, or a promise to await.
   */
  handle(): MaybePromise<void> {}

  /**
   * Called after `handle()`, even if it failed. Does nothing by default.
   *
   * @returns Nothing, or a promise to await.
   */
  finish(): MaybePromise<void> {}
}

/** A handler that reads from `rfile` and writes to `wfile`. */
export class StreamRequestHandler extends BaseRequestHandler {
  /**
   * How long the client may stay silent, take to send a request head, or not read the response, in
   * seconds. `null` disables timeouts, as in CPython.
   *
   * @default {60}
   */
  timeout: number | null = DEFAULT_TIMEOUT;
  /**
   * How long a connection may be idle between requests, in seconds, at least 1. It is announced
   * as `Keep-Alive: timeout=N`, so that clients don't send a request just when the connection is
   * closed, a second later. By default `timeout` applies, and nothing is announced.
   *
   * @default {undefined}
   */
  idleTimeout: number | undefined = undefined;
  /**
   * Whether to set TCP_NODELAY, so that small writes are sent at once. Writes in the same turn of
   * the event loop are joined anyway, so Nagle's algorithm would only delay responses.
   *
   * @default {true}
   */
  disable_nagle_algorithm: boolean = true;
  /**
   * How many bytes `rfile` reads ahead; -1 for as many as arrive. With 0 it reads only the
   * requested bytes, so that you can read `connection.conn` directly afterwards; each byte of a
   * line then costs a system call.
   *
   * @default {-1}
   */
  rbufsize: number = -1;
  /**
   * How many bytes `wfile` buffers; -1 for 8192. With 0, data is sent at the end of the current
   * turn of the event loop. Otherwise it is sent when this many bytes are buffered, at
   * `wfile.flush()`, or when the handler ends. A write of more than 32 KiB, or more than 256 KiB in
   * total, is never buffered.
   *
   * @default {0}
   */
  wbufsize: number = 0;
  /** The same as `request`. */
  connection: Connection;
  /** Reads from the client; in a `do_*` method, the request body. */
  rfile: ReadableFile;
  /** Writes to the client. */
  wfile: WritableFile;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's host and port.
   * @param server The server that accepted the connection.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
  ) {
    super(request, client_address, server);
    this.connection = request;
    this.rfile = request.rfile;
    this.wfile = request.wfile;
  }

  /**
   * Applies `timeout`, `idleTimeout`, `disable_nagle_algorithm`, `rbufsize` and `wbufsize`.
   *
   * @throws {RangeError} If one of them is out of range.
   */
  override setup(): MaybePromise<void> {
    this.connection.settimeout(this.timeout);
    if (this.idleTimeout !== undefined) {
      this.connection.setIdleTimeout(idleLimit(this.idleTimeout));
    }
    if (this.disable_nagle_algorithm) this.connection.setNoDelay(true);
    this.connection.rfile.setBufferSize(this.rbufsize);
    this.connection.wfile.setBufferSize(this.wbufsize);
  }

  /** Flushes `wfile` and closes both files. */
  override async finish(): Promise<void> {
    try {
      if (!this.wfile.closed) await this.wfile.flush();
    } catch (error) {
      // A client that disconnected or timed out is not an error here.
      if (!isDisconnect(error) && !isTimeout(error)) throw error;
    } finally {
      this.wfile.close();
      this.rfile.close();
      this.connection.rfile.close();
    }
  }
}

/** How long a connection is really kept, in seconds. */
function idleLimit(announced: number): number {
  if (announced >= 1) return announced + IDLE_SLACK;
  throw new RangeError(
    `Cannot set an idle timeout of ${announced}: it must be at least 1`,
  );
}
