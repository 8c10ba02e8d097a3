// Decrypts a PKCS#8 `ENCRYPTED PRIVATE KEY` block (RFC 5958 §3): PBES2 of RFC 8018, with
// PBKDF2 or scrypt, and AES or 3DES in CBC mode. `asn1js` parses the structure and
// `node:crypto` does the cryptography. Pure: bytes in, bytes out.

import * as asn1 from "asn1js";
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
  const outer = match(der, ENCRYPTED_KEY, what);
  const scheme = identifier(outer["scheme"]);
  if (scheme !== PBES2) throw unsupported(what, scheme);
  const { kdf, kdfParameters, cipher, iv } = match(
    parameters(outer),
    PBES2_PARAMETERS,
    what,
  );
  const known = CIPHERS[identifier(cipher)];
  if (known === undefined) throw unsupported(what, identifier(cipher));
  const method = identifier(kdf);
  const derive = method === PBKDF2
    ? derivePbkdf2
    : method === SCRYPT
    ? deriveScrypt
    : undefined;
  if (derive === undefined) throw unsupported(what, method);
  const key = derive(encoded(kdfParameters), password, known.keySize, what);
  try {
    return decryptCbc(known.name, key, octets(iv), octets(outer["data"]));
  } catch (cause) {
    throw new TypeError(`Cannot read ${what}: the password is wrong`, {
      cause,
    });
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Schema = asn1.Sequence;

const ENCRYPTED_KEY: Schema = new asn1.Sequence({
  value: [
    algorithm("scheme", new asn1.Any({ name: "parameters", optional: true })),
    new asn1.OctetString({ name: "data" }),
  ],
});

const PBES2_PARAMETERS: Schema = new asn1.Sequence({
  value: [
    algorithm("kdf", new asn1.Sequence({ name: "kdfParameters" })),
    algorithm("cipher", new asn1.OctetString({ name: "iv" })),
  ],
});

const PBKDF2_PARAMETERS: Schema = new asn1.Sequence({
  value: [
    new asn1.OctetString({ name: "salt" }),
    new asn1.Integer({ name: "rounds" }),
    new asn1.Integer({ name: "keySize", optional: true }),
    new asn1.Sequence({
      optional: true,
      value: [
        new asn1.ObjectIdentifier({ name: "digest" }),
        new asn1.Any({ optional: true }),
      ],
    }),
  ],
});

/** Parameters of scrypt (RFC 7914 §7). */
const SCRYPT_PARAMETERS: Schema = new asn1.Sequence({
  value: [
    new asn1.OctetString({ name: "salt" }),
    new asn1.Integer({ name: "cost" }),
    new asn1.Integer({ name: "blockSize" }),
    new asn1.Integer({ name: "parallel" }),
    new asn1.Integer({ name: "keySize", optional: true }),
  ],
});

function algorithm(name: string, second: asn1.AsnSchemaType): Schema {
  return new asn1.Sequence({
    value: [new asn1.ObjectIdentifier({ name }), second],
  });
}

function derivePbkdf2(
  der: Uint8Array,
  password: string,
  keySize: number,
  what: string,
): Uint8Array {
  const { salt, rounds, digest } = match(der, PBKDF2_PARAMETERS, what);
  const prf = digest === undefined
    ? DEFAULT_DIGEST
    : DIGESTS[identifier(digest)];
  if (prf === undefined) throw unsupported(what, identifier(digest));
  const count = bounded(rounds, MAX_ROUNDS, "rounds of PBKDF2", what);
  return nodeCrypto().pbkdf2Sync(
    password,
    saltOf(salt, what),
    count,
    keySize,
    prf,
  );
}

function deriveScrypt(
  der: Uint8Array,
  password: string,
  keySize: number,
  what: string,
): Uint8Array {
  const fields = match(der, SCRYPT_PARAMETERS, what);
  // scrypt allocates 128 * cost * blockSize bytes (RFC 7914 §2).
  const most = MAX_SCRYPT_MEMORY / 128;
  const N = bounded(fields["cost"], most, "as scrypt's cost", what);
  const r = bounded(fields["blockSize"], most / N, "as scrypt's block", what);
  const p = bounded(
    fields["parallel"],
    MAX_SCRYPT_PARALLEL,
    "as scrypt's parallelism",
    what,
  );
  // `scryptSync` needs a little more than the blocks themselves.
  const maxmem = 2 * MAX_SCRYPT_MEMORY;
  try {
    return nodeCrypto().scryptSync(
      password,
      saltOf(fields["salt"], what),
      keySize,
      { N, r, p, maxmem },
    );
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

function match(der: Uint8Array, schema: Schema, what: string): Fields {
  try {
    const { verified, result } = asn1.verifySchema(new Uint8Array(der), schema);
    if (verified) return result as Fields;
  } catch (cause) {
    // The library throws a plain Error for some values, such as an empty time.
    throw malformed(what, { cause });
  }
  throw malformed(what);
}

function parameters(fields: Fields): Uint8Array {
  return encoded(fields["parameters"]);
}

function encoded(block: unknown): Uint8Array {
  return block instanceof asn1.BaseBlock
    ? new Uint8Array(block.toBER())
    : new Uint8Array();
}

function identifier(block: unknown): string {
  return block instanceof asn1.ObjectIdentifier ? block.getValue() : "";
}

function octets(block: unknown): Uint8Array {
  return block instanceof asn1.OctetString
    ? new Uint8Array(block.getValue())
    : new Uint8Array();
}

function saltOf(block: unknown, what: string): Uint8Array {
  const salt = octets(block);
  if (salt.length > MAX_SALT) throw malformed(what);
  return salt;
}

function bounded(
  block: unknown,
  most: number,
  unit: string,
  what: string,
): number {
  const value = block instanceof asn1.Integer ? block.toBigInt() : 0n;
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
