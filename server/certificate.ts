// Reads certificate and key files into PEM text with an unencrypted key, as the runtime
// expects. Finds every error in the files before the server listens.

import type { KeyObject, X509Certificate } from "node:crypto";
import { fromFileUrl } from "../text/file_paths.ts";
import { decryptKey } from "./encrypted_key.ts";
import { nodeCrypto } from "./node_crypto.ts";
import { type PemBlock, pemBlocks, pemBytes, pemText } from "./pem.ts";

/** The maximum size of a file, in bytes. Certificate chains take some 10 KB, but a device never ends. */
const MAX_FILE = 1024 * 1024;

/** The labels of private key blocks. */
const KEY_LABELS: readonly string[] = [
  "PRIVATE KEY",
  "ENCRYPTED PRIVATE KEY",
  "RSA PRIVATE KEY",
  "EC PRIVATE KEY",
];

/** The ciphers of old-style encrypted keys that the runtime supports. */
const OLD_CIPHERS: readonly string[] = [
  "AES-128-CBC",
  "AES-192-CBC",
  "AES-256-CBC",
  "DES-EDE3-CBC",
];

/**
 * The password of an encrypted key, as a string or UTF-8, or a function that is called only
 * if the key is encrypted.
 */
export type Password = string | Uint8Array | (() => string | Uint8Array);

/** The files of a server's certificate. */
export interface CertificateFiles {
  /** The file of the certificate and its intermediates: a path or a file: URL. */
  readonly certfile: string | URL;
  /** The file of the private key; `null` if it is in `certfile`. */
  readonly keyfile?: string | URL | null;
  /** The password, if the key is encrypted. */
  readonly password?: Password | null;
}

/** A certificate and its key, as the runtime expects them. */
export interface Certificate {
  /** The certificate followed by its intermediates, in PEM. */
  readonly cert: string;
  /** The unencrypted private key, in PEM. */
  readonly key: string;
}

interface PemFile {
  readonly name: string;
  readonly empty: boolean;
  readonly certificates: readonly PemBlock[];
  readonly key: PemBlock | undefined;
}

/**
 * Reads a certificate and its key.
 *
 * @param files The files and the password.
 * @returns Both as PEM text.
 * @throws {Deno.errors.NotFound} If a file is missing; other kinds if it can't be read.
 * @throws {SyntaxError} If a file is empty, malformed, or lacks the expected block.
 * @throws {TypeError} If the password is missing or wrong, or the key doesn't match the
 * certificate.
 * @throws {RangeError} If a file is over 1 MiB, or decrypting its key would take too long.
 */
export function readCertificate(files: CertificateFiles): Certificate {
  const certName = pathOf(files.certfile);
  const keyName = pathOf(files.keyfile ?? files.certfile);
  const certFile = readPemFile(certName, "certificate");
  // A pipe can be read only once.
  const keyFile = keyName === certName ? certFile : readPemFile(keyName, "key");
  const leaf = checkCertificates(certFile, keyFile);
  const key = openKey(keyFile, certFile, files.password ?? undefined);
  if (!leaf.checkPrivateKey(key)) {
    throw new TypeError(
      `Cannot use the key of ${keyName}: it does not match the certificate of ${certName}`,
    );
  }
  const cert = certFile.certificates.map(pemText).join("");
  const clear = clearText(key, `the key of ${keyName}`);
  checkAccepted({ cert, key: clear }, certName, keyName);
  return { cert, key: clear };
}

/**
 * Checks that the runtime accepts both, now rather than in the first handshake. Creating an
 * HTTP client checks them without permission to listen.
 */
function checkAccepted(
  both: Certificate,
  certName: string,
  keyName: string,
): void {
  try {
    Deno.createHttpClient(both).close();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(
      `Cannot use the certificate of ${certName} with the key of ${keyName}: ${reason}`,
      { cause },
    );
  }
}

function pathOf(file: string | URL): string {
  return file instanceof URL ? fromFileUrl(file, Deno.build.os) : file;
}

function readPemFile(name: string, kind: "certificate" | "key"): PemFile {
  const text = readText(name, `the ${kind} of ${name}`);
  const blocks = pemBlocks(text);
  return {
    name,
    empty: text.trim() === "",
    certificates: blocks.filter(({ label }) => label === "CERTIFICATE"),
    key: blocks.find(({ label }) => KEY_LABELS.includes(label)),
  };
}

function readText(name: string, what: string): string {
  const buffer = new Uint8Array(MAX_FILE + 1);
  let length = 0;
  try {
    using file = Deno.openSync(name);
    for (let count: number | null = 0; count !== null;) {
      if (length === buffer.length) break;
      count = file.readSync(buffer.subarray(length));
      length += count ?? 0;
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const Same = error.constructor as ErrorConstructor;
    throw new Same(`Cannot read ${what}: ${error.message}`, { cause: error });
  }
  if (length > MAX_FILE) {
    throw new RangeError(`Cannot read ${what}: the file is over 1 MiB`);
  }
  return new TextDecoder().decode(buffer.subarray(0, length));
}

/** Checks that every certificate is well-formed, and returns the server's. */
function checkCertificates(file: PemFile, keyFile: PemFile): X509Certificate {
  const parsed = file.certificates.map((block, index) => {
    try {
      return new (nodeCrypto().X509Certificate)(pemText(block));
    } catch (cause) {
      throw new SyntaxError(
        `Cannot read the certificate of ${file.name}: its CERTIFICATE block ${
          index + 1
        } is malformed`,
        { cause },
      );
    }
  });
  const [leaf] = parsed;
  if (leaf !== undefined) return leaf;
  const swapped = file.key !== undefined && keyFile.certificates.length > 0;
  throw new SyntaxError(
    `Cannot read the certificate of ${file.name}: ` +
      missing(file, "CERTIFICATE", swapped),
  );
}

function openKey(
  file: PemFile,
  certFile: PemFile,
  password: Password | undefined,
): KeyObject {
  const what = `the key of ${file.name}`;
  const block = file.key;
  if (block === undefined) {
    const swapped = certFile.key !== undefined && file.certificates.length > 0;
    throw new SyntaxError(
      `Cannot read ${what}: ${missing(file, "PRIVATE KEY", swapped)}`,
    );
  }
  if (block.label === "ENCRYPTED PRIVATE KEY") {
    return openPkcs8(block, askPassword(password, what), what);
  }
  const cipher = oldCipher(block);
  if (cipher !== undefined) {
    return openOld(block, cipher, askPassword(password, what), what);
  }
  try {
    return nodeCrypto().createPrivateKey(pemText(block));
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${what}: its ${block.label} block is malformed, or of a kind that is not supported`,
      { cause },
    );
  }
}

function clearText(key: KeyObject, what: string): string {
  try {
    return String(key.export({ type: "pkcs8", format: "pem" }));
  } catch (cause) {
    const kind = key.asymmetricKeyType;
    throw new TypeError(
      `Cannot read ${what}: keys of the kind ${kind} are not supported`,
      { cause },
    );
  }
}

function missing(file: PemFile, label: string, swapped: boolean): string {
  if (file.empty) return "the file is empty";
  const hint = swapped ? "; certfile and keyfile may be swapped" : "";
  return `the file has no ${label} block${hint}`;
}

/** Unlike OpenSSL, never prompts for a password: a server has no terminal. */
function askPassword(password: Password | undefined, what: string): string {
  if (password === undefined) {
    throw new TypeError(
      `Cannot read ${what}: it is encrypted; give its password with the option "password", or --tls-password-file`,
    );
  }
  const given: unknown = typeof password === "function" ? password() : password;
  if (typeof given === "string") return given;
  if (!(given instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot read ${what}: the password must be a string or a Uint8Array`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(given);
  } catch (cause) {
    throw new TypeError(`Cannot read ${what}: the password is not UTF-8`, {
      cause,
    });
  }
}

function openPkcs8(block: PemBlock, password: string, what: string): KeyObject {
  const der = pemBytes(block);
  if (der === undefined) {
    throw new SyntaxError(
      `Cannot read ${what}: its ${block.label} block is not base64`,
    );
  }
  const clear = decryptKey(der, password, what);
  try {
    // A copy, since the runtime requires a Buffer or a view of a plain ArrayBuffer.
    const key = new Uint8Array(clear);
    return nodeCrypto().createPrivateKey({
      key: key as NodeJS.ArrayBufferView as Buffer,
      format: "der",
      type: "pkcs8",
    });
  } catch (cause) {
    // One in 256 wrong passwords yields valid padding.
    throw new TypeError(
      `Cannot read ${what}: the password is wrong, or keys of this kind are not supported`,
      { cause },
    );
  }
}

/** The cipher of a key in the encrypted format before PKCS#8 (RFC 1421 §4.6.1.1, §4.6.1.3). */
function oldCipher(block: PemBlock): string | undefined {
  if (!block.lines.some((line) => /^Proc-Type:.*ENCRYPTED$/.test(line))) {
    return undefined;
  }
  for (const line of block.lines) {
    const cipher = /^DEK-Info: *([^,]*)/.exec(line)?.[1];
    if (cipher !== undefined) return cipher;
  }
  return "without a name";
}

function openOld(
  block: PemBlock,
  cipher: string,
  passphrase: string,
  what: string,
): KeyObject {
  if (!OLD_CIPHERS.includes(cipher)) {
    throw new TypeError(
      `Cannot read ${what}: its encryption ${cipher} is not supported`,
    );
  }
  try {
    return nodeCrypto().createPrivateKey({ key: pemText(block), passphrase });
  } catch (cause) {
    throw new TypeError(
      `Cannot read ${what}: the password is wrong, or the key is malformed`,
      { cause },
    );
  }
}
