// The credentials of a request: `Authorization: Basic` (RFC 7617).

/** A user and a password, as a request gives them. */
export interface Credentials {
  /** The user; there is no colon in it. */
  readonly user: string;
  /** The password; it may be empty. */
  readonly password: string;
}

/**
 * The longest field that is looked at, in characters: every try costs a hash of the
 * password, and nobody types one of a kilobyte.
 */
const MAX_LENGTH = 2048;

// The scheme in any case, one space or more (RFC 9110, 11.4), base64 with its padding.
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

// RFC 7617, 2: neither part may hold control characters.
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f]/;

/**
 * Reads an Authorization field of the Basic scheme.
 *
 * @param value The field's value, `null` where it is absent.
 * @returns User and password, decoded as UTF-8; `undefined` where there are none or anything about them is malformed.
 *
 * @example The one from the RFC
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
  // The first colon ends the user; the password may hold others.
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
 * The value of WWW-Authenticate for a 401 that asks for such credentials.
 *
 * @param realm What the user is asked for, in visible ASCII. Default: `Restricted`.
 * @returns The field's value.
 * @throws {TypeError} The realm holds other characters, a quotation mark or a backslash.
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
      `Cannot use ${JSON.stringify(realm)} as a realm: it is not plain ASCII`,
    );
  }
  return `Basic realm="${realm}", charset="UTF-8"`;
}
