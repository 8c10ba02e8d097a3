// A `Request` as the head of an HTTP/1.1 request. Pure.

import { connectionOptions } from "../../parser/framing.ts";
import { HOP_BY_HOP } from "./hop_by_hop.ts";

/** The parts of a `Request` that its head is made from. */
export interface RequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
}

/** How the end of a request's body is known; `"none"` for a request without one. */
export type RequestFraming = "none" | "chunked" | number;

/** Scheme and authority, and the rest as the client sent it. */
const PARTS = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is;

/** Characters that only their UTF-8 bytes can represent in a head. */
const NOT_ASCII = /[^\0-\x7f]+/g;

const DIGITS = /^[0-9]+$/;

/**
 * Writes the head of a request. Fields that concern only one connection are left out (RFC 9110
 * §7.6.1), and `Connection: close` says that no request follows.
 *
 * @param request The request.
 * @param framing How the end of its body is known.
 * @param raw Whether the URL has the target as the client sent it, as Deno's has: then another
 * authority than that of Host means a target in absolute form.
 * @returns The head as Latin-1 text.
 */
export function requestHead(
  request: RequestParts,
  framing: RequestFraming,
  raw: boolean,
): string {
  const { method, url, headers } = request;
  const [authority, rest] = split(url);
  const host = headers.get("host");
  // HTTP/2 and HTTP/3 have no Host field.
  let fields = host === null ? `Host: ${toLatin1(authority)}\r\n` : "";
  const nominated = connectionOptions([headers.get("connection") ?? ""]);
  for (const [name, value] of headers) {
    if (HOP_BY_HOP.has(name) || name === "content-length") continue;
    if (nominated.has(name) && name !== "host") continue;
    fields += `${titled(name)}: ${value}\r\n`;
  }
  if (framing === "chunked") fields += "Transfer-Encoding: chunked\r\n";
  else if (framing !== "none") fields += `Content-Length: ${framing}\r\n`;
  // A target in absolute form replaces the authority (RFC 9112 §3.2.2).
  const absolute = raw && host !== null && host !== "" && host !== authority;
  const target = method === "CONNECT"
    ? authority
    : absolute
    ? toLatin1(url)
    : targetOf(method, rest);
  return `${method} ${target} HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`;
}

/**
 * Returns the length of a request's body.
 *
 * @param headers The request's header fields.
 * @returns `undefined` if `Content-Length` is absent or malformed.
 */
export function contentLength(headers: Headers): number | undefined {
  const value = headers.get("content-length");
  return value !== null && DIGITS.test(value) ? Number(value) : undefined;
}

/** Scheme and authority are not parsed as a URL, which would normalize the path. */
function split(url: string): [authority: string, rest: string] {
  const [, authority = "", rest = ""] = PARTS.exec(url) ?? [];
  return [authority, rest];
}

/** The target in origin form, or the asterisk form. */
function targetOf(method: string, rest: string): string {
  // `OPTIONS *` arrives as a path.
  if (method === "OPTIONS" && rest === "/*") return "*";
  return toLatin1(rest.startsWith("/") ? rest : "/" + rest);
}

/** Text with the UTF-8 bytes of other characters than ASCII, one character for each byte. */
function toLatin1(text: string): string {
  return text.replace(
    NOT_ASCII,
    (part) => String.fromCharCode(...new TextEncoder().encode(part)),
  );
}

/** `content-type` as `Content-Type`: names arrive in lower case. */
function titled(name: string): string {
  return name.replace(
    /(?:^|-)[a-z]/g,
    (letter) => letter.toUpperCase(),
  );
}
