// The fields of a forwarded request. Pure.

import { connectionOptions } from "../../../parser/framing.ts";
import type { HTTPMessage } from "../../../parser/headers.ts";
import { listMembers } from "../../../parser/syntax.ts";
import type { Field } from "../response/fields.ts";

/** Fields that concern one connection (RFC 9110 §7.6.1), or that the proxy sets itself. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
]);

/** What a proxy says of its client. Only trusted proxies may say so. */
const OF_PROXIES = /^(?:forwarded$|x-forwarded-|x-real-ip$)/;

/** The methods whose requests have a Content-Length even without a body (RFC 9110 §8.6). */
const HAS_CONTENT: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** How the body of a request is framed. */
export type RequestBodyFraming = number | "chunked";

/** What is known of a request besides its fields. */
export interface RequestContext {
  readonly method: string;
  /** Whether the request is of HTTP/1.1 or later. */
  readonly http11: boolean;
  /** The value of Host. */
  readonly authority: string;
  /** The address of the connection; `unix:` for a Unix socket. */
  readonly peer: string;
  /** Whether the connection is one of a trusted proxy. */
  readonly trusted: boolean;
  /** What the client sent the request to. */
  readonly scheme: "http" | "https";
  readonly host: string | null;
  /** Whether the password of the request was for this server. */
  readonly ownPassword: boolean;
  /** The name of this server in Via. */
  readonly pseudonym: string;
}

/** What a request asks of the connection to the upstream. */
export interface RequestPlan {
  /** All fields, in order. */
  readonly fields: readonly Field[];
  readonly framing: RequestBodyFraming;
  /** Whether the client waits for 100 before it sends the body. */
  readonly expects: boolean;
  /** Whether the client asks for another protocol on the connection. */
  readonly upgrades: boolean;
  /** The protocols that it asks for, in lower case. */
  readonly protocols: readonly string[];
  /** Whether the client wants trailer fields. */
  readonly trailers: boolean;
}

/**
 * Determines the fields of a forwarded request.
 *
 * @param headers The fields of the client's request, which passed the parser.
 * @param context What is known besides.
 * @returns The fields, and what they ask for.
 *
 * @example Host is that of the upstream
 * ```ts
 * import { HTTPMessage } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const headers = new HTTPMessage([["Host", "localhost:8000"], ["Accept", "text/html"]]);
 * const { fields } = planRequest(headers, {
 *   method: "GET",
 *   http11: true,
 *   authority: "localhost:3000",
 *   peer: "127.0.0.1",
 *   trusted: false,
 *   scheme: "http",
 *   host: "localhost:8000",
 *   ownPassword: false,
 *   pseudonym: "a",
 * });
 * assertEquals(fields, [
 *   ["Host", "localhost:3000"],
 *   ["Accept", "text/html"],
 *   ["X-Forwarded-For", "127.0.0.1"],
 *   ["X-Forwarded-Proto", "http"],
 *   ["X-Forwarded-Host", "localhost:8000"],
 *   ["Via", "1.1 a"],
 * ]);
 * ```
 */
export function planRequest(
  headers: HTTPMessage,
  context: RequestContext,
): RequestPlan {
  const { method, http11, authority, trusted, ownPassword } = context;
  const named = connectionOptions(headers.get_all("Connection", []));
  const fields: Field[] = [["Host", authority]];
  for (const field of headers.items()) {
    const name = field[0].toLowerCase();
    if (
      NOT_FORWARDED.has(name) || named.has(name) ||
      (ownPassword && name === "authorization") ||
      OF_PROXIES.test(name) && !(trusted && isKept(name))
    ) continue;
    fields.push(field);
  }
  addForwarded(fields, headers, context);
  const framing = framingOf(headers);
  const upgrade = listMembers(headers.get_all("Upgrade", []));
  // HTTP/2 over an upgraded connection would be another protocol than the one read here.
  const upgrades = http11 && named.has("upgrade") && upgrade.length > 0 &&
    framing === 0 && !upgrade.some((name) => /^h2c?$/i.test(name));
  const trailers = http11 && listMembers(headers.get_all("TE", []))
    .some((coding) => coding.toLowerCase() === "trailers");
  const options: string[] = [];
  if (upgrades) {
    options.push("Upgrade");
    fields.push(["Upgrade", upgrade.join(", ")]);
  }
  if (trailers) {
    options.push("TE");
    fields.push(["TE", "trailers"]);
  }
  if (options.length > 0) fields.push(["Connection", options.join(", ")]);
  if (framing === "chunked") fields.push(["Transfer-Encoding", "chunked"]);
  else if (framing > 0 || HAS_CONTENT.has(method)) {
    fields.push(["Content-Length", String(framing)]);
  }
  const expects = http11 && framing !== 0 &&
    headers.get_all("Expect", []).some((value) =>
      value.toLowerCase() === "100-continue"
    );
  if (expects) fields.push(["Expect", "100-continue"]);
  const protocols = upgrades ? upgrade.map((name) => name.toLowerCase()) : [];
  return { fields, framing, expects, upgrades, protocols, trailers };
}

/** Those that it sets continue what trusted proxies said. */
function isKept(name: string): boolean {
  return name !== "x-forwarded-for" && name !== "x-forwarded-proto" &&
    name !== "x-forwarded-host";
}

function addForwarded(
  fields: Field[],
  headers: HTTPMessage,
  { peer, trusted, scheme, host, pseudonym }: RequestContext,
): void {
  const chain = trusted ? headers.get_all("X-Forwarded-For", []) : [];
  // A Unix socket has no address.
  if (!peer.startsWith("unix:")) chain.push(peer);
  if (chain.length > 0) fields.push(["X-Forwarded-For", chain.join(", ")]);
  fields.push(["X-Forwarded-Proto", scheme]);
  if (host !== null && host !== "") fields.push(["X-Forwarded-Host", host]);
  const via = [...headers.get_all("Via", []), `1.1 ${pseudonym}`];
  fields.push(["Via", via.join(", ")]);
}

/** The parser has rejected requests for which this is uncertain. */
function framingOf(headers: HTTPMessage): RequestBodyFraming {
  if (headers.has("Transfer-Encoding")) return "chunked";
  return Number(headers.get("Content-Length", "0"));
}

/**
 * Whether a request has passed this server before (RFC 9110 §7.6.3).
 *
 * @param headers The fields of the request.
 * @param pseudonym The name of this server in Via.
 * @returns `true` if forwarding it would go on for ever.
 */
export function isLoop(
  headers: Pick<HTTPMessage, "get_all">,
  pseudonym: string,
): boolean {
  return headers.get_all("Via", []).some((value) => value.includes(pseudonym));
}
