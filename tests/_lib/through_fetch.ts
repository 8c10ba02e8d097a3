// The second run of the wire tests: the same handlers on `Deno.serve(toFetch(Handler).fetch)`.

import { toFetch } from "../../handlers/fetch/mod.ts";
import type { Connection } from "../../connection/connection.ts";
import type { RequestHandlerClass } from "../../handlers/mod.ts";

/** Whether this is the second run. */
export const THROUGH_FETCH: boolean = Deno.env.get("SERVE_WITH") === "fetch";

/** A server of the runtime. */
export interface FetchServed {
  readonly port: number;
  readonly server: undefined;
  /** Waits until no handler is at work; gives up after 0.1 s. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Serves a handler class with `Deno.serve()` on a free port of this machine. */
export function serveThroughFetch(
  Handler: RequestHandlerClass,
  onError: (error: unknown) => void,
): FetchServed {
  let working = 0;
  const Counted = new Proxy(Handler, {
    construct(target, [connection, ...rest], newTarget) {
      working++;
      (connection as Connection).onClose(() => working--);
      return Reflect.construct(target, [connection, ...rest], newTarget);
    },
  });
  const settle = async () => {
    for (let turn = 0; working > 0 && turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const stop = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: stop.signal,
    onListen() {},
  }, toFetch(Counted, { onError }).fetch);
  return {
    port: server.addr.port,
    server: undefined,
    settle,
    async close() {
      // `shutdown()` waits for idle connections, which a failed test may leave open.
      stop.abort();
      await server.finished;
      await settle();
    },
  };
}

/** A request that asks to close the connection, as a handler that speaks HTTP/1.0 would do by itself. */
export function asLast<T extends string | Uint8Array>(request: T): T | string {
  if (typeof request !== "string" || /^Connection:/im.test(request)) {
    return request;
  }
  return request.replace(" HTTP/1.1\r\n", " HTTP/1.1\r\nConnection: close\r\n");
}

/** A head with the usual spelling of the names that the runtime writes in lower case. */
export function spelled(head: string): string {
  return head.replace(
    /^(?:connection|content-length|date|transfer-encoding):/gm,
    (name) => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  );
}
