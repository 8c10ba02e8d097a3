// How long the body of a request is: RFC 9112 section 6, step by step, in one
// function. Whatever two programs could read in two ways is refused, since the
// end of this body is where the next request begins. CPython looks at none of it.

import { repr } from "../text/repr.ts";
import { ParseError } from "./errors.ts";
import type { FramingFields } from "./header_block.ts";
import type { RequestLine } from "./request_line.ts";
import { listMembers, QUOTED_LENGTH, TOKEN, trimOws } from "./syntax.ts";

/**
 * How the end of a message body is known. A length of `Infinity` is one that no number
 * holds exactly: a body that never ends, of which nothing is allocated in advance.
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
 * @param fields What the header block says about it.
 * @param version The version of the request.
 * @param limitsContentLength Whether a Content-Length of 2^53 or more is refused; else the body never ends.
 * @returns The framing; `"none"` and `"chunked"` are shared objects, and a length of 0 is `"none"` too.
 * @throws {ParseError} 400 on faulty framing, 501 on a transfer coding that is not known.
 *
 * @example Framing by length, and both ways at once
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
    // 6.1: a message of HTTP/1.0 with Transfer-Encoding has faulty framing.
    if (!isAtLeastHttp11(version)) {
      throw new ParseError(
        400,
        "Transfer-Encoding is not allowed before HTTP/1.1",
      );
    }
    // 6.3 (3): with both, a server may refuse; it "might indicate an attempt to
    // perform request smuggling".
    if (contentLength.length > 0) {
      throw new ParseError(400, "Both Transfer-Encoding and Content-Length");
    }
    // 6.3 (4): chunked must be final, or the end cannot be known.
    checkTransferCodings(transferEncoding);
    return CHUNKED_BODY;
  }
  // 6.3 (5) and (6): an invalid Content-Length is an unrecoverable error, a valid one counts.
  if (contentLength.length > 0) {
    const length = parseContentLength(contentLength, limitsContentLength);
    return length === 0 ? NO_BODY : { kind: "length", length };
  }
  // 6.3 (7): a request with neither has no body.
  return NO_BODY;
}

/**
 * Whether a version is HTTP/1.1 or later.
 *
 * @param version Its two numbers.
 * @returns Whether it is.
 */
export function isAtLeastHttp11(
  version: Pick<RequestLine, "major" | "minor">,
): boolean {
  return version.major > 1 || (version.major === 1 && version.minor >= 1);
}

/** Refuses all but the one list that is understood: `chunked` alone. */
function checkTransferCodings(values: readonly string[]): void {
  const text = repr(values.join(", "), QUOTED_LENGTH);
  const bad = (explain: string) =>
    new ParseError(400, `Bad Transfer-Encoding (${text})`, { explain });

  const codings = listMembers(values).map((member) => {
    // RFC 9112 §7: a coding is a token and perhaps parameters; 7.1: chunked has none.
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
  // 6.1: chunked must not be applied more than once, and nothing after it.
  const first = codings.indexOf("chunked");
  if (first >= 0 && first < codings.length - 1) {
    throw bad("The chunked coding must be the last one, and only once");
  }
  // 6.1: a coding that is not understood is answered with 501.
  if (codings.length > 1 || first < 0) {
    throw new ParseError(501, `Unsupported transfer coding (${text})`);
  }
}

/**
 * The one number. RFC 9110 §8.6 lets a recipient take a number that is repeated, but
 * the peer in front may have taken another; nobody sends it by design.
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
 * The tokens of the Connection field (RFC 9110 §7.6.1), in lower case.
 *
 * CPython compares the whole value, so that `keep-alive, close` stays open.
 *
 * @param values The values of its lines.
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
