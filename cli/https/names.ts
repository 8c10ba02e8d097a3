// Decides which names and addresses a certificate has, and which ones the authority may sign. Pure.

import {
  isInNetwork,
  parseAddress,
  parseNetwork,
} from "../../text/ip_address.ts";
import { formatAddress } from "./certificate_facts.ts";
import type { Names, Permitted } from "./x509.ts";

/** What decides on the names of this machine's server. */
export interface Machine {
  /** The host name; empty if it is unknown. */
  readonly hostName: string;
  /** The address of `--bind`. */
  readonly bind: string | undefined;
  /** The names of `--host` and `--mount`. */
  readonly hosts: readonly string[];
  /** The addresses in local networks. */
  readonly addresses: readonly string[];
}

/** The names of a certificate, and those that the authority may not sign. */
export interface Chosen extends Names {
  /** Names that were asked for, but are left out. */
  readonly left: readonly string[];
}

/** Domains that are reserved for local use, so that no site of the internet has such a name. */
const LOCAL_DOMAINS = [
  "localhost",
  "local", // RFC 6762 §3
  "test", // RFC 6761 §6.2
  "home.arpa", // RFC 8375
  "internal", // Reserved by ICANN in 2024.
];

/** Networks that no address of the internet is in. */
const LOCAL_NETWORKS = [
  "127.0.0.0/8",
  "10.0.0.0/8", // RFC 1918
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16", // RFC 3927
  "100.64.0.0/10", // RFC 6598
  "::1/128",
  "fc00::/7", // RFC 4193
  "fe80::/10", // RFC 4291 §2.5.6
];

/** The longest name of the DNS (RFC 1035 §2.3.4). */
const MAX_NAME = 253;

/** A part of a name of the DNS, in lower case. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Decides what a new authority may sign: a stolen key must not be good for sites of the internet.
 *
 * @param hostName The name of this machine; empty if it is unknown.
 * @returns The names and networks.
 */
export function permittedFor(hostName: string): Permitted {
  const own = dnsName(hostName);
  const isOwn = own !== undefined && !isLikeTopLevel(own) &&
    !isPermittedName(own, LOCAL_DOMAINS);
  return {
    dns: [...LOCAL_DOMAINS, ...isOwn ? [own] : []],
    networks: LOCAL_NETWORKS,
  };
}

/**
 * Chooses the names of a certificate.
 *
 * @param machine The names and addresses of the machine and of the options.
 * @param permitted What the authority may sign; `undefined` for everything.
 * @returns The names, without duplicates, in a fixed order.
 */
export function namesFor(
  { hostName, bind, hosts, addresses }: Machine,
  permitted: Permitted | undefined,
): Chosen {
  const own = dnsName(hostName);
  const [label] = own?.split(".") ?? [];
  const asked = [...hosts, ...isWildcardAddress(bind) ? [] : [bind!]];
  const names = [
    "localhost",
    ...own === undefined ? [] : [own, `${label}.local`],
    ...asked,
  ].filter((name) => !isIp(name));
  const ips = ["127.0.0.1", "::1", ...addresses, ...asked].filter(isIp)
    .map(canonical);
  const isPermitted = (text: string) =>
    isIp(text)
      ? isPermittedAddress(text, permitted?.networks)
      : dnsName(text) !== undefined &&
        isPermittedName(dnsName(text)!, permitted?.dns);
  return {
    dns: [...new Set(names.filter(isPermitted).map((text) => dnsName(text)!))],
    addresses: [...new Set(ips.filter(isPermitted))].toSorted(),
    left: [...new Set(asked)].filter((text) => !isPermitted(text)),
  };
}

/**
 * Whether two certificates have the same names.
 *
 * @param a The names of one.
 * @param b Those of the other one.
 * @returns Whether they are equal, in any order.
 */
export function sameNames(a: Names, b: Names): boolean {
  return namesKey(a) === namesKey(b);
}

/**
 * A text that is the same for the same names.
 *
 * @param names The names.
 * @returns The text.
 */
export function namesKey({ dns, addresses }: Names): string {
  return [...dns, ...addresses].toSorted().join(" ");
}

/** A name in the form that certificates have; `undefined` for other text, such as `*.app.test`. */
function dnsName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, "");
  const isName = name.length <= MAX_NAME &&
    name.split(".").every((label) => LABEL.test(label));
  return isName && !isIp(name) ? name : undefined;
}

/**
 * Whether a name might be a top-level domain, now or later: one word of letters, such as "dev".
 * An authority for it could sign every site of that domain.
 */
function isLikeTopLevel(name: string): boolean {
  return /^(?:[a-z]+|xn--.*)$/.test(name);
}

function isPermittedName(
  name: string,
  domains: readonly string[] | undefined,
): boolean {
  return domains === undefined ||
    domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

function isPermittedAddress(
  text: string,
  networks: readonly string[] | undefined,
): boolean {
  const address = parseAddress(text)!;
  return networks === undefined ||
    networks.some((network) =>
      network.includes(":") === text.includes(":") &&
      isInNetwork(address, parseNetwork(network))
    );
}

function isIp(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/** One spelling of an address, without a zone. */
function canonical(text: string): string {
  const bytes = parseAddress(text)!;
  return formatAddress(
    new Uint8Array(text.includes(":") ? bytes : bytes.slice(12)),
  );
}

function isWildcardAddress(bind: string | undefined): boolean {
  return bind === undefined || bind === "" || bind === "::" ||
    bind === "0.0.0.0";
}
