// The forms in which a password can be kept, and what it takes to check one. Only forms
// that WebCrypto can compute, and that are worth computing:
//
//   plain text                        hunter2, or {PLAIN}hunter2
//   SHA-256 (fast: for random tokens) {SHA256}base64
//   PBKDF2-HMAC-SHA-256, as passlib   $pbkdf2-sha256$iterations$salt$hash
//
// What looks like another form (bcrypt's $2y$, Apache's $apr1$ and {SHA} ...) is refused:
// taken for plain text, the hash itself would be the password.

/** A password as it is kept, unless it is plain text. */
export type HashedPassword =
  | { readonly kind: "sha256"; readonly digest: Uint8Array<ArrayBuffer> }
  | {
    readonly kind: "pbkdf2";
    readonly iterations: number;
    readonly salt: Uint8Array<ArrayBuffer>;
    readonly hash: Uint8Array<ArrayBuffer>;
  };

/** A password as it is kept. */
export type KeptPassword =
  | { readonly kind: "plain"; readonly password: string }
  | HashedPassword;

/** How often a password is hashed unless told: what OWASP advises in 2023, a fifth of a second. */
const ITERATIONS = 600_000;

/** Each try costs this much of a client's, and of this machine's, time at most: some seconds. */
const MAX_ITERATIONS = 10_000_000;

const PBKDF2 =
  /^\$pbkdf2-sha256\$([1-9]\d{0,7})\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]{43})$/;
const SHA256 = /^\{SHA256\}([A-Za-z0-9+/]{43}=)$/;

/** Formats that other programs write, and that users try. */
const KNOWN_FORMS: ReadonlySet<string> = new Set([
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
 * Reads a password in one of the forms in which it can be kept.
 *
 * @param text The password or its hash.
 * @returns The password as it is kept.
 * @throws {SyntaxError} It begins as a hash does, but is none that is known, or malformed. The message does not repeat it.
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
  // Every hash of another kind begins like this: "$2y$", "{SSHA}".
  const form = /^(?:\$[^$]*\$|\{[^}]*\})/.exec(text)?.[0];
  if (form !== undefined) {
    // Anything else may be part of a password, which must not get into a log.
    const shown = KNOWN_FORMS.has(form) ? ` ("${form}")` : "";
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
      `Cannot read the password: ${iterations} iterations are over ${MAX_ITERATIONS}`,
    );
  }
  if (salt.length % 4 === 1) {
    throw new SyntaxError("Cannot read the password: its salt is no base64");
  }
  return {
    kind: "pbkdf2",
    iterations,
    salt: decodeAdapted(salt),
    hash: decodeAdapted(hash),
  };
}

/**
 * Hashes a password in a form that `parsePassword()` reads, with a salt of its own.
 *
 * @param password The password.
 * @param iterations How often it is hashed, at most 10,000,000; the time of each check grows with it.
 * @returns `$pbkdf2-sha256$iterations$salt$hash`, as passlib writes it.
 * @throws {RangeError} `iterations` is no whole number in that range.
 *
 * @example A line for a file of users
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
      `Cannot hash a password ${iterations} times: it is no number from 1 to ${MAX_ITERATIONS}`,
    );
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hash = await pbkdf2(password, salt, iterations);
  return `$pbkdf2-sha256$${iterations}$${encodeAdapted(salt)}$${
    encodeAdapted(hash)
  }`;
}

// passlib's base64 has "." in place of "+", and no padding.
function encodeAdapted(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true }).replaceAll("+", ".");
}

function decodeAdapted(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text.replaceAll(".", "+"));
}

/**
 * Hashes a password that is kept as plain text, so that all are checked alike.
 *
 * @param kept The password as it is kept.
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
 * The SHA-256 of a text's UTF-8.
 *
 * @param text The text.
 * @returns The 32 bytes.
 *
 * @example The digest of nothing
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
 * Derives the 32 bytes of PBKDF2-HMAC-SHA-256 (RFC 8018, 5.2).
 *
 * @param password The password.
 * @param salt The salt.
 * @param iterations How often it is hashed; the time it takes grows with it.
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
