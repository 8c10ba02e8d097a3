// Decides where the body of a request ends (RFC 9112 §6). Anything that two programs could
// interpret differently is rejected, since the next request begins where this body ends.
// CPython does none of this.

import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import type { FramingFields } from "./header_block.ts";
import type { RequestLine } from "./request_line.ts";
import { listMembers, QUOTED_LENGTH, TOKEN, trimOws } from "./syntax.ts";

/**
 * How the end of a message body is determined. A length of `Infinity` is one beyond
 * `Number.MAX_SAFE_INTEGER`: the body never ends, and nothing is allocated in advance.
 */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" };

/** The framing of a message without a body. */
export const NO_BODY: BodyFraming = Object.freeze({ kind: "none" });

/** The framing of a body in the chunked coding. */
export const CHUNKED_BODY: BodyFraming = Object.freeze({ kind: "chunked" });

const NO_OPTIONS: ReadonlySet<string> = new Set();

/**
 * Decides where the body of a request ends.
 *
 * @param fields The framing fields of the header block.
 * @param version The version of the request.
 * @param limitsContentLength Whether to reject a Content-Length of 2^53 or more. Otherwise,
 * the body never ends.
 * @returns The framing; `"none"` and `"chunked"` are shared objects, and a length of 0 is
 * `"none"`.
 * @throws {ParseError} 400 if the framing is faulty, 501 if the transfer coding is unknown.
 *
 * @example Framing by length, and conflicting fields
 * ```ts
 * import { ParseError, requestFraming, scanFields } from "@x/httpserver/parser";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const version = { major: 1, minor: 1 };
 * const length = scanFields("Content-Length: 5\r\n\r\n");
 * assertEquals(requestFraming(length, version), { kind: "length", length: 5 });
 *
 * const both = scanFields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
 * assertThrows(() => requestFraming(both, version), ParseError);
 * ```
 */
export function requestFraming(
  fields: Pick<FramingFields, "contentLength" | "transferEncoding">,
  version: Pick<RequestLine, "major" | "minor">,
  limitsContentLength: boolean = false,
): BodyFraming {
  const { contentLength, transferEncoding } = fields;

  if (transferEncoding.length > 0) {
    // RFC 9112 §6.1: HTTP/1.0 with Transfer-Encoding has faulty framing.
    if (!isAtLeastHttp11(version)) {
      throw new ParseError(
        400,
        "Transfer-Encoding is not allowed before HTTP/1.1",
      );
    }
    // RFC 9112 §6.3 (3): a server may reject a message with both, which "might indicate an
    // attempt to perform request smuggling".
    if (contentLength.length > 0) {
      throw new ParseError(400, "Both Transfer-Encoding and Content-Length");
    }
    // RFC 9112 §6.3 (4): chunked must be last, or the end is unknown.
    checkTransferCodings(transferEncoding);
    return CHUNKED_BODY;
  }
  // RFC 9112 §6.3 (5): an invalid Content-Length is an unrecoverable error.
  if (contentLength.length > 0) {
    const length = parseContentLength(contentLength, limitsContentLength);
    return length === 0 ? NO_BODY : { kind: "length", length };
  }
  // RFC 9112 §6.3 (7): a request with neither has no body.
  return NO_BODY;
}

/**
 * Whether a version is HTTP/1.1 or later.
 *
 * @param version The version.
 * @returns Whether it is.
 */
export function isAtLeastHttp11(
  version: Pick<RequestLine, "major" | "minor">,
): boolean {
  return version.major > 1 || (version.major === 1 && version.minor >= 1);
}

/** Rejects everything except `chunked` alone. */
function checkTransferCodings(values: readonly string[]): void {
  const text = repr(values.join(", "), QUOTED_LENGTH);
  const bad = (explain: string) =>
    new ParseError(400, `Bad Transfer-Encoding (${text})`, { explain });

  const codings = listMembers(values).map((member) => {
    // RFC 9112 §7: a coding is a token with optional parameters. §7.1: chunked has none.
    const semicolon = member.indexOf(";");
    const name = trimOws(member, 0, semicolon < 0 ? member.length : semicolon);
    if (!TOKEN.test(name)) throw bad("A transfer coding must be a token");
    const coding = name.toLowerCase();
    if (coding === "chunked" && semicolon >= 0) {
      throw bad("The chunked coding has no parameters");
    }
    return coding;
  });
  if (codings.length === 0) throw bad("Transfer-Encoding names no coding");
  // RFC 9112 §6.1: chunked must be applied once, and last.
  const first = codings.indexOf("chunked");
  if (first >= 0 && first < codings.length - 1) {
    throw bad("The chunked coding must be the last one, and only once");
  }
  // RFC 9112 §6.1: respond with 501 to unknown codings.
  if (codings.length > 1 || first < 0) {
    throw new ParseError(501, `Unsupported transfer coding (${text})`);
  }
}

/**
 * Parses the one number. RFC 9110 §8.6 allows accepting a repeated number, but a proxy in
 * front may do otherwise, and no client sends one on purpose.
 */
function parseContentLength(
  values: readonly string[],
  limited: boolean,
): number {
  const text = values.join(",");
  const bad = (explain: string) =>
    new ParseError(400, `Bad Content-Length (${repr(text, QUOTED_LENGTH)})`, {
      explain,
    });

  const [first, ...others] = text.split(",").map((member) => trimOws(member));
  if (!/^[0-9]+$/.test(first!)) {
    throw bad("Content-Length must be a decimal number");
  }
  if (others.length > 0) {
    throw bad(
      others.some((other) => other !== first)
        ? "The values of Content-Length differ"
        : "Content-Length must be given once",
    );
  }
  const length = Number(first);
  if (Number.isSafeInteger(length)) return length;
  if (limited) throw bad("Content-Length is too large");
  return Infinity;
}

/**
 * Returns the tokens of the Connection field (RFC 9110 §7.6.1), in lower case.
 *
 * CPython compares the whole value, so `keep-alive, close` stays open.
 *
 * @param values The values of the field's lines.
 * @returns The tokens.
 *
 * @example Tokens of two lines
 * ```ts
 * import { connectionOptions } from "@x/httpserver/parser";
 * import { assert } from "@std/assert";
 *
 * assert(connectionOptions(["Upgrade", "keep-alive, Close"]).has("close"));
 * ```
 */
export function connectionOptions(
  values: readonly string[],
): ReadonlySet<string> {
  if (values.length === 0) return NO_OPTIONS;
  return new Set(listMembers(values).map((option) => option.toLowerCase()));
}
