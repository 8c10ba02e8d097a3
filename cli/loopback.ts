// Whether an address can be reached from this machine alone.

import { isInNetwork, parseAddress, parseNetwork } from "../text/ip_address.ts";

const LOOPBACK = ["127.0.0.0/8", "::1/128"].map(parseNetwork);

/**
 * Tells whether what `--bind` names is this machine alone.
 *
 * @param bind An address, a name, or the path of a Unix socket; `undefined` for all interfaces.
 * @returns `true` for `localhost`, the loopback addresses of IPv4 and IPv6, IPv4's within
 * IPv6, and paths. Any other name may lead anywhere, whatever it looks like.
 *
 * @example A name that only begins like one of this machine
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
