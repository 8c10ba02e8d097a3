// Credentials in `Authorization: Basic` (RFC 7617).

/** A user name and a password from a request. */
export interface Credentials {
  /** The user name; it has no colon. */
  readonly user: string;
  /** The password; it may be empty. */
  readonly password: string;
}

/**
 * The longest value that is parsed, in characters. Each attempt costs a password hash, and
 * no real password has a kilobyte.
 */
const MAX_LENGTH = 2048;

// The scheme in any case, one or more spaces (RFC 9110 §11.4), base64 with padding.
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

// RFC 7617 §2: neither part may contain control characters.
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f]/;

/**
 * Parses an Authorization field with the Basic scheme.
 *
 * @param value The field's value, `null` if it is absent.
 * @returns The user name and password, decoded as UTF-8; `undefined` if they are missing or malformed.
 *
 * @example The example of RFC 7617
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseBasicCredentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), {
 *   user: "Aladdin",
 *   password: "open sesame",
 * });
 * assertEquals(parseBasicCredentials("Bearer abc"), undefined);
 * ```
 */
export function parseBasicCredentials(
  value: string | null,
): Credentials | undefined {
  if (value === null || value.length > MAX_LENGTH) return undefined;
  const encoded = BASIC.exec(value)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return undefined;
  const text = decodeUtf8(Uint8Array.fromBase64(encoded));
  if (text === undefined || CONTROLS.test(text)) return undefined;
  // The first colon ends the user name; the password may contain others.
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decodeUtf8(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/**
 * Formats the value of WWW-Authenticate for a 401.
 *
 * @param realm The name in the password prompt, in printable ASCII. Default: `Restricted`.
 * @returns The field's value.
 * @throws {TypeError} The realm contains another character, a quotation mark or a backslash.
 *
 * @example A challenge
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   basicChallenge("Photos"),
 *   'Basic realm="Photos", charset="UTF-8"',
 * );
 * ```
 */
export function basicChallenge(realm: string = "Restricted"): string {
  if (!/^[ !#-[\]-~]*$/.test(realm)) {
    throw new TypeError(
      `Cannot use the realm ${
        JSON.stringify(realm)
      }: it must be printable ASCII without quotation marks and backslashes`,
    );
  }
  return `Basic realm="${realm}", charset="UTF-8"`;
}
