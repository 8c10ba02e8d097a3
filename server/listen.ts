// From an address as Python writes it to a Deno listener.

import type { Address } from "../connection/connection.ts";
import { toAddress } from "../connection/connection.ts";

/** An address family by its Python name. */
export type AddressFamily = "AF_INET" | "AF_INET6" | "AF_UNIX";

/** How to listen. */
export interface ListenOptions {
  /** What an empty host stands for: all IPv4 addresses, or all of both; "AF_UNIX" takes paths only. */
  readonly family: AddressFamily;
  /** How many connections may wait to be accepted. */
  readonly backlog: number;
  /** Whether other processes may listen at the same port. */
  readonly reusePort: boolean;
}

/**
 * Listens at an address.
 *
 * @param address Host and port, or the path of a Unix socket.
 * @param options How to listen.
 * @returns The listener.
 * @throws {RangeError} Where the port is not one.
 * @throws {TypeError} Where the address is no path and the family is "AF_UNIX", or is a text that names a host and a port.
 * @throws {Deno.errors.AddrInUse} Where somebody else listens there, or a file has the path.
 */
export function listen(
  address: Address | string,
  options: ListenOptions,
): Deno.Listener {
  if (typeof address === "string") return listenUnix(address);
  if (options.family === "AF_UNIX") {
    throw new TypeError("Cannot listen: the address is not a path");
  }
  const [host, port] = address;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(
      `Cannot listen: ${port} is not a port from 0 to 65535`,
    );
  }
  const anyHost = options.family === "AF_INET6" ? "::" : "0.0.0.0";
  const hostname = host === "" ? anyHost : host;
  const { backlog: tcpBacklog, reusePort } = options;
  return Deno.listen({
    hostname,
    port,
    tcpBacklog,
    ...(reusePort && { reusePort }),
  });
}

/** Listens at a Unix socket. A file that has its path is left alone: it may be in use, or no socket at all. */
function listenUnix(path: string): Deno.Listener {
  if (/^[^/\\]*:\d+$/.test(path)) {
    throw new TypeError(
      `Cannot listen at the path ${path}: a host and a port are ["host", port], a socket beside it is ./${path}`,
    );
  }
  try {
    return Deno.listen({ transport: "unix", path });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new Deno.errors.AddrInUse(
      `Cannot listen at ${path}: a server, or a file that one left behind, is there`,
      { cause },
    );
  }
}

/**
 * Where a listener listens.
 *
 * @param listener The listener.
 * @returns Host and port, or the path of a Unix socket.
 */
export function boundAddress(listener: Deno.Listener): Address | string {
  const { addr } = listener;
  return addr.transport === "unix" ? addr.path : toAddress(addr);
}
