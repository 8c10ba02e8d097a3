// Who a request comes from if it has come through proxies. Each proxy adds to
// X-Forwarded-For whom it was asked by; what stands before that was written by someone
// else, and may be a lie. So the list is read from its end, and no further than the
// proxies that are trusted.

import { trimOws } from "../../../parser/syntax.ts";
import {
  isInNetwork,
  type Network,
  parseAddress,
  parseNetwork,
} from "../../../text/ip_address.ts";

/** The address of a client that came through a Unix socket, and how to trust it. */
const UNIX = "unix:";

/** What a Unix socket is as safe as: only processes of this machine reach it. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"];

/** More proxies than any request goes through; a longer list is looked at no further. */
const MAX_PROXIES = 32;

/**
 * Makes a function that finds the address a request comes from.
 *
 * @param trusted The addresses and networks of the proxies to believe, such as `127.0.0.1`
 * or `10.0.0.0/8`. `unix:` is a proxy that connects through a Unix socket; it is also
 * trusted if one on this machine is.
 * @returns A function of the address of the connection and the value of X-Forwarded-For,
 * lines joined by commas, `null` where it is absent. It gives the last address in the
 * list that is not a trusted one; that of the connection if it is not trusted itself. A
 * list is believed up to what is no address in it.
 * @throws {TypeError} One of them is malformed.
 *
 * @example A proxy on the same machine, and a client that lies
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

/** Without the port and the brackets that some proxies write. */
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
