// The hosts that a server serves. Any web page can resolve its own name to 127.0.0.1 (DNS
// rebinding) and would then have the same origin as the files here. The Host field still
// has that name, so names that are not allowed are rejected. Addresses need no check,
// since they can't be rebound.

const LABELS =
  /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const PORT = /:\d{0,5}$/;

/** The longest name (RFC 1035 §2.3.4), plus a port and brackets. */
const MAX_LENGTH = 253 + 10;

/**
 * Makes a function that decides whether a server serves a host.
 *
 * Addresses, `localhost` and its subdomains are always served, and so is a request without
 * a Host field, which no browser sends. The port is ignored.
 *
 * @param hosts Further names to serve: `example.test`, or `*.example.test` for its subdomains. Default: none.
 * @returns A function that takes a Host field's value, `null` if it is absent.
 * @throws {TypeError} A name is malformed.
 *
 * @example One name, and the subdomains of another
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const servesHost = compileHosts(["box.test", "*.lan.test"]);
 * assert(servesHost("box.test:8000"));
 * assert(servesHost("tv.lan.test"));
 * assert(servesHost("[::1]:8000"));
 * assertFalse(servesHost("evil.test:8000"));
 * ```
 */
export function compileHosts(
  hosts: readonly string[] = [],
): (host: string | null) => boolean {
  const names = new Set(["localhost"]);
  const suffixes = [".localhost"];
  for (const host of hosts) {
    const name = host.toLowerCase().replace(/\.$/, "");
    const isPattern = name.startsWith("*.");
    if (!LABELS.test(isPattern ? name.slice(2) : name)) {
      throw new TypeError(
        `Cannot serve the host ${
          JSON.stringify(host)
        }: it must be a name, or a pattern such as *.example.test`,
      );
    }
    if (isPattern) suffixes.push(name.slice(1));
    else names.add(name);
  }
  return (host) => {
    if (host === null) return true;
    const name = hostName(host);
    if (name === undefined) return false;
    return isAddress(name) || names.has(name) ||
      suffixes.some((suffix) => name.endsWith(suffix));
  };
}

/**
 * Returns the name in a Host field.
 *
 * @param value The value of the field.
 * @returns The name in lower case, without a port; `undefined` if it is malformed.
 *
 * @example Case, a port, and the dot at the end of a full name
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hostName("Box.Test.:8000"), "box.test");
 * assertEquals(hostName("a b"), undefined);
 * ```
 */
export function hostName(value: string): string | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  // A trailing dot (FQDN) is equivalent.
  const name = value.toLowerCase().replace(PORT, "").replace(/\.$/, "");
  return LABELS.test(name) || IPV6.test(name) ? name : undefined;
}

/** Browsers normalize every IPv4 address to this form, for example `127.1`. */
function isAddress(name: string): boolean {
  return name.startsWith("[") || IPV4.test(name);
}
