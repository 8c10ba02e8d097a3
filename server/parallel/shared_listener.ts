// The address that all workers share. Each of them listens on it with `loadBalanced`, which
// gives every thread of the process the same socket. The server's own listener accepts
// nothing: it holds the address while a worker is replaced, and clients wait meanwhile.

import type { Address } from "../../connection/connection.ts";
import { HTTPServer } from "../http.ts";
import { boundAddress, listen, type ListenOptions } from "../listen.ts";

/** How often to look for another free port if a process takes the one that was found. */
const MAX_TRIES = 10;

const PLAIN: ListenOptions = {
  family: "AF_INET",
  backlog: HTTPServer.request_queue_size,
  reusePort: false,
};

const SHARED: ListenOptions = { ...PLAIN, open: openShared };

/** The addresses of this process's servers: a second one would get the same socket. */
const inUse = new Set<string>();

/**
 * Listens on a socket that all threads of this process share if they ask for the same
 * address.
 *
 * @param options The address.
 * @returns The listener.
 */
export function openShared(options: Deno.TcpListenOptions): Deno.Listener {
  // The runtime's types lack the option; `deno serve --parallel` uses it.
  const shared = { ...options, loadBalanced: true };
  return Deno.listen(shared);
}

/** A listener that holds an address for the workers. */
export class SharedListener implements Disposable {
  /** Host and port as the workers must request them: sockets are shared by that. */
  readonly requested: Address;
  /** Host and port as they are bound. */
  readonly bound: Address;
  readonly #listener: Deno.Listener;

  /**
   * Listens on an address.
   *
   * @param address Host and port; 0 for a free one.
   * @throws {Deno.errors.AddrInUse} If the address is in use.
   * @throws {TypeError} If the runtime can't share a socket.
   */
  constructor(address: Address) {
    const [listener, requested] = address[1] === 0
      ? listenAnywhere(address)
      : [listenShared(address), address];
    this.#listener = listener;
    this.requested = requested;
    this.bound = boundAddress(listener) as Address;
    try {
      // Without support for the option, this is refused.
      listen(requested, SHARED).close();
    } catch (cause) {
      this.close();
      if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
      throw new TypeError(
        "Cannot share a port between workers: this version of Deno doesn't support it; serve without workers",
        { cause },
      );
    }
  }

  /** Closes the listener. The workers have their own. */
  close(): void {
    if (inUse.delete(keyOf(this.requested))) this.#listener.close();
  }

  /** Closes the listener. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function keyOf([host, port]: Address): string {
  return `${host}|${port}`;
}

function listenShared(address: Address): Deno.Listener {
  if (inUse.has(keyOf(address))) {
    throw new Deno.errors.AddrInUse("Address already in use");
  }
  const listener = listen(address, SHARED);
  inUse.add(keyOf(address));
  return listener;
}

/** Requests a free port by its number: servers that request port 0 would share one socket. */
function listenAnywhere(address: Address): [Deno.Listener, Address] {
  for (let tries = 1;; tries++) {
    const probe = listen(address, PLAIN);
    const { port } = probe.addr as Deno.NetAddr;
    probe.close();
    const requested: Address = [address[0], port];
    try {
      return [listenShared(requested), requested];
    } catch (error) {
      const taken = error instanceof Deno.errors.AddrInUse;
      if (!taken || tries === MAX_TRIES) throw error;
    }
  }
}
