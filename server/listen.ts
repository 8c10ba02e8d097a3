// Creates a Deno listener for an address in Python's form.

import type { Address } from "../connection/connection.ts";
import { toAddress } from "../connection/connection.ts";
import { listenInherited } from "./inherited.ts";

/** An address family, by its Python name. */
export type AddressFamily = "AF_INET" | "AF_INET6" | "AF_UNIX";

/** How to listen. */
export interface ListenOptions {
  /** The addresses that an empty host means: all of IPv4, or all of IPv4 and IPv6. "AF_UNIX" accepts paths only. */
  readonly family: AddressFamily;
  /** The size of the listen backlog. */
  readonly backlog: number;
  /** Whether other processes may listen on the same port. */
  readonly reusePort: boolean;
  /** The descriptor of an inherited socket to listen on, instead of the address. */
  readonly fd?: number;
  /** Creates the listener for a host and port in place of `Deno.listen()`. */
  readonly open?: (options: Deno.TcpListenOptions) => Deno.Listener;
}

/**
 * Listens on an address.
 *
 * @param address Host and port, or the path of a Unix socket.
 * @param options How to listen.
 * @returns The listener.
 * @throws {RangeError} If the port is not an integer from 0 to 65535.
 * @throws {TypeError} If the family is "AF_UNIX" and the address is not a path, or a string
 * is a host and port.
 * @throws {Deno.errors.AddrInUse} If the address is in use, or the path exists.
 * @throws {TypeError} If the inherited descriptor is not a listening socket.
 */
export function listen(
  address: Address | string,
  options: ListenOptions,
): Deno.Listener {
  if (options.fd !== undefined) return listenInherited(options.fd);
  if (typeof address === "string") return listenUnix(address);
  if (options.family === "AF_UNIX") {
    throw new TypeError("Cannot listen: the address must be a path");
  }
  const [host, port] = address;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(
      `Cannot listen: ${port} is not a port from 0 to 65535`,
    );
  }
  const anyHost = options.family === "AF_INET6" ? "::" : "0.0.0.0";
  const hostname = host === "" ? anyHost : host;
  const { backlog: tcpBacklog, reusePort, open = Deno.listen } = options;
  return open({
    hostname,
    port,
    tcpBacklog,
    ...(reusePort && { reusePort }),
  });
}

/** Listens on a Unix socket. An existing file is never removed: it may be in use, or not a socket. */
function listenUnix(path: string): Deno.Listener {
  if (/^[^/\\]*:\d+$/.test(path)) {
    throw new TypeError(
      `Cannot listen on the path ${path}: write ["host", port] for a host and port, or ./${path} for a socket`,
    );
  }
  try {
    return Deno.listen({ transport: "unix", path });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new Deno.errors.AddrInUse(
      `Cannot listen on ${path}: the path exists; stop its server, or remove the file if none is running`,
      { cause },
    );
  }
}

/**
 * The address of a listener.
 *
 * @param listener The listener.
 * @returns Host and port, or the path of a Unix socket.
 */
export function boundAddress(listener: Deno.Listener): Address | string {
  const { addr } = listener;
  return addr.transport === "unix" ? addr.path : toAddress(addr);
}
