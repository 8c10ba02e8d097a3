// Cross-origin resource sharing (Fetch standard §3.3, "CORS protocol"): the fields that let
// pages of other origins read a response.
//
// `Access-Control-Allow-Private-Network` is never sent: the browser experiment has ended,
// and a page on the internet shouldn't access a server on localhost.

import { listMembers, TOKEN } from "../../../parser/syntax.ts";
import type { Field, FieldReader } from "./fields.ts";

/** Options for `cors`. */
export interface CorsOptions {
  /** The allowed origins, such as `https://example.test:8443`; `"*"` is all. Default: `"*"`. */
  readonly origins?: "*" | readonly string[];
  /** Allow cookies and passwords. Only with listed origins. Default: `false`. */
  readonly credentials?: boolean;
  /** The methods that a preflight allows. Default: `GET` and `HEAD`. */
  readonly methods?: readonly string[];
  /** The request headers that a preflight allows. Default: those requested. */
  readonly headers?: readonly string[];
  /** The response headers that scripts may read, besides those that are always readable. Default: `Accept-Ranges`, `Content-Encoding`, `Content-Range` and `ETag`. */
  readonly exposed?: readonly string[];
  /** How many seconds a browser may cache a preflight. Default: 600. */
  readonly maxAge?: number;
}

/** The parts of a request that a policy reads. */
export interface CorsRequest {
  /** The request's method. */
  readonly method: string;
  /** Its header fields. */
  readonly headers: FieldReader;
}

/** A policy's decision for one request. */
export interface CorsDecision {
  /** The fields for the response. */
  readonly headers: readonly Field[];
  /** The request fields that go into Vary, even if this request is not allowed. */
  readonly vary: readonly string[];
}

/** The longest Access-Control-Request-Headers that is parsed, in characters; browsers request a few headers. */
const MAX_REQUESTED = 1000;

const NO_NAMES: readonly string[] = Object.freeze([]);
const BY_ORIGIN: readonly string[] = Object.freeze(["Origin"]);

const EXPOSED: readonly string[] = Object.freeze([
  "Accept-Ranges",
  "Content-Encoding",
  "Content-Range",
  "ETag",
]);

/**
 * Checks options, and compiles them to a CORS policy.
 *
 * An origin that is not allowed gets the response without these fields, so its browser
 * doesn't let the page read it. If the response depends on the origin, Vary says so even if
 * the request has none, so that caches keep the responses apart.
 *
 * @param options The options.
 * @returns A function that decides on a request.
 * @throws {TypeError} An origin, method or header name is malformed, or credentials are allowed for `"*"`: any page could then act as the user who opens it.
 * @throws {RangeError} `maxAge` is not a non-negative integer.
 *
 * @example A page of an allowed origin, and its preflight
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const decide = compileCors({ origins: ["https://a.test"], exposed: [] });
 * const headers = new Headers({ Origin: "https://a.test" });
 * assertEquals(decide({ method: "GET", headers }), {
 *   headers: [["Access-Control-Allow-Origin", "https://a.test"]],
 *   vary: ["Origin"],
 * });
 *
 * headers.set("Access-Control-Request-Method", "GET");
 * assertEquals(decide({ method: "OPTIONS", headers }).headers, [
 *   ["Access-Control-Allow-Origin", "https://a.test"],
 *   ["Access-Control-Allow-Methods", "GET, HEAD"],
 *   ["Access-Control-Max-Age", "600"],
 * ]);
 * ```
 */
export function compileCors(
  options: CorsOptions = {},
): (request: CorsRequest) => CorsDecision {
  const { origins = "*", credentials = false } = options;
  const allowed = origins === "*" ? "*" : new Set(origins.map(checkOrigin));
  if (credentials && (allowed === "*" || allowed.has("null"))) {
    throw new TypeError(
      "Cannot allow credentials across origins: the origins are not listed by name",
    );
  }
  const exposed = checkTokens(options.exposed ?? EXPOSED).join(", ");
  const preflightFields = compilePreflight(options);
  const vary = allowed === "*" ? NO_NAMES : BY_ORIGIN;

  return ({ method, headers: fields }) => {
    const origin = fields.get("Origin");
    const isAllowed = allowed === "*" ||
      (origin !== null && allowed.has(origin));
    if (!isAllowed) return { headers: [], vary };

    const headers: Field[] = [
      ["Access-Control-Allow-Origin", allowed === "*" ? "*" : origin!],
    ];
    if (credentials) headers.push(["Access-Control-Allow-Credentials", "true"]);
    const isPreflight = method === "OPTIONS" && origin !== null &&
      fields.get("Access-Control-Request-Method") !== null;
    if (isPreflight) headers.push(...preflightFields(fields));
    else if (exposed !== "") {
      headers.push(["Access-Control-Expose-Headers", exposed]);
    }
    return { headers, vary };
  };
}

/** Makes the function that returns the fields for preflights only. */
function compilePreflight(
  options: CorsOptions,
): (fields: FieldReader) => Field[] {
  const methods = checkTokens(options.methods ?? ["GET", "HEAD"]).join(", ");
  const headers = options.headers && checkTokens(options.headers).join(", ");
  const { maxAge = 600 } = options;
  if (!Number.isSafeInteger(maxAge) || maxAge < 0) {
    throw new RangeError(
      `Cannot set up CORS: "maxAge" must be a non-negative integer, not ${maxAge}`,
    );
  }
  return (fields) => {
    const result: Field[] = [
      ["Access-Control-Allow-Methods", methods],
    ];
    const names = headers ??
      requestedNames(fields.get("Access-Control-Request-Headers"));
    if (names !== "") result.push(["Access-Control-Allow-Headers", names]);
    result.push(["Access-Control-Max-Age", String(maxAge)]);
    return result;
  };
}

/** The header names that a preflight requests; empty if one is malformed. */
function requestedNames(value: string | null): string {
  if (value === null || value.length > MAX_REQUESTED) return "";
  const names = listMembers([value]);
  return names.every((name) => TOKEN.test(name)) ? names.join(", ") : "";
}

/** Checks that an origin is written exactly as browsers send it. */
function checkOrigin(origin: string): string {
  // The origin of sandboxed frames and local files.
  if (origin === "null") return origin;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const written = originOf(url);
  // URL accepts patterns, but no browser sends one, so they would silently allow nobody.
  const isPattern = origin.includes("*");
  if (url === undefined || url.host === "" || written !== origin || isPattern) {
    const bare = URL.canParse(`http://${origin}`)
      ? new URL(`http://${origin}`)
      : undefined;
    const meant = originOf(url) || originOf(bare);
    const hint = meant !== "" && !isPattern
      ? `write it as ${meant}`
      : "it must be of the form https://example.com";
    throw new TypeError(
      `Cannot allow the origin ${JSON.stringify(origin)}: ${hint}`,
    );
  }
  return origin;
}

/** The origin that a browser sends for a page at a URL; empty if the URL has no host. */
function originOf(url: URL | undefined): string {
  return url === undefined || url.host === ""
    ? ""
    : `${url.protocol}//${url.host}`;
}

function checkTokens(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!TOKEN.test(name)) {
      throw new TypeError(
        `Cannot allow ${
          JSON.stringify(name)
        } across origins: it must be a token`,
      );
    }
  }
  return names;
}
