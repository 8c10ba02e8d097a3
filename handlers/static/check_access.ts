// Checks the client's address, the host, the secret path and the password, before any file is
// looked up.

import { Connection } from "../../connection/connection.ts";
import type { MaybePromise } from "../../connection/files.ts";
import { watchClient } from "./access/client_watch.ts";
import type { Exchange } from "./exchange.ts";
import { clientOf } from "./forwarded_request.ts";
import type { Resolved } from "./found.ts";
import { authorityOf, hasBadAuthority } from "./lookup/target.ts";
import { monitorPage } from "./monitoring/monitor.ts";
import type { Access } from "./site_parts.ts";

/** Why a request is rejected before any file is looked up. */
export type Refusal = Extract<
  Resolved,
  {
    kind:
      | "bad authority"
      | "busy"
      | "forbidden"
      | "misdirected"
      | "missing"
      | "unauthorized";
  }
>;

/**
 * Checks the client's address, once the head of the request is parsed.
 *
 * @param exchange The request; records there whether the client is allowed.
 * @param request The handler.
 * @returns `null` if the client is allowed, or if the request is for the health page.
 */
export function checkClient(
  exchange: Exchange,
  request: Parameters<typeof clientOf>[1],
): Refusal | null {
  const { site } = exchange;
  const { allows, monitor } = site;
  exchange.allowed = allows === undefined || allows(clientOf(site, request));
  if (exchange.allowed) return null;
  const reads = exchange.method === "GET" || exchange.method === "HEAD";
  return reads && monitor && monitorPage(monitor, request.path) === "health"
    ? null
    : { kind: "forbidden" };
}

/**
 * Checks the host, the secret path and the password of a request.
 *
 * @param exchange The request; records there whether it was admitted, and the user.
 * @returns `null` if the request may continue.
 */
export function checkAccess(exchange: Exchange): MaybePromise<Refusal | null> {
  const refused = checkHost(exchange);
  if (refused !== null) return refused;
  const { access } = exchange.site;
  if (access !== undefined) return admitUser(exchange, access);
  exchange.admitted = true;
  return null;
}

/**
 * Checks the host and the secret path of a request, synchronously.
 *
 * @param exchange The request.
 * @returns `null` if the site serves both.
 */
export function checkHost(exchange: Exchange): Refusal | null {
  if (hasBadAuthority(exchange.request.path)) return { kind: "bad authority" };
  if (isMisdirected(exchange)) return { kind: "misdirected" };
  return exchange.isOutside ? { kind: "missing", vary: "" } : null;
}

/**
 * Whether a request may see files, as far as that is known without checking a password.
 *
 * @param exchange The request.
 * @returns `true` if it was admitted, or if there is no access control.
 */
export function isAdmitted(exchange: Exchange): boolean {
  const { access, allows } = exchange.site;
  return exchange.admitted ||
    (access === undefined && (exchange.allowed || allows === undefined) &&
      checkHost(exchange) === null);
}

/** Whether the server doesn't serve the request's host (RFC 9110 §15.5.20). */
function isMisdirected(exchange: Exchange): boolean {
  const { servesHost } = exchange.site;
  if (servesHost === undefined) return false;
  const { headers, request } = exchange;
  return !servesHost(authorityOf(request.path) ?? headers.get("Host"));
}

async function admitUser(
  exchange: Exchange,
  { challenge, check }: Access,
): Promise<Refusal | null> {
  const { headers, request } = exchange;
  const { connection } = request;
  const checked = await check(headers.get("Authorization"), {
    address: request.address_string(),
    ...(connection instanceof Connection && {
      watch: (leave: () => void) => watchClient(connection, leave),
    }),
  });
  if (checked === "busy") return { kind: "busy" };
  if (checked.user === undefined) return { kind: "unauthorized", challenge };
  exchange.user = checked.user;
  exchange.rights = checked.rights;
  // Files include the site's own error pages.
  exchange.admitted = checked.rights !== "write";
  return null;
}
