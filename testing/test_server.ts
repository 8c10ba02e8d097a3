// The server of a `TestSite`.

import type { Address, Connection } from "../connection/connection.ts";
import type { RequestHandlerClass } from "../handlers/types.ts";
import { ThreadingHTTPServer } from "../server/http.ts";
import type { Recorder } from "./recorded_exchange.ts";
import type { WireListener } from "./wire.ts";

/** A server that doesn't wait for responses when it closes. */
export class TestServer extends ThreadingHTTPServer {
  static override gracePeriod = 0;
  readonly #listener: WireListener;
  readonly #recorder: Recorder;

  constructor(
    listener: WireListener,
    Handler: RequestHandlerClass,
    recorder: Recorder,
  ) {
    super(["127.0.0.1", listener.addr.port], Handler, false);
    this.#listener = listener;
    this.#recorder = recorder;
    this.server_bind();
    this.server_activate();
  }

  override listen(): Deno.Listener {
    return this.#listener;
  }

  override handle_error(
    request: Connection,
    client_address: Address,
    error: unknown,
  ): void {
    const stack = error instanceof Error ? error.stack ?? error : error;
    this.#recorder.failed("The handler failed", stack);
    if (this.#recorder.log) super.handle_error(request, client_address, error);
  }
}
