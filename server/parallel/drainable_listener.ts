// A listener of a worker. Before the worker ends, it stops accepting without losing a client:
// those that come later stay in the queue of the shared socket, for the other workers.

/** A listener that can stop accepting before it is closed. */
export class DrainableListener implements Deno.Listener {
  readonly #listener: Deno.Listener;
  /** Calls of `accept()` that wait for the close. */
  readonly #waiting: PromiseWithResolvers<never>[] = [];
  #draining = false;
  #closed = false;

  /**
   * Takes over a listener.
   *
   * @param listener The listener.
   */
  constructor(listener: Deno.Listener) {
    this.#listener = listener;
  }

  /** The address it listens on. */
  get addr(): Deno.Addr {
    return this.#listener.addr;
  }

  /**
   * Waits for a connection; while draining, for the close.
   *
   * @returns The connection.
   * @throws {Deno.errors.BadResource} If the listener is closed.
   */
  accept(): Promise<Deno.Conn> {
    if (this.#draining) return this.#untilClosed();
    return this.#listener.accept().catch((error) => {
      if (this.#draining) return this.#untilClosed();
      throw error;
    });
  }

  /** Accepts no more connections. One that was accepted just now still gets to its caller. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#listener.close();
  }

  /** Closes the listener. */
  close(): void {
    this.drain();
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
  }

  /** Makes a pending `accept()` keep the process alive, which is the default. */
  ref(): void {
    this.#listener.ref();
  }

  /** Lets the process end while an `accept()` is pending. */
  unref(): void {
    this.#listener.unref();
  }

  /** Iterates over the connections until the listener is closed. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Deno.Conn> {
    for (;;) yield await this.accept();
  }

  /** Closes the listener. */
  [Symbol.dispose](): void {
    this.close();
  }

  #untilClosed(): Promise<never> {
    if (this.#closed) return Promise.reject(closedError());
    const waiting = Promise.withResolvers<never>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }
}

function closedError(): Deno.errors.BadResource {
  return new Deno.errors.BadResource("Cannot accept: the listener is closed");
}
