// Reads the parts of a certificate (RFC 5280 §4.1) that decide whether it can be used again. Pure.

import { DerReader, type DerValue } from "../../server/der.ts";
import type { Names, Permitted } from "./x509.ts";

/** The parts of a certificate. */
export interface CertificateFacts {
  /** The encoded name of the authority. */
  readonly issuer: Uint8Array;
  /** The encoded name of the owner. */
  readonly subject: Uint8Array;
  /** The owner's common name; empty for a certificate without one. */
  readonly commonName: string;
  /** The encoded public key (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array;
  /** The algorithm of the public key; with its curve if it has one. */
  readonly keyKind: string;
  /** The first moment at which it is valid, in milliseconds since 1970. */
  readonly from: number;
  /** The last one. */
  readonly to: number;
  /** The identifier of the public key, if there is one. */
  readonly keyId: Uint8Array | undefined;
  /** The identifier of the authority's public key, if there is one. */
  readonly issuerKeyId: Uint8Array | undefined;
  /** The alternative names. */
  readonly names: Names;
  /** What an authority may sign; `undefined` for everything. */
  readonly permitted: Permitted | undefined;
}

/** Identifier octets. */
const TRUE_OR_FALSE = 0x01;
const INTEGER = 0x02;
const UTC_TIME = 0x17;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS = 0x82;
const ADDRESS = 0x87;

const COMMON_NAME = "2.5.4.3";

/**
 * Reads a certificate.
 *
 * @param der The certificate.
 * @returns Its parts.
 * @throws {SyntaxError} If it is malformed.
 */
export function readFacts(der: Uint8Array): CertificateFacts {
  const outer = new DerReader(der);
  const part = outer.sequence().sequence();
  outer.end();
  part.optional(VERSION);
  if (part.any().type !== INTEGER) throw malformed();
  // The algorithm of the signature.
  part.sequence();
  const issuer = part.any().encoded;
  const validity = part.sequence();
  const [from, to] = [readTime(validity.any()), readTime(validity.any())];
  const subject = part.any().encoded;
  const publicKey = part.any().encoded;
  const extensions = readExtensions(part.optional(EXTENSIONS));
  const find = (id: string) => extensions.get(id);
  const keyId = find("2.5.29.14");
  const issuerKeyId = find("2.5.29.35");
  const permitted = find("2.5.29.30");
  return {
    issuer,
    subject,
    commonName: readCommonName(subject),
    publicKey,
    keyKind: readKeyKind(publicKey),
    from,
    to,
    keyId: keyId && new DerReader(keyId).octets(),
    issuerKeyId: issuerKeyId &&
      new DerReader(issuerKeyId).sequence().optional(0x80)?.content,
    names: readNames(find("2.5.29.17")),
    permitted: permitted && readPermitted(permitted),
  };
}

/**
 * The bits of a public key, without its algorithm.
 *
 * @param publicKey The encoded public key (SubjectPublicKeyInfo).
 * @returns The bits.
 */
export function keyBits(publicKey: Uint8Array): Uint8Array {
  const reader = new DerReader(publicKey).sequence();
  reader.sequence();
  return reader.any().content.subarray(1);
}

/** Reads a time: YYMMDDHHMMSSZ, or with four digits of the year. */
function readTime({ type, content }: DerValue): number {
  const text = String.fromCharCode(...content);
  const short = type === UTC_TIME;
  const found = /^(\d{2,4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (found === null || found[1]!.length !== (short ? 2 : 4)) {
    throw malformed();
  }
  const [year = 0, month = 0, ...rest] = found.slice(1).map(Number);
  // RFC 5280 §4.1.2.5.1: 50 is 1950, 49 is 2049.
  const century = !short ? 0 : year < 50 ? 2000 : 1900;
  const [day, hour, minute, second] = rest;
  return Date.UTC(century + year, month - 1, day, hour, minute, second);
}

/** Reads the contents of the extensions, by their object identifiers. */
function readExtensions(tagged: DerValue | undefined): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  if (tagged === undefined) return found;
  const all = new DerReader(tagged.content).sequence();
  while (!all.isAtEnd()) {
    const each = all.sequence();
    const id = each.identifier();
    each.optional(TRUE_OR_FALSE);
    found.set(id, each.octets());
  }
  return found;
}

function readCommonName(name: Uint8Array): string {
  const sets = new DerReader(name).sequence();
  let found = "";
  while (!sets.isAtEnd()) {
    const attribute = new DerReader(sets.any().content).sequence();
    const id = attribute.identifier();
    const { content } = attribute.any();
    if (id === COMMON_NAME) found = new TextDecoder().decode(content);
  }
  return found;
}

function readKeyKind(publicKey: Uint8Array): string {
  const algorithm = new DerReader(publicKey).sequence().sequence();
  const id = algorithm.identifier();
  // The parameters of an elliptic curve are its name; those of RSA are NULL.
  return id === "1.2.840.10045.2.1" ? `${id} ${algorithm.identifier()}` : id;
}

function readNames(extension: Uint8Array | undefined): Names {
  const dns: string[] = [];
  const addresses: string[] = [];
  if (extension === undefined) return { dns, addresses };
  const all = new DerReader(extension).sequence();
  while (!all.isAtEnd()) {
    const { type, content } = all.any();
    if (type === DNS) dns.push(String.fromCharCode(...content));
    if (type === ADDRESS) addresses.push(formatAddress(content));
  }
  return { dns, addresses };
}

function readPermitted(extension: Uint8Array): Permitted {
  const dns: string[] = [];
  const networks: string[] = [];
  const subtrees = new DerReader(extension).sequence().optional(0xa0);
  const all = new DerReader(subtrees?.content ?? new Uint8Array());
  while (!all.isAtEnd()) {
    const { type, content } = all.sequence().any();
    if (type === DNS) dns.push(String.fromCharCode(...content));
    if (type === ADDRESS) networks.push(formatNetwork(content));
  }
  return { dns, networks };
}

/**
 * Formats an address.
 *
 * @param octets Its 4 or 16 octets.
 * @returns The text; IPv6 addresses in their shortest form (RFC 5952).
 */
export function formatAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  if (octets.length !== 16) throw malformed();
  const groups = Array.from(
    { length: 8 },
    (_, at) => (octets[2 * at]! << 8 | octets[2 * at + 1]!).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function formatNetwork(octets: Uint8Array): string {
  const half = octets.length / 2;
  const mask = octets.subarray(half);
  const bits = [...mask].map((octet) => octet.toString(2).padStart(8, "0"));
  const length = bits.join("").lastIndexOf("1") + 1;
  return `${formatAddress(octets.subarray(0, half))}/${length}`;
}

function malformed(): SyntaxError {
  return new SyntaxError("Cannot read the certificate: it is malformed");
}
