// Who asks, and whether for this server: before anything is looked at.

import { Connection } from "../../connection/connection.ts";
import type { MaybePromise } from "../../connection/files.ts";
import { watchClient } from "./access/client_watch.ts";
import type { Exchange } from "./exchange.ts";
import type { Resolved } from "./found.ts";
import { authorityOf, hasBadAuthority } from "./lookup/target.ts";
import type { Access } from "./site.ts";

/** Why a request may not see files. */
export type Refusal = Extract<
  Resolved,
  { kind: "bad authority" | "misdirected" | "unauthorized" | "busy" }
>;

/**
 * Checks the host and the password of a request.
 *
 * @param exchange The request; whether it is admitted, and the user, are noted there.
 * @returns `null` if the request may go on.
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
 * Checks the host of a request, which needs no waiting.
 *
 * @param exchange The request.
 * @returns `null` if this server responds for it.
 */
export function checkHost(exchange: Exchange): Refusal | null {
  if (hasBadAuthority(exchange.request.path)) return { kind: "bad authority" };
  return isMisdirected(exchange) ? { kind: "misdirected" } : null;
}

/**
 * Whether a request may see files, as far as is known without checking a password.
 *
 * @param exchange The request.
 * @returns `true` if it was admitted, or if everybody is.
 */
export function isAdmitted(exchange: Exchange): boolean {
  return exchange.admitted ||
    (exchange.site.access === undefined && checkHost(exchange) === null);
}

/** Whether a request came to a server that does not serve its host (RFC 9110 §15.5.20). */
function isMisdirected(exchange: Exchange): boolean {
  const { answersFor } = exchange.site;
  if (answersFor === undefined) return false;
  const { headers, request } = exchange;
  return !answersFor(authorityOf(request.path) ?? headers.get("Host"));
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
  exchange.admitted = true;
  return null;
}
