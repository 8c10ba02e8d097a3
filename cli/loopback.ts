// Recognizes addresses that only this machine can reach.

import { isInNetwork, parseAddress, parseNetwork } from "../text/ip_address.ts";

const LOOPBACK = ["127.0.0.0/8", "::1/128"].map(parseNetwork);

/**
 * Whether a `--bind` address is local to this machine.
 *
 * @param bind An address, a name, or the path of a Unix socket; `undefined` for all interfaces.
 * @returns `true` for `localhost`, loopback addresses in IPv4, IPv6 and IPv4-mapped form,
 * and paths. Any other name may resolve to any address.
 *
 * @example A name that only resembles localhost
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isLoopback("127.0.0.1"));
 * assertFalse(isLoopback("localhost.example"));
 * ```
 */
export function isLoopback(bind: string | undefined): boolean {
  if (bind === undefined) return false;
  if (bind.includes("/") || /^localhost\.?$/i.test(bind)) return true;
  const address = parseAddress(bind);
  return address !== undefined &&
    LOOPBACK.some((network) => isInNetwork(address, network));
}
