// The value of the Host field (RFC 9110 §7.2). Programs that read different hosts from one
// value would route a request differently, so it must match the grammar of RFC 3986 §3.2.2.
// The name need not exist.

/** A name or an IPv4 address, and an optional port. Names are `*( unreserved / pct-encoded / sub-delims )`. */
const NAMED =
  /^[0-9A-Za-z.\-_~!$&'()*+,;=]*(?:%[0-9A-Fa-f]{2}[0-9A-Za-z.\-_~!$&'()*+,;=]*)*(?::[0-9]*)?$/;

/** An address in brackets, and an optional port. */
const BRACKETED = /^\[([^\]]*)\](?::[0-9]*)?$/;

/** An address of a future IP version. */
const FUTURE = /^[vV][0-9A-Fa-f]+\.[0-9A-Za-z.\-_~!$&'()*+,;=:]+$/;

const GROUP = /^[0-9A-Fa-f]{1,4}$/;

const IPV4 =
  /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;

/** The number of 16-bit groups of an IPv6 address. */
const GROUPS = 8;

/**
 * Whether text matches `uri-host [ ":" port ]`. The host may be empty.
 *
 * @param text The value of a Host field.
 * @returns Whether it matches.
 */
export function isHost(text: string): boolean {
  if (!text.startsWith("[")) return NAMED.test(text);
  const address = BRACKETED.exec(text)?.[1];
  return address !== undefined && (FUTURE.test(address) || isIpv6(address));
}

/** Whether text is an IPv6 address. Clients must not send a zone. */
function isIpv6(text: string): boolean {
  const [before = "", after, ...more] = text.split("::");
  if (more.length > 0) return false;
  if (after === undefined) return countGroups(before, true) === GROUPS;
  // "::" replaces at least one group.
  return countGroups(before, false) + countGroups(after, true) < GROUPS;
}

/** Counts the 16-bit groups in a part of an IPv6 address; more than `GROUPS` if it is malformed. */
function countGroups(part: string, last: boolean): number {
  if (part === "") return 0;
  const groups = part.split(":");
  const final = groups.at(-1)!;
  const ipv4 = last && IPV4.test(final);
  if (ipv4) groups.pop();
  if (!groups.every((group) => GROUP.test(group))) return GROUPS + 1;
  return groups.length + (ipv4 ? 2 : 0);
}
