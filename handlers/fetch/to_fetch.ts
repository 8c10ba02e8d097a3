// `toFetch()`: runs handlers on `Deno.serve()` and everything else that calls `fetch()`.

import type { Address } from "../../connection/connection.ts";
import { errorReport } from "../../connection/error_report.ts";
import {
  forgiveUnhandledWireErrors,
  isDisconnect,
} from "../../connection/errors.ts";
import { writeLog } from "../../connection/log.ts";
import type { MaybePromise } from "../../connection/files.ts";
import type { RequestHandlerClass, ServerContext } from "../types.ts";
import { FetchConnection } from "./fetch_connection.ts";
import { RequestBytes } from "./request_bytes.ts";
import { ResponseSink } from "./response_sink.ts";

/** What the runtime knows about a request. `Deno.ServeHandlerInfo` is one. */
export interface FetchInfo {
  /** The address of the client. */
  readonly remoteAddr?: {
    readonly transport?: string;
    readonly hostname?: string;
    readonly port?: number;
  };
}

/** Options of `toFetch()`. */
export interface FetchOptions {
  /**
   * Returns the address of the client, for runtimes that don't pass it to `fetch()`, such as
   * `(request) => request.headers.get("cf-connecting-ip")`.
   *
   * @default The address that `Deno.serve()` passes; 127.0.0.1 if `fetch()` is called with a request
   * alone, as in a test, and 0.0.0.0 if what it is called with has no address.
   */
  clientAddress?: (request: Request, info: FetchInfo | undefined) =>
    | string
    | null
    | undefined;
  /**
   * Called with an error that a handler threw; by default it is logged, as `handle_error()` does.
   * Not called when a client disconnects.
   */
  onError?: (error: unknown, client_address: Address) => MaybePromise<void>;
}

/** What `export default` of a module for `deno serve` must be: a `Deno.ServeDefaultExport`. */
export interface FetchServer {
  /**
   * Serves a request.
   *
   * @param request The request.
   * @param info What the runtime knows about it.
   * @returns The response. Its body is sent while the handler writes it. Never rejects.
   */
  fetch(request: Request, info?: FetchInfo): Promise<Response>;
}

/** How long to wait for a handler after its response, in milliseconds. */
const PATIENCE = 100;

/** The address of a client whose address the runtime doesn't tell. */
const NOBODY = "0.0.0.0";

/** The client of a request that was made in the program itself. */
const LOCAL: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 0,
};

/**
 * Converts a handler class to a `fetch()` method: for `Deno.serve()`, `deno serve`, Deno Deploy and
 * other runtimes, and for tests without a socket. Each request gets a new handler, whose
 * `setup()`, `handle()` and `finish()` are called as by a server.
 *
 * What HTTP/1.1 has and `fetch()` has not, such as interim responses, is in docs/deploy.md.
 *
 * @param Handler The handler class, or what `staticFiles()` returns.
 * @param options Where the client's address comes from, and where errors go.
 * @returns An object to export as the default of a module for `deno serve`.
 *
 * @example A test without a socket
 * ```ts
 * import { BaseHTTPRequestHandler, toFetch } from "@x/httpserver/fetch";
 * import { assertEquals } from "@std/assert";
 *
 * class Echo extends BaseHTTPRequestHandler {
 *   override log_message() {}
 *   async do_POST() {
 *     this.send_response(200);
 *     this.send_header("Content-Type", "text/plain");
 *     this.end_headers();
 *     this.wfile.write(await this.rfile.read());
 *   }
 * }
 *
 * const request = new Request("http://localhost/", { method: "POST", body: "tea" });
 * const response = await toFetch(Echo).fetch(request);
 * assertEquals([response.status, await response.text()], [200, "tea"]);
 * ```
 *
 * @example A site for `deno serve main.ts`
 * ```ts
 * import { toFetch } from "@x/httpserver/fetch";
 * import { staticFiles } from "@x/httpserver/static";
 *
 * export default toFetch(staticFiles({ directory: "." })) satisfies Deno.ServeDefaultExport;
 * ```
 */
export function toFetch(
  Handler: RequestHandlerClass,
  options: FetchOptions = {},
): FetchServer {
  forgiveUnhandledWireErrors();
  const owner = {};
  return {
    fetch(request, info) {
      const sink = new ResponseSink(
        request.method,
        () => connection.clientLeft(),
      );
      const served = info?.remoteAddr !== undefined;
      // Deno changes nothing of a request, but HTTP/2 has no Host field.
      const raw = served && request.headers.has("host");
      const connection = new FetchConnection(
        request,
        addressOf(request, info, options),
        new RequestBytes(request, raw),
        sink,
      );
      const done = serve(Handler, request, connection, sink, options, owner);
      return served ? sink.response : whenDone(sink, done);
    },
  };
}

/**
 * Waits for the end of a handler whose response is complete, in a call from the program itself:
 * a test should find nothing left to do. Not for long, since a handler may have other work.
 */
async function whenDone(
  sink: ResponseSink,
  done: Promise<void>,
): Promise<Response> {
  const response = await sink.response;
  if (!sink.complete) return response;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
  return response;
}

function addressOf(
  request: Request,
  info: FetchInfo | undefined,
  { clientAddress }: FetchOptions,
): Deno.Addr {
  try {
    const hostname = clientAddress?.(request, info);
    if (typeof hostname === "string") return { ...LOCAL, hostname };
  } catch (error) {
    // The request is served, with an address that nothing trusts.
    logError(error, [NOBODY, 0]);
    return { ...LOCAL, hostname: NOBODY };
  }
  const known = info?.remoteAddr as Deno.Addr | undefined;
  // An unknown client must not pass for a proxy on this machine that is trusted.
  return known ?? (info === undefined ? LOCAL : { ...LOCAL, hostname: NOBODY });
}

/** Takes the steps of a server for one connection. Never rejects. */
async function serve(
  Handler: RequestHandlerClass,
  request: Request,
  connection: FetchConnection,
  sink: ResponseSink,
  { onError = logError }: FetchOptions,
  owner: object,
): Promise<void> {
  const { client_address } = connection;
  const report = async (error: unknown) => {
    try {
      await onError(error, client_address);
    } catch (failure) {
      // A fault in the report must not end the process.
      logError(error, client_address);
      logError(failure, client_address);
    }
  };
  try {
    const context = new FetchContext(request.url, owner);
    const handler = new Handler(connection, client_address, context);
    await handler.setup();
    try {
      await handler.handle();
    } finally {
      await handler.finish();
    }
    await connection.wfile.flush();
  } catch (error) {
    sink.fail(error);
    if (!isDisconnect(error)) void report(error);
  } finally {
    sink.end();
    // The handler only saw that it can't write.
    if (sink.fault !== undefined) void report(sink.fault);
    connection.close();
  }
}

function logError(error: unknown, client_address: Address): void {
  writeLog(errorReport(client_address, error));
}

/** The server, as a handler sees it: the one that the client's URL names. */
class FetchContext implements ServerContext {
  readonly owner: object;
  readonly #requested: string;
  #url: Pick<URL, "hostname" | "port"> | undefined;

  constructor(requested: string, owner: object) {
    this.#requested = requested;
    this.owner = owner;
  }

  get server_address(): Address {
    return [this.server_name, this.server_port];
  }

  get server_name(): string {
    return this.#parsed.hostname;
  }

  get server_port(): number {
    const { port } = this.#parsed;
    return port === "" ? (this.secure ? 443 : 80) : Number(port);
  }

  get secure(): boolean {
    return this.#requested.startsWith("https:");
  }

  shutdown(): Promise<void> {
    return Promise.reject(
      new TypeError("Cannot shut down: the runtime owns the server"),
    );
  }

  get #parsed(): Pick<URL, "hostname" | "port"> {
    // A client may send an invalid port, such as 99999.
    return this.#url ??= URL.parse(this.#requested) ??
      { hostname: "", port: "" };
  }
}
