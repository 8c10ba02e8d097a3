// Builds certificates (RFC 5280): an authority that can only sign names of this machine and of local
// networks, and certificates for servers. Pure: the caller signs, and brings keys, numbers and times.

import { parseAddress } from "../../text/ip_address.ts";
import {
  bits,
  type Der,
  identifier,
  octets,
  sequence,
  set,
  tagged,
  time,
  unsigned,
  utf8,
  value,
  yes,
} from "./der_writer.ts";

/** The algorithms that certificates are signed with. */
export type SignatureKind = "ecdsa" | "rsa";

/** Names and addresses. */
export interface Names {
  /** DNS names. */
  readonly dns: readonly string[];
  /** IP addresses. */
  readonly addresses: readonly string[];
}

/** The names and networks that an authority may sign. */
export interface Permitted {
  /** DNS names; their subdomains are permitted too. */
  readonly dns: readonly string[];
  /** Networks in CIDR notation. */
  readonly networks: readonly string[];
}

/** What both kinds of certificates consist of. */
export interface CertificateParts {
  /** The serial number: random octets. */
  readonly serial: Uint8Array;
  /** How it will be signed. */
  readonly signature: SignatureKind;
  /** The encoded name of the authority. */
  readonly issuer: Uint8Array;
  /** The encoded name of the owner. */
  readonly subject: Uint8Array;
  /** The encoded public key (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array;
  /** The identifier of the public key. */
  readonly keyId: Uint8Array;
  /** The identifier of the authority's public key. */
  readonly issuerKeyId: Uint8Array;
  /** The first moment at which it is valid, in milliseconds since 1970. */
  readonly from: number;
  /** The last one. */
  readonly to: number;
}

/** Object identifiers of extensions (RFC 5280 §4.2). */
const KEY_ID = "2.5.29.14";
const KEY_USAGE = "2.5.29.15";
const ALTERNATIVE_NAMES = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const NAME_CONSTRAINTS = "2.5.29.30";
const ISSUER_KEY_ID = "2.5.29.35";
const EXTENDED_KEY_USAGE = "2.5.29.37";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const ECDSA_SHA256 = "1.2.840.10045.4.3.2";
const RSA_SHA256 = "1.2.840.113549.1.1.11";

/** Bits of KeyUsage (RFC 5280 §4.2.1.3). */
const DIGITAL_SIGNATURE = 0x80;
const CERT_AND_CRL_SIGN = 0x06;

/** Tags of GeneralName (RFC 5280 §4.2.1.6). */
const DNS = 2;
const ADDRESS = 7;

/**
 * Encodes the name of an owner.
 *
 * @param commonName The common name, of at most 64 characters.
 * @returns The encoding.
 */
export function nameOf(commonName: string): Der {
  const attribute = (type: string, text: string) =>
    set(sequence(identifier(type), utf8(text)));
  return sequence(
    attribute("2.5.4.10", "httpserver"),
    attribute("2.5.4.3", commonName),
  );
}

/**
 * Builds the part of an authority's certificate that is signed.
 *
 * @param parts The parts.
 * @param permitted What the authority may sign.
 * @returns The encoding.
 */
export function authorityToSign(
  parts: CertificateParts,
  permitted: Permitted,
): Der {
  return toSign(parts, [
    // No further authorities below it.
    extension(BASIC_CONSTRAINTS, true, sequence(yes(), unsigned(BYTE_ZERO))),
    extension(KEY_USAGE, true, usage(CERT_AND_CRL_SIGN)),
    extension(EXTENDED_KEY_USAGE, false, sequence(identifier(SERVER_AUTH))),
    extension(NAME_CONSTRAINTS, true, constraints(permitted)),
  ]);
}

/**
 * Builds the part of a server's certificate that is signed.
 *
 * @param parts The parts.
 * @param names The names and addresses of the server.
 * @returns The encoding.
 */
export function leafToSign(parts: CertificateParts, names: Names): Der {
  return toSign(parts, [
    extension(BASIC_CONSTRAINTS, true, sequence()),
    extension(KEY_USAGE, true, usage(DIGITAL_SIGNATURE)),
    extension(EXTENDED_KEY_USAGE, false, sequence(identifier(SERVER_AUTH))),
    extension(
      ALTERNATIVE_NAMES,
      false,
      sequence(
        ...names.dns.map((name) => tagged(DNS, false, ascii(name))),
        ...names.addresses.map((text) =>
          tagged(ADDRESS, false, addressOctets(text))
        ),
      ),
    ),
  ]);
}

/**
 * Completes a certificate.
 *
 * @param part The part that was signed.
 * @param kind How it was signed.
 * @param signature The signature as WebCrypto returns it.
 * @returns The certificate.
 */
export function signedCertificate(
  part: Uint8Array,
  kind: SignatureKind,
  signature: Uint8Array,
): Der {
  const half = signature.length / 2;
  const encoded = kind === "rsa" ? signature : sequence(
    unsigned(signature.subarray(0, half)),
    unsigned(signature.subarray(half)),
  );
  return sequence(part, algorithm(kind), bits(encoded));
}

const BYTE_ZERO = new Uint8Array(1);

function toSign(parts: CertificateParts, extensions: readonly Der[]): Der {
  const { serial, signature, issuer, subject, publicKey, from, to } = parts;
  const all = [
    ...extensions,
    extension(KEY_ID, false, octets(parts.keyId)),
    extension(
      ISSUER_KEY_ID,
      false,
      sequence(tagged(0, false, parts.issuerKeyId)),
    ),
  ];
  return sequence(
    // Version 3.
    tagged(0, true, value(0x02, new Uint8Array([2]))),
    unsigned(serial),
    algorithm(signature),
    issuer,
    sequence(time(from), time(to)),
    subject,
    publicKey,
    tagged(3, true, sequence(...all)),
  );
}

function algorithm(kind: SignatureKind): Der {
  // RSA has a NULL as its parameters (RFC 4055 §5), ECDSA has none (RFC 5758 §3.2).
  return kind === "rsa"
    ? sequence(identifier(RSA_SHA256), value(0x05))
    : sequence(identifier(ECDSA_SHA256));
}

function extension(id: string, critical: boolean, content: Der): Der {
  const flag = critical ? [yes()] : [];
  return sequence(identifier(id), ...flag, octets(content));
}

function usage(flags: number): Der {
  // DER omits the zero bits at the end (X.690 §11.2.2).
  const unused = 31 - Math.clz32(flags & -flags);
  return bits(new Uint8Array([flags]), unused);
}

function constraints({ dns, networks }: Permitted): Der {
  const names = [
    ...dns.map((name) => tagged(DNS, false, ascii(name))),
    ...networks.map((text) => tagged(ADDRESS, false, networkOctets(text))),
  ];
  return sequence(tagged(0, true, ...names.map((name) => sequence(name))));
}

/** The 4 or 16 octets of an address. */
function addressOctets(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes === undefined) {
    throw new TypeError(`Cannot certify ${text}: it is not an address`);
  }
  return new Uint8Array(text.includes(":") ? bytes : bytes.slice(12));
}

/** The octets of an address, and as many of its mask (RFC 5280 §4.2.1.10). */
function networkOctets(text: string): Uint8Array {
  const [address = "", length = ""] = text.split("/");
  const octets = addressOctets(address);
  const mask = octets.map((_, at) => {
    const ones = Math.min(Math.max(Number(length) - at * 8, 0), 8);
    return 0xff00 >> ones & 0xff;
  });
  return new Uint8Array([...octets, ...mask]);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
