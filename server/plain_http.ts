// Plain HTTP on the port of an HTTPS server: a redirect to the https URL, or the certificate of the
// authority, which a client needs before it can trust any HTTPS. Loaded for the first such client.

import { toAddress } from "../connection/connection.ts";
import { isDisconnect, markDisconnect } from "../connection/errors.ts";
import { LINGER_TIME } from "../connection/limits.ts";
import { ParseError } from "../parser/errors.ts";
import { isHost } from "../parser/host.ts";
import { LineReader } from "../parser/line_reader.ts";
import { type ParsedRequest, parseRequest } from "../parser/request.ts";
import { withoutAuthority } from "../text/target.ts";

/** How to respond to clients that speak plain HTTP on the port. */
export interface PlainHttp {
  /** The certificate of the authority (DER), for `CA_PATH`; `null` to redirect that too. */
  readonly authority: Uint8Array | null;
  /** Whether a client gets that; otherwise it gets 403. By default, each client does. */
  readonly allows?: (address: string) => boolean;
}

/** The path of the authority's certificate. */
export const CA_PATH = "/.httpserver/ca.crt";

/** The media type that makes phones offer to install it. */
export const CA_TYPE = "application/x-x509-ca-cert";

/** How much to read at once, in bytes. */
const READ_SIZE = 4_096;

/** A name or an address, and an optional port: less than `isHost()` allows, since it becomes part of a URL. */
const PLAIN_HOST = /^([0-9a-z._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?$/i;

/** What a request gets. */
export interface PlainResponse {
  readonly status: string;
  /** Header fields, besides those that every response has. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/**
 * Reads one request and responds. The caller limits the time, and closes the connection.
 *
 * @param tcp The connection.
 * @param first The bytes that were already read.
 * @param options What to respond.
 * @throws {Error} If the client doesn't send a valid request, or leaves.
 */
export async function respondPlain(
  tcp: Deno.TcpConn,
  first: Uint8Array,
  options: PlainHttp,
): Promise<void> {
  let fault: ParseError | undefined;
  let request: ParsedRequest | undefined;
  try {
    request = await readRequest(tcp, first);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    fault = error;
  }
  const isHead = request?.line.command === "HEAD";
  const [client] = toAddress(tcp.remoteAddr);
  const response = options.allows?.(client) === false
    ? errorResponse(403)
    : request === undefined
    ? errorResponse(fault?.status ?? 400)
    : plainResponse(request, toAddress(tcp.localAddr), options);
  await send(tcp, response, isHead);
  await dropRest(tcp);
  if (fault !== undefined) throw fault;
}

/**
 * Decides on the response. Pure.
 *
 * @param request The request.
 * @param bound The address that the client has connected to.
 * @param options What to respond.
 * @returns The response.
 */
export function plainResponse(
  { line, headers }: Pick<ParsedRequest, "line" | "headers">,
  [address, port]: readonly [string, number],
  { authority }: Pick<PlainHttp, "authority">,
): PlainResponse {
  const target = line.path;
  const local = target === "*" ? "/" : withoutAuthority(target);
  if (line.version === "" || !local.startsWith("/")) return errorResponse(400);
  const isFetch = line.command === "GET" || line.command === "HEAD";
  if (authority !== null && isFetch && local.split("?", 1)[0] === CA_PATH) {
    return {
      status: "200 OK",
      fields: [["Content-Type", CA_TYPE]],
      body: authority,
    };
  }
  // The authority of a target in absolute form overrides Host (RFC 9112 §3.2.2).
  const given = /^https?:\/\/([^/?#]*)/i.exec(target)?.[1] ??
    headers.get("host") ?? "";
  const bound = address.includes(":") ? `[${address}]` : address;
  const url = `https://${hostOf(given) ?? `${bound}:${port}`}${quoted(local)}`;
  return {
    // Not 301, after which clients send GET in place of POST (RFC 9110 §15.4.2).
    status: "308 Permanent Redirect",
    fields: [["Location", url], ["Content-Type", "text/plain"]],
    body: new TextEncoder().encode(`This port speaks HTTPS: ${url}\n`),
  };
}

/**
 * The host and port for the redirect: those of the request, since the port may be forwarded from
 * another one. `undefined` for a host that must not be part of a URL.
 */
function hostOf(text: string): string | undefined {
  const [, host, port = "80"] = PLAIN_HOST.exec(text) ?? [];
  if (host === undefined || !isHost(text) || Number(port) > 65_535) return;
  return `${host}:${Number(port)}`;
}

/** Encodes the characters that a URL can't contain; the target was read as latin-1. */
function quoted(target: string): string {
  return target.replace(
    /[^!-~]/g,
    (character) =>
      `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function errorResponse(status: number): PlainResponse {
  const reasons: Readonly<Record<number, string>> = {
    403: "Forbidden",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    505: "HTTP Version Not Supported",
  };
  const reason = reasons[status];
  return {
    status: reason === undefined ? "400 Bad Request" : `${status} ${reason}`,
    fields: [["Content-Type", "text/plain"]],
    body: new TextEncoder().encode(
      status === 403 ? "Forbidden\n" : "This port speaks HTTPS\n",
    ),
  };
}

/** Reads until the head of the request is complete. The parser limits its size. */
async function readRequest(
  tcp: Deno.TcpConn,
  first: Uint8Array,
): Promise<ParsedRequest> {
  const reader = new LineReader();
  reader.feed(first);
  for (;;) {
    // The redirect needs no Host, so HTTP/1.1 without it gets one too.
    const request = parseRequest(reader, { requiresHost: false });
    if (request !== undefined) return request;
    const count = await tcp.read(reader.reserve(READ_SIZE));
    if (count === null) {
      throw new Deno.errors.UnexpectedEof(
        "the client left before its request was complete",
      );
    }
    reader.commit(count);
  }
}

async function send(
  tcp: Deno.TcpConn,
  { status, fields, body }: PlainResponse,
  isHead: boolean,
): Promise<void> {
  const all = [
    ...fields,
    ["Content-Length", String(body.length)],
    // A browser that remembers the redirect could never use plain HTTP on this port again.
    ["Cache-Control", "no-store"],
    ["Connection", "close"],
  ];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = new TextEncoder().encode(`HTTP/1.1 ${status}\r\n${lines}\r\n`);
  const bytes = isHead ? head : new Uint8Array([...head, ...body]);
  for (let at = 0; at < bytes.length;) {
    at += await tcp.write(bytes.subarray(at));
  }
}

/**
 * Reads what the client still sends, for a limited time: closing with unread input would reset the
 * connection before the client has read the response.
 */
async function dropRest(tcp: Deno.TcpConn): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, LINGER_TIME);
  try {
    await tcp.closeWrite();
    await Promise.race([over.promise, readToEnd(tcp)]);
  } catch (error) {
    // The client has closed first.
    if (!isDisconnect(markDisconnect(error))) throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function readToEnd(tcp: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(READ_SIZE);
  while (await tcp.read(buffer) !== null);
}
