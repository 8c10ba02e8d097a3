// Formats of stored passwords, and functions to check them. Only formats that WebCrypto
// can compute and that are reasonably safe:
//
//   plain text                        hunter2, or {PLAIN}hunter2
//   SHA-256 (fast: for random tokens) {SHA256}base64
//   PBKDF2-HMAC-SHA-256, as passlib   $pbkdf2-sha256$iterations$salt$hash
//
// Other hash formats (bcrypt's $2y$, Apache's $apr1$ and {SHA} ...) are rejected: taken as
// plain text, the hash itself would be the password.

/** A stored password, hashed. */
export type HashedPassword =
  | { readonly kind: "sha256"; readonly digest: Uint8Array<ArrayBuffer> }
  | {
    readonly kind: "pbkdf2";
    readonly iterations: number;
    readonly salt: Uint8Array<ArrayBuffer>;
    readonly hash: Uint8Array<ArrayBuffer>;
  };

/** A stored password. */
export type KeptPassword =
  | { readonly kind: "plain"; readonly password: string }
  | HashedPassword;

/** The default number of iterations: OWASP's recommendation of 2023, a fifth of a second. */
const ITERATIONS = 600_000;

/** The most iterations: some seconds per check. */
const MAX_ITERATIONS = 10_000_000;

const PBKDF2 =
  /^\$pbkdf2-sha256\$([1-9]\d{0,7})\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]{43})$/;
const SHA256 = /^\{SHA256\}([A-Za-z0-9+/]{43}=)$/;

/** Common formats that are not supported. */
const UNSUPPORTED_FORMATS: ReadonlySet<string> = new Set([
  "$1$",
  "$2a$",
  "$2b$",
  "$2y$",
  "$5$",
  "$6$",
  "$apr1$",
  "$argon2id$",
  "$y$",
  "{CRYPT}",
  "{MD5}",
  "{SHA}",
  "{SSHA}",
]);

/**
 * Parses a stored password.
 *
 * @param text The password or its hash.
 * @returns The stored password.
 * @throws {SyntaxError} It begins like a hash, but is malformed or has an unsupported format. The message doesn't repeat it.
 *
 * @example Plain text and a hash
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parsePassword("hunter2").kind, "plain");
 * assertEquals(
 *   parsePassword("{SHA256}9S+9MrKzuG/4jvbEkGKChfSCrxXdyylUhyO5+5ODvLc=").kind,
 *   "sha256",
 * );
 * ```
 */
export function parsePassword(text: string): KeptPassword {
  if (text.startsWith("{PLAIN}")) {
    return { kind: "plain", password: text.slice("{PLAIN}".length) };
  }
  const sha256 = SHA256.exec(text)?.[1];
  if (sha256 !== undefined) {
    return { kind: "sha256", digest: Uint8Array.fromBase64(sha256) };
  }
  const pbkdf2 = PBKDF2.exec(text);
  if (pbkdf2 !== null) return parsePbkdf2(pbkdf2);
  // Every other hash format begins like this: "$2y$", "{SSHA}".
  const form = /^(?:\$[^$]*\$|\{[^}]*\})/.exec(text)?.[0];
  if (form !== undefined) {
    // Any other text may be part of a password, which must not be logged.
    const shown = UNSUPPORTED_FORMATS.has(form) ? ` ("${form}")` : "";
    throw new SyntaxError(
      `Cannot read the password: it has an unsupported hash format${shown}; prefix plain-text passwords with {PLAIN}`,
    );
  }
  return { kind: "plain", password: text };
}

function parsePbkdf2(found: RegExpExecArray): KeptPassword {
  const [, digits = "", salt = "", hash = ""] = found;
  const iterations = Number(digits);
  if (iterations > MAX_ITERATIONS) {
    throw new SyntaxError(
      `Cannot read the password: it has ${iterations} iterations; use at most ${MAX_ITERATIONS}`,
    );
  }
  if (salt.length % 4 === 1) {
    throw new SyntaxError(
      "Cannot read the password: its salt is not valid base64",
    );
  }
  return {
    kind: "pbkdf2",
    iterations,
    salt: decodeAdapted(salt),
    hash: decodeAdapted(hash),
  };
}

/**
 * Hashes a password for the `users` option, with a random salt.
 *
 * @param password The password.
 * @param iterations The number of iterations, at most 10,000,000. The time of each check is proportional to it.
 * @returns `$pbkdf2-sha256$iterations$salt$hash`, the format of passlib.
 * @throws {RangeError} `iterations` is not an integer from 1 to 10,000,000.
 *
 * @example A line for the `users` option
 * ```ts
 * import { assertMatch } from "@std/assert";
 *
 * const line = `ada:${await hashPassword("hunter2", 1000)}`;
 * assertMatch(line, /^ada:\$pbkdf2-sha256\$1000\$/);
 * ```
 */
export async function hashPassword(
  password: string,
  iterations: number = ITERATIONS,
): Promise<string> {
  if (
    !Number.isInteger(iterations) || iterations < 1 ||
    iterations > MAX_ITERATIONS
  ) {
    throw new RangeError(
      `Cannot hash a password: the iterations must be an integer from 1 to ${MAX_ITERATIONS}, not ${iterations}`,
    );
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hash = await pbkdf2(password, salt, iterations);
  return `$pbkdf2-sha256$${iterations}$${encodeAdapted(salt)}$${
    encodeAdapted(hash)
  }`;
}

// passlib's base64 has "." instead of "+", and no padding.
function encodeAdapted(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true }).replaceAll("+", ".");
}

function decodeAdapted(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text.replaceAll(".", "+"));
}

/**
 * Hashes a password that is stored as plain text, so that checks of all formats work alike.
 *
 * @param kept The stored password.
 * @returns The same, or its SHA-256 if it was plain text.
 *
 * @example Plain text
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const hashed = await hashIfPlain(parsePassword("hunter2"));
 * assertEquals(hashed, { kind: "sha256", digest: await sha256("hunter2") });
 * ```
 */
export async function hashIfPlain(kept: KeptPassword): Promise<HashedPassword> {
  if (kept.kind !== "plain") return kept;
  return { kind: "sha256", digest: await sha256(kept.password) };
}

/**
 * Computes the SHA-256 of a string's UTF-8 encoding.
 *
 * @param text The string.
 * @returns The 32 bytes.
 *
 * @example The digest of an empty string
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals((await sha256("")).slice(0, 2), new Uint8Array([0xe3, 0xb0]));
 * ```
 */
export async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * Derives 32 bytes with PBKDF2-HMAC-SHA-256 (RFC 8018 §5.2).
 *
 * @param password The password.
 * @param salt The salt.
 * @param iterations The number of iterations; the time is proportional to it.
 * @returns The derived bytes.
 *
 * @example One iteration
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const derived = await pbkdf2("password", new Uint8Array(8), 1);
 * assertEquals(derived.length, 32);
 * ```
 */
export async function pbkdf2(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(password);
  const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, [
    "deriveBits",
  ]);
  const parameters = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}
