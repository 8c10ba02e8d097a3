// Cross-origin resource sharing, as the Fetch standard has it (3.3, "CORS protocol"):
// which fields an answer carries so that a page of another origin may read it.
//
// `Access-Control-Allow-Private-Network` is never sent: the experiment that knew it has
// ended, and a page on the internet has no business with a server on localhost.

import { listMembers, TOKEN } from "../../../parser/syntax.ts";
import type { Field, FieldReader } from "./fields.ts";

/** Options of `compileCors()`. */
export interface CorsOptions {
  /** Who may read: `"*"` for everyone, or origins such as `https://example.test:8443`. Default: `"*"`. */
  readonly origins?: "*" | readonly string[];
  /** Whether cookies and passwords may go with a request; only for listed origins. Default: `false`. */
  readonly credentials?: boolean;
  /** The methods that a preflight allows. Default: GET and HEAD. */
  readonly methods?: readonly string[];
  /** The request fields that a preflight allows. Default: those that it asks for. */
  readonly headers?: readonly string[];
  /** The response fields that a script may read besides the usual. Default: those of ranges and validators. */
  readonly exposed?: readonly string[];
  /** How long a browser may remember a preflight, in whole seconds. Default: 600. */
  readonly maxAge?: number;
}

/** What a policy looks at. */
export interface CorsRequest {
  /** The request's method. */
  readonly method: string;
  /** Its header fields. */
  readonly headers: FieldReader;
}

/** What a policy decides for one request. */
export interface CorsDecision {
  /** The fields for the answer. */
  readonly headers: readonly Field[];
  /** The request fields that go into Vary, whether or not this request is allowed. */
  readonly vary: readonly string[];
}

/** A browser asks for a few fields; what asks for more than these characters is none. */
const MAX_ASKED = 1000;

const NO_NAMES: readonly string[] = Object.freeze([]);
const BY_ORIGIN: readonly string[] = Object.freeze(["Origin"]);

const EXPOSED: readonly string[] = Object.freeze([
  "Accept-Ranges",
  "Content-Encoding",
  "Content-Range",
  "ETag",
]);

/**
 * Makes a CORS policy of its options, which are checked once.
 *
 * An origin that is not allowed gets the answer without these fields, and its browser
 * then keeps it from the page. Where the answer depends on the origin, it says so in
 * Vary also to those who sent none, or a cache would mix them up.
 *
 * @param options The options.
 * @returns A function that decides on a request.
 * @throws {TypeError} An origin, method or field name is malformed, or credentials go with `"*"`: any page could then act as the user who opens it.
 * @throws {RangeError} `maxAge` is negative or no whole number.
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
 * assertEquals(
 *   new Headers([...decide({ method: "OPTIONS", headers }).headers]).get(
 *     "Access-Control-Allow-Methods",
 *   ),
 *   "GET, HEAD",
 * );
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

/** Makes the function that gives the fields only a preflight's answer has. */
function compilePreflight(
  options: CorsOptions,
): (fields: FieldReader) => Field[] {
  const methods = checkTokens(options.methods ?? ["GET", "HEAD"]).join(", ");
  const headers = options.headers && checkTokens(options.headers).join(", ");
  const { maxAge = 600 } = options;
  if (!Number.isSafeInteger(maxAge) || maxAge < 0) {
    throw new RangeError(
      `Cannot let a preflight be remembered: ${maxAge} is no number of seconds`,
    );
  }
  return (fields) => {
    const result: Field[] = [
      ["Access-Control-Allow-Methods", methods],
    ];
    const names = headers ??
      askedNames(fields.get("Access-Control-Request-Headers"));
    if (names !== "") result.push(["Access-Control-Allow-Headers", names]);
    result.push(["Access-Control-Max-Age", String(maxAge)]);
    return result;
  };
}

/** The names that a preflight asks for, none if any is malformed. */
function askedNames(value: string | null): string {
  if (value === null || value.length > MAX_ASKED) return "";
  const names = listMembers([value]);
  return names.every((name) => TOKEN.test(name)) ? names.join(", ") : "";
}

/** Checks an origin; browsers send it in exactly the form that URL gives. */
function checkOrigin(origin: string): string {
  // What sandboxed frames and local files call themselves.
  if (origin === "null") return origin;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const written = originOf(url);
  // A pattern is no origin, though URL takes it: it would silently allow nobody.
  const isPattern = origin.includes("*");
  if (url === undefined || url.host === "" || written !== origin || isPattern) {
    const bare = URL.canParse(`http://${origin}`)
      ? new URL(`http://${origin}`)
      : undefined;
    const meant = originOf(url) || originOf(bare);
    const hint = meant !== "" && !isPattern
      ? `write it as ${meant}`
      : "it is none";
    throw new TypeError(
      `Cannot allow the origin ${JSON.stringify(origin)}: ${hint}`,
    );
  }
  return origin;
}

/** What a browser sends for a page of a URL; empty for one without a host. */
function originOf(url: URL | undefined): string {
  return url === undefined || url.host === ""
    ? ""
    : `${url.protocol}//${url.host}`;
}

function checkTokens(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!TOKEN.test(name)) {
      throw new TypeError(
        `Cannot allow ${JSON.stringify(name)} across origins: it is no token`,
      );
    }
  }
  return names;
}
