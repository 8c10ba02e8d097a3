// The ID of a request, by which the log lines of several servers about it can be found.

/** An ID that proxies and log readers can handle. */
const ID = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/** Version, trace, parent and flags (W3C Trace Context §3.2). Later versions may append more. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;

/**
 * Returns the ID that a trusted proxy has given to a request.
 *
 * @param requestIds The values of X-Request-Id.
 * @param traceparents The values of traceparent.
 * @returns The request ID, or else the trace ID; `undefined` if neither is valid.
 *
 * @example A trace, and a field that was sent twice
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
 * assertEquals(receivedId([], [trace]), "0af7651916cd43dd8448eb211c80319c");
 * assertEquals(receivedId(["a", "b"], []), undefined);
 * ```
 */
export function receivedId(
  requestIds: readonly string[],
  traceparents: readonly string[],
): string | undefined {
  const [id = "", ...moreIds] = requestIds;
  if (moreIds.length === 0 && ID.test(id)) return id;
  const [trace = "", ...moreTraces] = traceparents;
  if (moreTraces.length > 0) return undefined;
  return TRACEPARENT.exec(trace)?.[1];
}
