// A request as its client sent it: what trusted proxies report about it.

import type { HTTPMessage } from "../../parser/headers.ts";
import {
  type Chain,
  forwardedHost,
  forwardedScheme,
} from "./access/forwarded.ts";
import { receivedId } from "./access/request_id.ts";
import { authorityOf } from "./lookup/target.ts";
import type { Site } from "./site.ts";

/** What the client sent its request to, as far as trusted proxies report it. */
export interface Forwarded {
  /** The client's address. */
  readonly address: string;
  /** The scheme of the URL that it used. */
  readonly scheme: "http" | "https";
  /** The host that it asked for, with the port if it sent one; `null` for none. */
  readonly host: string | null;
}

/** The parts of a handler that this reads. */
interface Request {
  readonly client_address: readonly [host: string, port: number];
  readonly path: string;
  readonly headers: Pick<HTTPMessage, "get" | "get_all">;
  readonly server: { readonly secure?: boolean };
}

/**
 * Determines the client's address.
 *
 * @param site The site, with its trusted proxies.
 * @param request The request.
 * @returns The address.
 */
export function clientOf({ follow }: Site, request: Request): string {
  const [peer] = request.client_address;
  return follow === undefined ? peer : chainOf(follow, request).client;
}

/**
 * Determines what the client sent its request to.
 *
 * @param site The site, with its trusted proxies.
 * @param request The request.
 * @returns The client's address, and its scheme and host.
 */
export function forwardedOf({ follow }: Site, request: Request): Forwarded {
  const { headers, path, server } = request;
  const { client, proxies } = chainOf(follow, request);
  const value = (name: string) => joined(headers.get_all(name, []));
  return {
    address: client,
    scheme: forwardedScheme(value("X-Forwarded-Proto"), proxies) ??
      (server.secure ? "https" : "http"),
    host: forwardedHost(value("X-Forwarded-Host"), proxies) ??
      authorityOf(path) ?? headers.get("Host"),
  };
}

/**
 * Determines the ID of a request: from a trusted proxy, or a new one.
 *
 * @param site The site, with its trusted proxies.
 * @param request The request.
 * @returns The ID.
 */
export function requestIdOf({ follow }: Site, request: Request): string {
  const { headers } = request;
  const received = chainOf(follow, request).proxies === 0
    ? undefined
    : receivedId(
      headers.get_all("X-Request-Id", []),
      headers.get_all("traceparent", []),
    );
  return received ?? crypto.randomUUID().replaceAll("-", "");
}

function chainOf(follow: Site["follow"], request: Request): Chain {
  const { client_address: [peer], headers } = request;
  return follow === undefined
    ? { client: peer, proxies: 0 }
    : follow(peer, joined(headers.get_all("X-Forwarded-For", [])));
}

/** The lines of a list field as one value (RFC 9110 §5.3). */
function joined(lines: readonly string[]): string | null {
  return lines.length === 0 ? null : lines.join(",");
}
