// Which request is sent again, after the connection that it was sent on has failed. Pure.

/** Methods whose effect is the same if the request arrives twice (RFC 9110 §9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "PUT",
  "DELETE",
  // RFC 4918, RFC 3253, RFC 5323 and the QUERY method.
  "PROPFIND",
  "REPORT",
  "SEARCH",
  "QUERY",
]);

/** What has happened to a request. */
export interface Attempt {
  readonly method: string;
  /** Whether the connection had carried another request before: the upstream may have closed it. */
  readonly reused: boolean;
  /** How many bytes of a response have arrived. */
  readonly received: number;
  /** Whether any of the request's body was read from the client. It is not kept. */
  readonly bodyBegun: boolean;
}

/**
 * Whether a request may arrive twice without harm.
 *
 * @param method The method.
 * @returns Whether the method is idempotent.
 */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * Decides whether to send a request again on a new connection (RFC 9110 §9.2.2).
 *
 * @param attempt What has happened to it.
 * @returns Whether to send it again.
 *
 * @example The upstream has closed a kept-open connection
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const attempt = { reused: true, received: 0, bodyBegun: false };
 * assert(maySendAgain({ ...attempt, method: "GET" }));
 * assertFalse(maySendAgain({ ...attempt, method: "POST" }));
 * ```
 */
export function maySendAgain(
  { method, reused, received, bodyBegun }: Attempt,
): boolean {
  return reused && received === 0 && !bodyBegun && isIdempotent(method);
}
