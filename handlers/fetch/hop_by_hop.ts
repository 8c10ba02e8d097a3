// The fields that concern one connection only. Pure.

/**
 * The names, in lower case, of fields that the handler and the client don't exchange: the runtime
 * writes its own for the client's connection (RFC 9110 §7.6.1).
 */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
