// Decrypts a PKCS#8 `ENCRYPTED PRIVATE KEY` block (RFC 5958 §3): PBES2 of RFC 8018, with
// PBKDF2 or scrypt, and AES or 3DES in CBC mode. `node:crypto` does the cryptography. Pure: bytes in, bytes out.

import { DerReader } from "./der.ts";
import { nodeCrypto } from "./node_crypto.ts";

/**
 * The maximum number of PBKDF2 rounds: ten times today's advice, and some five seconds.
 * With more, the server would seem to hang on start.
 */
const MAX_ROUNDS = 10_000_000;

/** The maximum memory of scrypt, in bytes: eight times the limit of `openssl`. */
const MAX_SCRYPT_MEMORY = 256 * 1024 * 1024;

/** The maximum parallelization of scrypt; RFC 7914 §2 advises 1. */
const MAX_SCRYPT_PARALLEL = 16;

/** The maximum length of a salt, in bytes; 8 to 16 are usual. */
const MAX_SALT = 1_024;

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";
const PKCS12 = "1.2.840.113549.1.12.1.";

/** The HMAC digests by the identifier of the pseudorandom function (RFC 8018 §B.1). */
const DIGESTS: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

/** The digest if none is named (RFC 8018 §A.2). */
const DEFAULT_DIGEST = "sha1";

interface Cipher {
  readonly name: string;
  readonly keySize: number;
}

/** The ciphers by their identifiers (RFC 8018 §B.2). */
const CIPHERS: Readonly<Record<string, Cipher>> = {
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keySize: 24 },
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keySize: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keySize: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keySize: 32 },
};

/**
 * Decrypts a private key.
 *
 * @param der The bytes of an EncryptedPrivateKeyInfo.
 * @param password The password.
 * @param what The key's name in errors, such as "the key of server.pem".
 * @returns The bytes of a PrivateKeyInfo. A wrong password may yield garbage.
 * @throws {SyntaxError} If the structure is malformed.
 * @throws {TypeError} If the password is wrong, or the encryption is not supported.
 * @throws {RangeError} If deriving the key would take too long.
 */
export function decryptKey(
  der: Uint8Array,
  password: string,
  what: string,
): Uint8Array {
  const { scheme, parameters, data } = parse(
    () => readEncryptedKey(der),
    what,
  );
  if (scheme !== PBES2) throw unsupported(what, scheme);
  const { kdf, cipher } = parse(() => readPbes2(parameters), what);
  const known = CIPHERS[cipher.identifier];
  if (known === undefined) throw unsupported(what, cipher.identifier);
  const derive = kdf.identifier === PBKDF2
    ? derivePbkdf2
    : kdf.identifier === SCRYPT
    ? deriveScrypt
    : undefined;
  if (derive === undefined) throw unsupported(what, kdf.identifier);
  const iv = parse(() => readIv(cipher.parameters), what);
  const key = derive(kdf.parameters, password, known.keySize, what);
  try {
    return decryptCbc(known.name, key, iv, data);
  } catch (cause) {
    throw new TypeError(`Cannot read ${what}: the password is wrong`, {
      cause,
    });
  }
}

/** An algorithm, and a reader of its parameters (RFC 5280 §4.1.1.2). */
interface Algorithm {
  readonly identifier: string;
  readonly parameters: DerReader;
}

interface EncryptedKey {
  readonly scheme: string;
  readonly parameters: DerReader;
  readonly data: Uint8Array;
}

function readAlgorithm(from: DerReader): Algorithm {
  const parameters = from.sequence();
  return { identifier: parameters.identifier(), parameters };
}

function readEncryptedKey(der: Uint8Array): EncryptedKey {
  const outer = new DerReader(der).sequence();
  const { identifier, parameters } = readAlgorithm(outer);
  const data = outer.octets();
  outer.end();
  return { scheme: identifier, parameters, data };
}

function readPbes2(
  from: DerReader,
): { readonly kdf: Algorithm; readonly cipher: Algorithm } {
  const parameters = from.sequence();
  from.end();
  const kdf = readAlgorithm(parameters);
  const cipher = readAlgorithm(parameters);
  parameters.end();
  return { kdf, cipher };
}

/** Reads the parameters of a cipher: only its initialization vector. */
function readIv(parameters: DerReader): Uint8Array {
  const iv = parameters.octets();
  parameters.end();
  return iv;
}

interface Pbkdf2 {
  readonly salt: Uint8Array;
  readonly rounds: bigint;
  /** The identifier of the pseudorandom function. */
  readonly prf: string | undefined;
}

function readPbkdf2(from: DerReader): Pbkdf2 {
  const parameters = from.sequence();
  from.end();
  const salt = readSalt(parameters);
  const rounds = parameters.integer();
  // The size of the key, which the cipher determines.
  if (parameters.isInteger()) parameters.integer();
  const prf = parameters.isAtEnd()
    ? undefined
    : readAlgorithm(parameters).identifier;
  parameters.end();
  return { salt, rounds, prf };
}

/** Parameters of scrypt (RFC 7914 §7). */
interface Scrypt {
  readonly salt: Uint8Array;
  readonly cost: bigint;
  readonly blockSize: bigint;
  readonly parallel: bigint;
}

function readScrypt(from: DerReader): Scrypt {
  const parameters = from.sequence();
  from.end();
  const fields = {
    salt: readSalt(parameters),
    cost: parameters.integer(),
    blockSize: parameters.integer(),
    parallel: parameters.integer(),
  };
  if (parameters.isInteger()) parameters.integer();
  parameters.end();
  return fields;
}

function readSalt(parameters: DerReader): Uint8Array {
  const salt = parameters.octets();
  if (salt.length > MAX_SALT) throw new SyntaxError("the salt is too long");
  return salt;
}

/** Calls a function that reads the block, and names the key if that fails. */
function parse<T>(read: () => T, what: string): T {
  try {
    return read();
  } catch (cause) {
    throw malformed(what, { cause });
  }
}

function derivePbkdf2(
  parameters: DerReader,
  password: string,
  keySize: number,
  what: string,
): Uint8Array {
  const { salt, rounds, prf } = parse(() => readPbkdf2(parameters), what);
  const digest = prf === undefined ? DEFAULT_DIGEST : DIGESTS[prf];
  if (digest === undefined) throw unsupported(what, prf!);
  const count = bounded(rounds, MAX_ROUNDS, "rounds of PBKDF2", what);
  return nodeCrypto().pbkdf2Sync(password, salt, count, keySize, digest);
}

function deriveScrypt(
  parameters: DerReader,
  password: string,
  keySize: number,
  what: string,
): Uint8Array {
  const { salt, cost, blockSize, parallel } = parse(
    () => readScrypt(parameters),
    what,
  );
  // scrypt allocates 128 * cost * blockSize bytes (RFC 7914 §2).
  const most = MAX_SCRYPT_MEMORY / 128;
  const N = bounded(cost, most, "as scrypt's cost", what);
  const r = bounded(blockSize, most / N, "as scrypt's block", what);
  const p = bounded(
    parallel,
    MAX_SCRYPT_PARALLEL,
    "as scrypt's parallelism",
    what,
  );
  // `scryptSync` needs a little more than the blocks themselves.
  const maxmem = 2 * MAX_SCRYPT_MEMORY;
  try {
    return nodeCrypto().scryptSync(password, salt, keySize, {
      N,
      r,
      p,
      maxmem,
    });
  } catch (cause) {
    throw malformed(what, { cause });
  }
}

function decryptCbc(
  name: string,
  key: Uint8Array,
  iv: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  if (name === "aes-192-cbc") return decryptAes192Cbc(key, iv, data);
  const decipher = nodeCrypto().createDecipheriv(name, key, iv);
  return joined(decipher.update(data), decipher.final());
}

/** The runtime supports AES-192 in ECB mode only; CBC also XORs the previous block (NIST SP 800-38A §6.2). */
function decryptAes192Cbc(
  key: Uint8Array,
  iv: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  if (iv.length !== 16 || data.length === 0 || data.length % 16 !== 0) {
    throw new RangeError("Cannot decrypt: the data are not whole blocks");
  }
  const decipher = nodeCrypto().createDecipheriv("aes-192-ecb", key, null);
  decipher.setAutoPadding(false);
  const clear = joined(decipher.update(data), decipher.final());
  const before = joined(iv, data);
  for (let at = 0; at < clear.length; at++) clear[at]! ^= before[at]!;
  const padding = clear.at(-1)!;
  // PKCS#7 padding: 1 to 16 bytes, each with their count as value (RFC 8018 §6.1.1).
  const pad = clear.subarray(-padding);
  if (padding < 1 || padding > 16 || pad.some((byte) => byte !== padding)) {
    throw new RangeError("Cannot decrypt: the padding is wrong");
  }
  return clear.subarray(0, -padding);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function bounded(
  value: bigint,
  most: number,
  unit: string,
  what: string,
): number {
  if (value < 1n) throw malformed(what);
  if (value <= BigInt(Math.floor(most))) return Number(value);
  throw new RangeError(
    `Cannot read ${what}: it asks for more than ${Math.floor(most)} ${unit}`,
  );
}

function malformed(what: string, options?: ErrorOptions): SyntaxError {
  return new SyntaxError(
    `Cannot read ${what}: its ENCRYPTED PRIVATE KEY block is malformed`,
    options,
  );
}

function unsupported(what: string, algorithm: string): TypeError {
  const name = algorithm.startsWith(PKCS12)
    ? `PKCS#12 (${algorithm})`
    : algorithm;
  return new TypeError(
    `Cannot read ${what}: its encryption ${name} is not supported; ` +
      "`openssl pkcs8 -topk8 -v2 aes-256-cbc` makes one that is",
  );
}
