// Whether a response announces that the connection stays open, and for how long.

/** The parts of a handler that this depends on. */
interface Responding {
  readonly close_connection: boolean;
  readonly command: string;
  readonly connection: { readonly stopping: boolean };
  readonly idleTimeout: number | undefined;
  readonly request_version: string;
  readonly response: {
    readonly hasConnection: boolean;
    readonly interim: boolean;
    delimited(command: string): boolean;
  };
  send_header(keyword: string, value: string): void;
}

/**
 * Adds `Connection: keep-alive` to a final head for HTTP/1.0 clients, which otherwise expect the
 * connection to close (RFC 9112 §C.2.2), and with an `idleTimeout` also `Keep-Alive`.
 *
 * @param handler The handler.
 */
export function announceKeepAlive(handler: Responding): void {
  const { response, idleTimeout } = handler;
  const wanted = handler.request_version === "HTTP/1.0" ||
    (idleTimeout !== undefined && !handler.connection.stopping);
  if (
    !wanted || handler.close_connection || response.interim ||
    response.hasConnection || !response.delimited(handler.command)
  ) return;
  handler.send_header("Connection", "keep-alive");
  if (idleTimeout === undefined) return;
  handler.send_header("Keep-Alive", `timeout=${Math.floor(idleTimeout)}`);
}
