// The fields of a forwarded response: those of the upstream, without those of its connection, and
// with redirects and cookies that work at this server. Pure.

import { connectionOptions } from "../../../parser/framing.ts";
import type { HTTPMessage } from "../../../parser/headers.ts";
import { trimOws } from "../../../parser/syntax.ts";
import type { Field } from "../response/fields.ts";
import type { Route, Upstream } from "./interfaces.ts";
import { pathHere } from "./target.ts";

/** Fields that concern the upstream's connection (RFC 9110 §7.6.1) or its own address (RFC 7838). */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  "alt-svc",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** A URL with a host: its scheme, if there is one, its authority, and the rest. */
const WITH_HOST = /^(?:(https?):)?\/\/([^/?#\\]*)(.*)$/is;

/** What the client asked for. */
export interface ResponseContext {
  readonly route: Route;
  /** The scheme of the URL that the client used. */
  readonly scheme: "http" | "https";
  /** The host of that URL. */
  readonly host: string | null;
}

/**
 * Determines the fields of a forwarded response.
 *
 * @param headers The fields of the upstream's response.
 * @param context What the client asked for.
 * @returns The fields, in the upstream's order.
 *
 * @example A redirect and a cookie
 * ```ts
 * import { HTTPMessage } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const headers = new HTTPMessage([
 *   ["Location", "http://api.test/v1/login"],
 *   ["Set-Cookie", "a=b; Domain=api.test; Path=/v1; Secure"],
 *   ["Keep-Alive", "timeout=5"],
 * ]);
 * const upstream = {
 *   name: "http://api.test",
 *   secure: false,
 *   host: "api.test",
 *   port: 80,
 *   authority: "api.test",
 * };
 * const route = { prefix: ["api"], base: "/v1", upstream };
 * assertEquals(responseFields(headers, { route, scheme: "http", host: "localhost:8000" }), [
 *   ["Location", "/api/login"],
 *   ["Set-Cookie", "a=b; Path=/api"],
 * ]);
 * ```
 */
export function responseFields(
  headers: HTTPMessage,
  context: ResponseContext,
): Field[] {
  const named = connectionOptions(headers.get_all("Connection", []));
  const fields: Field[] = [];
  for (const [name, value] of headers.items()) {
    const key = name.toLowerCase();
    if (NOT_FORWARDED.has(key) || named.has(key)) continue;
    if (key === "location" || key === "content-location") {
      fields.push([name, locationHere(value, context.route)]);
    } else if (key === "set-cookie") {
      fields.push([name, cookieHere(value, context)]);
    } else {
      fields.push([name, value]);
    }
  }
  return fields;
}

/**
 * Converts a URL of an upstream to that of the same resource at this server.
 *
 * @param url The URL or reference.
 * @param route The route.
 * @returns A path, if the URL is of the upstream or is a path; else the URL, unchanged.
 */
export function locationHere(url: string, route: Route): string {
  const match = WITH_HOST.exec(url);
  if (match === null) {
    return url.startsWith("/") ? pathHere(url, route) : url;
  }
  const [, scheme, authority, rest] = match;
  return isOf(route.upstream, scheme, authority!)
    ? pathHere(/^[/\\]/.test(rest!) ? rest! : "/" + rest, route)
    : url;
}

function isOf(
  { secure, authority, socket }: Upstream,
  scheme: string | undefined,
  given: string,
): boolean {
  const wanted = secure ? "https" : "http";
  const default_ = secure ? ":443" : ":80";
  const name = given.toLowerCase();
  return (scheme === undefined || scheme.toLowerCase() === wanted) &&
    (name === authority || name === authority + default_ ||
      (socket !== undefined && name === "localhost:80"));
}

/**
 * Converts a cookie of an upstream to one that browsers store for this server.
 *
 * @param cookie The value of Set-Cookie.
 * @param context What the client asked for.
 * @returns The value without the upstream's Domain, with its Path as it is here, and without Secure
 * if the client uses plain HTTP, unless the name requires it.
 */
export function cookieHere(
  cookie: string,
  { route, scheme, host }: ResponseContext,
): string {
  const [pair = "", ...attributes] = cookie.split(";");
  // Browsers reject these names without Secure.
  const insecure = scheme === "http" && !/^\s*__(?:secure|host)-/i.test(pair);
  const kept = attributes.flatMap((text) => {
    const equals = text.indexOf("=");
    const name = trimOws(equals < 0 ? text : text.slice(0, equals))
      .toLowerCase();
    const value = equals < 0 ? "" : trimOws(text, equals + 1);
    if (name === "domain" && isForeign(value, route.upstream, host)) return [];
    if (name === "path" && value.startsWith("/")) {
      const path = pathHere(value, route);
      return [path === value ? text : ` Path=${path}`];
    }
    if (!insecure) return [text];
    // Both need Secure.
    return name === "secure" || name === "partitioned" ||
        (name === "samesite" && value.toLowerCase() === "none")
      ? []
      : [text];
  });
  return [pair, ...kept].join(";");
}

/** Whether a cookie's domain contains the upstream, but not this server. */
function isForeign(
  domain: string,
  { host }: Upstream,
  here: string | null,
): boolean {
  const name = domain.toLowerCase().replace(/^\./, "");
  const within = (host: string) => host === name || host.endsWith("." + name);
  const own = (here ?? "").toLowerCase().replace(/:[0-9]*$/, "");
  return within(host) && !within(own);
}

/**
 * How long an upstream keeps an idle connection open, from Keep-Alive.
 *
 * @param headers The fields of its response.
 * @returns The number of seconds; `undefined` if it doesn't say.
 */
export function keptFor(
  headers: Pick<HTTPMessage, "get">,
): number | undefined {
  const match = /(?:^|[\s,])timeout=([0-9]{1,6})(?:$|[\s,])/i
    .exec(headers.get("Keep-Alive", ""));
  return match === null ? undefined : Number(match[1]);
}
