// The two classes of `socketserver` that HTTP handlers stand on.

import type { Address, Connection } from "../connection/connection.ts";
import type {
  MaybePromise,
  ReadableFile,
  WritableFile,
} from "../connection/files.ts";
import { isDisconnect, isTimeout } from "../connection/errors.ts";
import { DEFAULT_TIMEOUT } from "../connection/limits.ts";
import type { RequestHandler, ServerContext } from "./types.ts";

/**
 * The base of all handlers. A server makes one for each connection and awaits
 * `setup()`, `handle()` and `finish()`; the constructor only stores what it is given,
 * since a JavaScript constructor can neither wait nor see a subclass's fields.
 */
export class BaseRequestHandler implements RequestHandler {
  /** The connection to serve: what Python calls the socket. */
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
   * Called before `handle()`; does nothing here.
   *
   * @returns Nothing, or a promise that is awaited.
   */
  setup(): MaybePromise<void> {}

  /**
   * Does the work; override it.
   *
   * @returns Nothing, or a promise that is awaited.
   */
  handle(): MaybePromise<void> {}

  /**
   * Called after `handle()`, also where that failed; does nothing here.
   *
   * @returns Nothing, or a promise that is awaited.
   */
  finish(): MaybePromise<void> {}
}

/** A handler that reads from `rfile` and writes to `wfile`. */
export class StreamRequestHandler extends BaseRequestHandler {
  /**
   * How long the peer may stay silent, take for a request's head, or not read what it
   * is sent, in seconds; `null` is for ever, as in CPython.
   *
   * @default {60}
   */
  timeout: number | null = DEFAULT_TIMEOUT;
  /**
   * Whether small writes leave at once (TCP_NODELAY). Writes of one turn are joined
   * in any case, so holding them back further would only delay answers.
   *
   * @default {true}
   */
  disable_nagle_algorithm: boolean = true;
  /**
   * How many bytes `rfile` reads ahead at a time; -1 for as many as come. With 0 it takes
   * none beyond what is asked for, so that `connection.conn` may be read itself after,
   * say, a line; each byte of a line then costs a system call.
   *
   * @default {-1}
   */
  rbufsize: number = -1;
  /**
   * How many bytes `wfile` holds back until they leave by themselves; -1 is for 8192.
   * With 0, what is written leaves at the end of the turn; with any other number it
   * waits for `wfile.flush()`, or for that many bytes, or the handler's end. More
   * than 32 KiB at once, or 256 KiB in all, is never held back.
   *
   * @default {0}
   */
  wbufsize: number = 0;
  /** The same as `request`. */
  connection: Connection;
  /** What the client sends; during a `do_*` method, the request's body. */
  rfile: ReadableFile;
  /** What the client gets. */
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
   * Applies `timeout`, `disable_nagle_algorithm`, `rbufsize` and `wbufsize`.
   *
   * @throws {RangeError} Where one of them is not in its range.
   */
  override setup(): MaybePromise<void> {
    this.connection.settimeout(this.timeout);
    if (this.disable_nagle_algorithm) this.connection.setNoDelay(true);
    this.connection.rfile.setBufferSize(this.rbufsize);
    this.connection.wfile.setBufferSize(this.wbufsize);
  }

  /** Sends what is still waiting in `wfile` and ends both files. */
  override async finish(): Promise<void> {
    try {
      if (!this.wfile.closed) await this.wfile.flush();
    } catch (error) {
      // What could not be sent to a peer that left or went silent is no error here.
      if (!isDisconnect(error) && !isTimeout(error)) throw error;
    } finally {
      this.wfile.close();
      this.rfile.close();
      this.connection.rfile.close();
    }
  }
}
