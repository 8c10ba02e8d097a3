// Which hosts a server answers for. A page anywhere can let its own name lead to
// 127.0.0.1 (DNS rebinding), and would then count as of the same origin as what is served
// there. Its name still stands in the Host field, so names that nobody allowed are
// refused. Addresses need no such care: nobody can let one lead elsewhere.

const LABELS =
  /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const PORT = /:\d{0,5}$/;

/** RFC 1035, 2.3.4: no name is longer; a port and brackets come to it. */
const MAX_LENGTH = 253 + 10;

/**
 * Makes a function that tells whether a server answers for a host.
 *
 * Addresses, `localhost` and names below it are always answered for, and so is a request
 * without a Host field: no browser sends one. The port does not count.
 *
 * @param hosts The names to answer for besides: `example.test`, or `*.example.test` for every name below that one. Default: none.
 * @returns A function of a Host field's value, `null` where it is absent.
 * @throws {TypeError} A name is malformed.
 *
 * @example One name, and those below another
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const answersFor = compileHosts(["box.test", "*.lan.test"]);
 * assert(answersFor("box.test:8000"));
 * assert(answersFor("tv.lan.test"));
 * assert(answersFor("[::1]:8000"));
 * assertFalse(answersFor("evil.test:8000"));
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
        `Cannot answer for the host ${
          JSON.stringify(host)
        }: it is no name and no pattern such as *.example.test`,
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

/** The host of a Host field in lower case, `undefined` where it is malformed. */
function hostName(value: string): string | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  // The dot that ends a full name makes no other one of it.
  const name = value.toLowerCase().replace(PORT, "").replace(/\.$/, "");
  return LABELS.test(name) || IPV6.test(name) ? name : undefined;
}

/** Browsers write every IPv4 address in this one form, `127.1` too. */
function isAddress(name: string): boolean {
  return name.startsWith("[") || IPV4.test(name);
}
