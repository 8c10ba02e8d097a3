// The client's address behind proxies. Each proxy appends its client's address to
// X-Forwarded-For. Earlier entries come from others and may be forged, so the list is read
// from the end, only as far as the proxies are trusted.

import { trimOws } from "../../../parser/syntax.ts";
import {
  isInNetwork,
  type Network,
  parseAddress,
  parseNetwork,
} from "../../../text/ip_address.ts";

/** The address of a peer on a Unix socket, and the option that trusts it. */
const UNIX = "unix:";

/** A Unix socket is trusted like these: only local processes can connect to it. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"];

/** The longest chain of proxies that is followed. */
const MAX_PROXIES = 32;

/**
 * Makes a function that determines a request's client address.
 *
 * @param trusted The addresses and networks of trusted proxies, such as `127.0.0.1` or
 * `10.0.0.0/8`. `unix:` is a proxy that connects through a Unix socket; it is also trusted
 * if a loopback address is.
 * @returns A function that takes the connection's peer address and the value of
 * X-Forwarded-For (its lines joined by commas, or `null`). It returns the last address in
 * the list that is not a trusted proxy, or the peer address if the peer is not trusted.
 * The list is read up to the first entry that is not an address.
 * @throws {TypeError} An address or network is malformed.
 *
 * @example A proxy on the same machine, and a client that forges the field
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const clientOf = compileTrust(["127.0.0.1"]);
 * assertEquals(clientOf("127.0.0.1", "1.1.1.1, 203.0.113.9"), "203.0.113.9");
 * assertEquals(clientOf("203.0.113.9", "1.1.1.1"), "203.0.113.9");
 * ```
 */
export function compileTrust(
  trusted: readonly string[],
): (peer: string, forwarded: string | null) => string {
  const networks = trusted.filter((name) => name !== UNIX).map(parseNetwork);
  const trustsUnix = trusted.includes(UNIX) ||
    LOOPBACK.some((address) => isTrusted(address, networks));
  return (peer, forwarded) => {
    if (forwarded === null) return peer;
    if (peer === UNIX && !trustsUnix) return peer;
    let client = peer;
    let end = forwarded.length;
    for (let hop = 0; hop < MAX_PROXIES && end >= 0; hop++) {
      if (client !== UNIX && !isTrusted(client, networks)) return client;
      const comma = end === 0 ? -1 : forwarded.lastIndexOf(",", end - 1);
      const next = bareAddress(trimOws(forwarded, comma + 1, end));
      if (parseAddress(next) === undefined) return client;
      client = next;
      end = comma;
    }
    return client;
  };
}

function isTrusted(address: string, networks: readonly Network[]): boolean {
  const bytes = parseAddress(address);
  return bytes !== undefined &&
    networks.some((network) => isInNetwork(bytes, network));
}

/** Removes the port and the brackets that some proxies write. */
function bareAddress(text: string): string {
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    return end < 0 ? text : text.slice(1, end);
  }
  const colon = text.indexOf(":");
  return colon >= 0 && colon === text.lastIndexOf(":")
    ? text.slice(0, colon)
    : text;
}
