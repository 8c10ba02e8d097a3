// The hosts that only this network knows. A web page can resolve its own name to this machine (DNS
// rebinding), but not a name that isn't in the public DNS. Pure.

import { compileHosts } from "./host_allow.ts";

/** Top-level names that are never in the public DNS (RFC 6761, RFC 6762, RFC 8375), and ICANN's for private use. */
const PRIVATE = ["home.arpa", "internal", "local", "localhost", "test"];

/**
 * Makes a function that decides whether a host is of this network.
 *
 * @param hosts Further names.
 * @returns A function that takes a Host field's value: `true` for addresses, names without a dot,
 * names of local networks, and the further names.
 */
export function compileLocalHosts(
  hosts: readonly string[],
): (host: string | null) => boolean {
  const isNamed = compileHosts([
    ...hosts,
    ...PRIVATE.map((name) => `*.${name}`),
  ]);
  return (host) =>
    isNamed(host) || /^[a-z0-9_-]{1,63}(?::\d{0,5})?$/i.test(host!);
}
