// From an address as Python writes it to a Deno listener.

import type { Address } from "../connection/connection.ts";
import { toAddress } from "../connection/connection.ts";

/** An address family by its Python name. */
export type AddressFamily = "AF_INET" | "AF_INET6";

/** How to listen. */
export interface ListenOptions {
  /** What an empty host stands for: all IPv4 addresses, or all of both. */
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
 * @throws {Deno.errors.AddrInUse} Where somebody else listens there.
 */
export function listen(
  address: Address | string,
  options: ListenOptions,
): Deno.Listener {
  if (typeof address === "string") {
    return Deno.listen({ transport: "unix", path: address });
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
