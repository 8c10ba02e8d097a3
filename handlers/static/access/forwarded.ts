// The client's address behind proxies, and the scheme and host that it used. Each proxy appends
// its client's address to X-Forwarded-For. Earlier entries come from others and may be forged, so the list is read
// from the end, only as far as the proxies are trusted.

import { isHost } from "../../../parser/host.ts";
import { trimOws } from "../../../parser/syntax.ts";
import {
  isInNetwork,
  type Network,
  parseAddress,
  parseNetwork,
} from "../../../text/ip_address.ts";

/** The address of a peer on a Unix socket, and the option that trusts it. */
const UNIX = "unix:";

/** A Unix socket counts like these: only local processes can connect to it. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"];

/** What `localhost` is in a list of allowed clients. */
const LOCALHOST: readonly string[] = ["127.0.0.0/8", "::1"];

/** The longest chain of proxies that is followed. */
const MAX_PROXIES = 32;

/** The way of a request through trusted proxies. */
export interface Chain {
  /** The client's address: the last one that is not a trusted proxy. */
  readonly client: string;
  /** How many trusted proxies the request passed; 0 if the peer is not trusted. */
  readonly proxies: number;
}

/**
 * Makes a function that follows a request back through trusted proxies.
 *
 * @param trusted The addresses and networks of trusted proxies, such as `127.0.0.1` or
 * `10.0.0.0/8`. `unix:` is a proxy that connects through a Unix socket; it is also trusted
 * if a loopback address is.
 * @returns A function that takes the connection's peer address and the value of
 * X-Forwarded-For (its lines joined by commas, or `null`). The list is read from its end, up
 * to the first entry that is not an address.
 * @throws {TypeError} An address or network is malformed.
 *
 * @example A proxy on the same machine, and a client that forges the field
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const follow = compileChain(["127.0.0.1"]);
 * assertEquals(follow("127.0.0.1", "1.1.1.1, 203.0.113.9"), {
 *   client: "203.0.113.9",
 *   proxies: 1,
 * });
 * assertEquals(follow("203.0.113.9", "1.1.1.1"), {
 *   client: "203.0.113.9",
 *   proxies: 0,
 * });
 * ```
 */
export function compileChain(
  trusted: readonly string[],
): (peer: string, forwarded: string | null) => Chain {
  const isTrusted = compileList(trusted);
  return (peer, forwarded) => {
    let client = peer;
    let end = forwarded?.length ?? -1;
    for (let proxies = 0;; proxies++) {
      if (!isTrusted(client) || proxies === MAX_PROXIES) {
        return { client, proxies };
      }
      if (forwarded === null || end < 0) {
        return { client, proxies: proxies + 1 };
      }
      const comma = end === 0 ? -1 : forwarded.lastIndexOf(",", end - 1);
      const next = bareAddress(trimOws(forwarded, comma + 1, end));
      if (parseAddress(next) === undefined) {
        return { client, proxies: proxies + 1 };
      }
      client = next;
      end = comma;
    }
  };
}

/**
 * Makes a function that determines a request's client address.
 *
 * @param trusted As for `compileChain()`.
 * @returns As `compileChain()`, for the address alone.
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
  const follow = compileChain(trusted);
  return (peer, forwarded) => follow(peer, forwarded).client;
}

/**
 * Makes a function that decides whether a client may come in.
 *
 * @param allowed Addresses and networks, such as `192.168.0.0/16`. `localhost` is this machine,
 * and `unix:` is a client that connects through a Unix socket; it is also allowed if a loopback
 * address is.
 * @returns A function that takes the client's address.
 * @throws {TypeError} An address or network is malformed, or has a zone.
 *
 * @example The machines of a network
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const isAllowed = compileAllow(["192.168.0.0/16", "fd00::/8"]);
 * assert(isAllowed("::ffff:192.168.1.5"));
 * assertFalse(isAllowed("127.0.0.1"));
 * ```
 */
export function compileAllow(
  allowed: readonly string[],
): (client: string) => boolean {
  const zoned = allowed.find((name) => name.includes("%"));
  if (zoned !== undefined) {
    throw new TypeError(
      `Cannot allow ${
        JSON.stringify(zoned)
      }: remove the zone, which the addresses of clients don't have`,
    );
  }
  const isListed = compileList(
    allowed.flatMap((name) => name === "localhost" ? LOCALHOST : [name]),
  );
  // The requests of a connection have the same address.
  let last = { client: "", isAllowed: false };
  return (client) => {
    if (client !== last.client) {
      last = { client, isAllowed: isListed(client) };
    }
    return last.isAllowed;
  };
}

/**
 * Reads the scheme that the client used, from X-Forwarded-Proto.
 *
 * @param value The value of the field, its lines joined by commas; `null` if it is absent.
 * @param proxies How many trusted proxies the request passed.
 * @returns The scheme; `undefined` if no trusted proxy reported a valid one.
 *
 * @example One proxy that appends to what the client has forged
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(forwardedScheme("http, https", 1), "https");
 * assertEquals(forwardedScheme("https", 0), undefined);
 * ```
 */
export function forwardedScheme(
  value: string | null,
  proxies: number,
): "http" | "https" | undefined {
  const scheme = entryOf(value, proxies)?.toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : undefined;
}

/**
 * Reads the host that the client asked for, from X-Forwarded-Host.
 *
 * @param value As for `forwardedScheme()`.
 * @param proxies As for `forwardedScheme()`.
 * @returns The host with its port, if it has one; `undefined` if no trusted proxy reported a
 * valid one.
 */
export function forwardedHost(
  value: string | null,
  proxies: number,
): string | undefined {
  const host = entryOf(value, proxies);
  return host !== undefined && host !== "" && isHost(host) ? host : undefined;
}

/**
 * Returns what the outermost trusted proxy wrote. Proxies that append leave its entry as far
 * from the end as it is away; the others leave one entry.
 */
function entryOf(value: string | null, proxies: number): string | undefined {
  if (value === null || proxies === 0) return undefined;
  let end = value.length;
  for (let left = proxies; left > 1; left--) {
    const comma = end === 0 ? -1 : value.lastIndexOf(",", end - 1);
    if (comma < 0) break;
    end = comma;
  }
  const start = end === 0 ? 0 : value.lastIndexOf(",", end - 1) + 1;
  return trimOws(value, start, end);
}

/** Makes a function that decides whether an address is in a list. */
function compileList(list: readonly string[]): (address: string) => boolean {
  const networks = list.filter((name) => name !== UNIX).map(parseNetwork);
  const hasUnix = list.includes(UNIX) ||
    LOOPBACK.some((address) => isInAny(address, networks));
  return (address) => address === UNIX ? hasUnix : isInAny(address, networks);
}

function isInAny(address: string, networks: readonly Network[]): boolean {
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
