// A certificate authority: made, read from PEM, and signing the certificates of servers.

import {
  type PemBlock,
  pemBlocks,
  pemBytes,
  pemText,
} from "../../server/pem.ts";
import {
  type CertificateFacts,
  keyBits,
  readFacts,
} from "./certificate_facts.ts";
import type { Der } from "./der_writer.ts";
import {
  authorityToSign,
  type CertificateParts,
  leafToSign,
  nameOf,
  type Names,
  type Permitted,
  type SignatureKind,
  signedCertificate,
} from "./x509.ts";

const DAY = 24 * 60 * 60 * 1000;

/** How long an authority is valid: ten years. */
const AUTHORITY_LIFETIME = 3650 * DAY;

/** How long a server's certificate is valid. Some clients refuse more than 398 days. */
export const LEAF_LIFETIME = 397 * DAY;

/** How long before its end a certificate is replaced. */
const RENEWAL = 30 * DAY;

/** How far in the past a certificate begins, for devices whose clocks are slow. */
const CLOCK_SKEW = DAY;

/** The length of a serial number, in bytes. */
const SERIAL_LENGTH = 16;

/** The length of a key's identifier, in bytes. */
const KEY_ID_LENGTH = 20;

/** The most characters of the host name in the name of an authority, which may have 64 in all. */
const MAX_SHOWN_NAME = 30;

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** The kinds of keys that can sign, by `CertificateFacts.keyKind`. */
const KINDS: Readonly<Record<string, SignatureKind>> = {
  "1.2.840.10045.2.1 1.2.840.10045.3.1.7": "ecdsa",
  "1.2.840.113549.1.1.1": "rsa",
};

/** A certificate authority. */
export interface Authority {
  /** Its certificate. */
  readonly certificate: Der;
  /** The parts of the certificate. */
  readonly facts: CertificateFacts;
  /** What its signatures are. */
  readonly kind: SignatureKind;
  /** Its private key (PKCS#8). */
  readonly key: Der;
}

/**
 * Makes an authority.
 *
 * @param hostName The name of this machine, for the authority's name.
 * @param permitted What it may sign.
 * @param now The time, in milliseconds since 1970.
 * @returns The authority.
 */
export async function makeAuthority(
  hostName: string,
  permitted: Permitted,
  now: number,
): Promise<Authority> {
  const pair = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const publicKey = await exported(pair.publicKey, "spki");
  const keyId = await keyIdOf(publicKey);
  // Different keys need different names, or clients try the wrong one.
  const id = hex(keyId.subarray(0, 4));
  const shown = hostName.replace(/[^\w.-]/g, "").slice(0, MAX_SHOWN_NAME);
  const name = nameOf(`httpserver CA ${shown} ${id}`.replace("  ", " "));
  const part = authorityToSign({
    serial: serial(),
    signature: "ecdsa",
    issuer: name,
    subject: name,
    publicKey,
    keyId,
    issuerKeyId: keyId,
    from: wholeSecond(now - CLOCK_SKEW),
    to: wholeSecond(now + AUTHORITY_LIFETIME),
  }, permitted);
  const certificate = await sign(part, "ecdsa", pair.privateKey);
  return {
    certificate,
    facts: readFacts(certificate),
    kind: "ecdsa",
    key: await exported(pair.privateKey, "pkcs8"),
  };
}

/**
 * Reads an authority.
 *
 * @param text PEM with its certificate and its key (PKCS#8).
 * @param now The time, in milliseconds since 1970.
 * @returns The authority.
 * @throws {SyntaxError} If it can't be used; the message says why.
 */
export function readAuthority(text: string, now: number): Authority {
  const certificate = bytesOf(text, "CERTIFICATE");
  const facts = readFacts(certificate);
  const kind = KINDS[facts.keyKind];
  if (kind === undefined) {
    throw new SyntaxError("its key is neither RSA nor ECDSA P-256");
  }
  if (facts.from > now || facts.to - now < RENEWAL) {
    throw new SyntaxError("its certificate has expired, or soon will");
  }
  return { certificate, facts, kind, key: bytesOf(text, "PRIVATE KEY") };
}

/**
 * Formats an authority.
 *
 * @param authority The authority.
 * @returns PEM for `readAuthority()`.
 */
export function authorityText({ certificate, key }: Authority): string {
  return pemOf("CERTIFICATE", certificate) + pemOf("PRIVATE KEY", key);
}

/**
 * Formats a certificate.
 *
 * @param certificate The certificate.
 * @returns PEM.
 */
export function certificateText(certificate: Der): string {
  return pemOf("CERTIFICATE", certificate);
}

/**
 * Issues the certificate of a server, with a new key.
 *
 * @param authority Signs it.
 * @param names The names and addresses of the server.
 * @param now The time, in milliseconds since 1970.
 * @returns PEM with the certificate and its key.
 * @throws {SyntaxError} If the authority's key can't be used, or doesn't match its certificate.
 */
export async function issueLeaf(
  authority: Authority,
  names: Names,
  now: number,
): Promise<string> {
  const { facts, kind } = authority;
  const [signer, pair] = await Promise.all([
    importKey(authority),
    crypto.subtle.generateKey(P256, true, ["sign", "verify"]),
  ]);
  const publicKey = await exported(pair.publicKey, "spki");
  const from = wholeSecond(Math.max(now - CLOCK_SKEW, facts.from));
  const parts: CertificateParts = {
    serial: serial(),
    signature: kind,
    issuer: facts.subject,
    subject: nameOf("localhost"),
    publicKey,
    keyId: await keyIdOf(publicKey),
    issuerKeyId: facts.keyId ?? await keyIdOf(facts.publicKey),
    from,
    // Both ends count (RFC 5280 §4.1.2.5).
    to: Math.min(from + LEAF_LIFETIME - 1000, facts.to),
  };
  const part = leafToSign(parts, names);
  const certificate = await sign(part, kind, signer);
  return pemOf("CERTIFICATE", certificate) +
    pemOf("PRIVATE KEY", await exported(pair.privateKey, "pkcs8"));
}

/**
 * Reads the certificate of a server.
 *
 * @param text PEM with the certificate and its key.
 * @param authority The authority that must have signed it.
 * @param now The time, in milliseconds since 1970.
 * @returns Its names; `undefined` if a new one must be issued.
 */
export function readLeaf(
  text: string,
  authority: Authority,
  now: number,
): Names | undefined {
  try {
    const facts = readFacts(bytesOf(text, "CERTIFICATE"));
    bytesOf(text, "PRIVATE KEY");
    const isSigned = hex(facts.issuer) === hex(authority.facts.subject) &&
      (authority.facts.keyId === undefined ||
        hex(facts.issuerKeyId ?? new Uint8Array()) ===
          hex(authority.facts.keyId));
    const isValid = facts.from <= now && facts.to - now >= RENEWAL;
    return isSigned && isValid ? facts.names : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The fingerprint of a certificate, as browsers show it.
 *
 * @param certificate The certificate.
 * @returns Such as `A1:B2:…`, with 32 bytes.
 */
export async function fingerprint(certificate: Der): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", certificate);
  return hex(new Uint8Array(digest)).toUpperCase().match(/../g)!.join(":");
}

/**
 * Formats bytes in hexadecimal.
 *
 * @param bytes The bytes.
 * @returns Two digits for each.
 */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Imports the key of an authority, and checks that it belongs to the certificate. */
async function importKey(
  { kind, key, facts }: Authority,
): Promise<CryptoKey> {
  const algorithm = kind === "rsa" ? RSA : P256;
  const { subtle } = crypto;
  try {
    const [own, published] = await Promise.all([
      subtle.importKey("pkcs8", key, algorithm, false, ["sign"]),
      subtle.importKey("spki", facts.publicKey.slice(), algorithm, false, [
        "verify",
      ]),
    ]);
    const signature = await subtle.sign(algorithm, own, key);
    if (await subtle.verify(algorithm, published, signature, key)) return own;
  } catch (cause) {
    throw new SyntaxError("its key is malformed", { cause });
  }
  throw new SyntaxError("its key does not match its certificate");
}

async function sign(
  part: Der,
  kind: SignatureKind,
  key: CryptoKey,
): Promise<Der> {
  const signature = await crypto.subtle.sign(
    kind === "rsa" ? RSA : P256,
    key,
    part,
  );
  return signedCertificate(part, kind, new Uint8Array(signature));
}

async function exported(
  key: CryptoKey,
  format: "spki" | "pkcs8",
): Promise<Der> {
  return new Uint8Array(await crypto.subtle.exportKey(format, key));
}

/** The first 160 bits of a hash of the key (RFC 7093 §2). */
async function keyIdOf(publicKey: Uint8Array): Promise<Der> {
  const bits = keyBits(publicKey).slice();
  const digest = await crypto.subtle.digest("SHA-256", bits);
  return new Uint8Array(digest, 0, KEY_ID_LENGTH).slice();
}

/** A random number of 128 bits, positive and never 0 (RFC 5280 §4.1.2.2). */
function serial(): Der {
  const octets = crypto.getRandomValues(new Uint8Array(SERIAL_LENGTH));
  octets[0] = octets[0]! & 0x7f | 0x40;
  return octets;
}

function wholeSecond(time: number): number {
  return Math.floor(time / 1000) * 1000;
}

function pemOf(label: string, bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  const block: PemBlock = { label, lines: text.match(/.{1,64}/g) ?? [] };
  return pemText(block);
}

function bytesOf(text: string, label: string): Der {
  const block = pemBlocks(text).find((block) => block.label === label);
  const bytes = block && pemBytes(block);
  if (bytes === undefined) throw new SyntaxError(`it has no ${label} block`);
  return bytes.slice();
}
