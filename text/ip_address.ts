// IP addresses and networks as bytes. Loading `node:net` would slow down each start of the
// program.

/** An address as 16 bytes; an IPv4 address is mapped into IPv6 (RFC 4291 §2.5.5.2). */
export type AddressBytes = readonly number[];

/** All addresses with the same prefix. */
export interface Network {
  /** An address in the network. */
  readonly address: AddressBytes;
  /** The length of the prefix in bits, 0 to 128. */
  readonly bits: number;
}

const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** No address is longer, even with a zone. */
const MAX_LENGTH = 64;

/**
 * Parses an IP address.
 *
 * @param text The address, without brackets and port. A zone (`%eth0`) is ignored.
 * @returns The bytes, or `undefined` if the text is not an address. Leading zeros, which
 * some parsers read as octal, are rejected.
 *
 * @example IPv4 and IPv6
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseAddress("1.2.3.4"), parseAddress("::ffff:102:304"));
 * assertEquals(parseAddress("1.2.3"), undefined);
 * ```
 */
export function parseAddress(text: string): AddressBytes | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (!text.includes(":")) {
    const octets = parseOctets(text);
    return octets && [...MAPPED, ...octets];
  }
  const [address = ""] = text.split("%", 1);
  const halves = address.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  // "::" replaces at least one group of zeros (RFC 4291 §2.2).
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  // Only the end of an address may be in IPv4 form.
  if (halves[0]!.includes(".")) return undefined;
  const zeros = new Array<number>(16 - head.length - tail.length).fill(0);
  return [...head, ...zeros, ...tail];
}

/**
 * Returns a key for the client with an address: the IPv4 address, or the 64-bit network
 * that a household or machine gets in IPv6.
 *
 * @param address The address.
 * @returns The key; other text is returned unchanged.
 *
 * @example Two addresses of one machine
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(clientNetwork("2001:db8::1"), clientNetwork("2001:db8::ffff:2"));
 * ```
 */
export function clientNetwork(address: string): string {
  // An IPv4 address has only one form.
  if (!address.includes(":")) return address;
  const bytes = parseAddress(address);
  if (bytes === undefined) return address;
  const ipv4 = MAPPED.every((byte, index) => bytes[index] === byte);
  return ipv4 ? bytes.slice(12).join(".") : bytes.slice(0, 8).join(".") + "/64";
}

function parseOctets(text: string): number[] | undefined {
  const words = text.split(".");
  if (words.length !== 4 || !words.every((word) => OCTET.test(word))) {
    return undefined;
  }
  const octets = words.map(Number);
  return octets.every((octet) => octet < 256) ? octets : undefined;
}

/** Parses groups of hexadecimal digits, the last of which may be an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const words = text.split(":");
  for (const [index, word] of words.entries()) {
    const octets = index === words.length - 1 ? parseOctets(word) : undefined;
    if (octets !== undefined) bytes.push(...octets);
    else if (GROUP.test(word)) {
      const value = parseInt(word, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

/**
 * Parses a network in CIDR notation (RFC 4632 §3.1), or a single address.
 *
 * @param text Such as `10.0.0.0/8`, `fd00::/8` or `127.0.0.1`.
 * @returns The network.
 * @throws {TypeError} If the text is neither.
 *
 * @example A network and an address in it
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(isInNetwork(parseAddress("10.1.2.3")!, parseNetwork("10.0.0.0/8")));
 * ```
 */
export function parseNetwork(text: string): Network {
  const slash = text.indexOf("/");
  const written = slash < 0 ? text : text.slice(0, slash);
  const address = parseAddress(written);
  const most = written.includes(":") ? 128 : 32;
  const digits = slash < 0 ? String(most) : text.slice(slash + 1);
  if (address === undefined || !OCTET.test(digits) || Number(digits) > most) {
    throw new TypeError(
      `Cannot read the network ${
        JSON.stringify(text)
      }: it must be an address or address/bits`,
    );
  }
  return { address, bits: Number(digits) + 128 - most };
}

/**
 * Whether an address is in a network.
 *
 * @param address The address.
 * @param network The network.
 * @returns Whether the address has the network's prefix.
 *
 * @example Half of all addresses
 * ```ts
 * import { assertFalse } from "@std/assert";
 *
 * const network = parseNetwork("128.0.0.0/1");
 * assertFalse(isInNetwork(parseAddress("127.0.0.1")!, network));
 * ```
 */
export function isInNetwork(address: AddressBytes, network: Network): boolean {
  const { address: other, bits } = network;
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) {
    if (address[index] !== other[index]) return false;
  }
  const rest = bits & 7;
  if (rest === 0) return true;
  return ((address[whole]! ^ other[whole]!) >> (8 - rest)) === 0;
}
