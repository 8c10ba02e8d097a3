// CPython's `test()`: a handler class behind a server class until Ctrl-C, with the lines
// that people expect on their terminal.

// deno-lint-ignore-file no-console

import type { Address, Connection } from "../connection/connection.ts";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import type { RequestHandlerClass, ServerContext } from "../handlers/types.ts";
import { ThreadingHTTPServer } from "../server/http.ts";
import {
  HTTPSServer,
  type HTTPSServerOptions,
  ThreadingHTTPSServer,
} from "../server/https.ts";
import type { ServerOptions, TCPServer } from "../server/tcp.ts";
import { repr } from "../text/repr.ts";
import { onInterrupt } from "./interrupt.ts";
import { startLines } from "./start_lines.ts";

/** A class of servers that `test()` can serve with. */
export interface ServerClass {
  /** How long running answers may take when the server closes, in seconds. */
  gracePeriod: number;
  /**
   * Makes a server that listens.
   *
   * @param server_address Host and port.
   * @param RequestHandlerClass The class of handlers.
   * @param bind_and_activate Whether it listens at once.
   * @param options With `tls_cert`, the certificate and its key.
   */
  new (
    server_address: Address,
    RequestHandlerClass: RequestHandlerClass,
    bind_and_activate: boolean,
    // deno-lint-ignore no-explicit-any -- HTTPS servers need options of their own.
    options: any,
  ): TCPServer;
}

/** Options of `test()`, by CPython's names. */
export interface TestOptions {
  /**
   * The version that handlers speak.
   *
   * @default {the handler class's own}
   */
  readonly protocol?: string;
  /**
   * The port to listen at, 0 for a free one.
   *
   * @default {8000}
   */
  readonly port?: number;
  /**
   * The address to listen at; `null` is all interfaces.
   *
   * @default {null}
   */
  readonly bind?: string | null;
  /**
   * A file with the certificate chain, for HTTPS.
   *
   * @default {null}
   */
  readonly tls_cert?: string | null;
  /**
   * A file with the certificate's key; `null` where it is in that of the certificate.
   *
   * @default {null}
   */
  readonly tls_key?: string | null;
  /**
   * The password of the key.
   *
   * @default {null}
   */
  readonly tls_password?: string | null;
  /** Ends serving when it is aborted, as Ctrl-C does, without a word. */
  readonly signal?: AbortSignal;
}

/** An interrupt waits no longer for running answers, in seconds. */
const GRACE = 1;

/** Errors that say already what could not be done. */
const OWN_MESSAGE = /^Cannot (?:listen|read|use)\b/;

/**
 * Serves until Ctrl-C, SIGTERM, SIGHUP or the signal; prints where it listens. It is what the
 * command does, for handlers and servers of one's own.
 *
 * CPython sets `protocol_version` and `address_family` on the classes it is given; here
 * subclasses are made, and those stay as they are.
 *
 * @param HandlerClass The class of handlers.
 * @param ServerClass The class of servers; with `tls_cert`, one that takes the options of `HTTPSServer`.
 * @param options Where to listen, and how to speak.
 * @throws {Error} Where it can't listen, or the certificate can't be used.
 * @throws {TypeError} Where there is a certificate, but `ServerClass` is none for HTTPS.
 *
 * @example
 * ```ts
 * import { test } from "@x/httpserver/cli";
 * import { SimpleHTTPRequestHandler } from "@x/httpserver";
 *
 * const stop = new AbortController();
 * const served = test(SimpleHTTPRequestHandler, undefined, {
 *   port: 0,
 *   bind: "127.0.0.1",
 *   signal: stop.signal,
 * });
 * stop.abort();
 * await served;
 * ```
 */
export async function test(
  HandlerClass: RequestHandlerClass = BaseHTTPRequestHandler,
  ServerClass: ServerClass | undefined = undefined,
  options: TestOptions = {},
): Promise<void> {
  const { protocol, signal, tls_cert = null } = options;
  if (signal?.aborted) return;
  const close = () => void server.server_close();
  // Before anything listens: once a client can connect, a signal ends the server in order. A signal calls
  // back only after the code below, which doesn't wait.
  using _interrupted = onInterrupt((name) => {
    if (name === "SIGINT") {
      console.log("\nKeyboard interrupt received, exiting.");
    }
    close();
  });
  await using server = listen(
    protocol === undefined ? HandlerClass : speaking(HandlerClass, protocol),
    ServerClass ??
      (tls_cert === null ? ThreadingHTTPServer : ThreadingHTTPSServer),
    options,
  );
  signal?.addEventListener("abort", close, { once: true });
  const lines = startLines(server.server_address as Address, tls_cert !== null);
  console.log(lines.join("\n"));
  try {
    await server.serve_forever();
    await server.server_close();
  } finally {
    signal?.removeEventListener("abort", close);
  }
}

/** Listens where it is told to, at all interfaces by default. */
function listen(
  HandlerClass: RequestHandlerClass,
  ServerClass: ServerClass,
  options: TestOptions,
): TCPServer {
  const secure = (options.tls_cert ?? null) !== null;
  if (secure && !isForHttps(ServerClass)) {
    throw new TypeError(
      `Cannot serve HTTPS: ${ServerClass.name} does not extend HTTPSServer`,
    );
  }
  class CommandLineServer extends ServerClass {
    static override gracePeriod = GRACE;
  }
  const { bind = null, port = 8000 } = options;
  // Where the system allows it, "::" takes IPv4 clients too.
  const hosts = bind === null ? ["::", "0.0.0.0"] : [bind];
  for (const host of hosts) {
    try {
      return new CommandLineServer(
        [host, port],
        HandlerClass,
        true,
        tlsOptions(options),
      );
    } catch (error) {
      const last = host === hosts.at(-1);
      if (last || !isSystemError(error)) throw explained(error, host, port);
    }
  }
  throw new RangeError("Cannot listen: there is no address to listen at");
}

function tlsOptions(
  { tls_cert, tls_key, tls_password }: TestOptions,
): ServerOptions | HTTPSServerOptions {
  if (tls_cert === undefined || tls_cert === null) return {};
  return {
    certfile: tls_cert,
    keyfile: tls_key ?? null,
    password: tls_password ?? null,
  };
}

function isForHttps(ServerClass: ServerClass): boolean {
  return (ServerClass as unknown) === HTTPSServer ||
    ServerClass.prototype instanceof HTTPSServer;
}

/** Whether the system refused an address, for which another one may do. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && !OWN_MESSAGE.test(error.message) &&
    !(error instanceof Deno.errors.AddrInUse ||
      error instanceof Deno.errors.NotCapable);
}

/** An error that says what could not be done. */
function explained(error: unknown, host: string, port: number): unknown {
  if (error instanceof Deno.errors.AddrInUse) {
    return new Deno.errors.AddrInUse(
      `Cannot listen at port ${port}: it is in use; give another one, or 0 for any`,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied && port < 1024) {
    return new Deno.errors.PermissionDenied(
      `Cannot listen at port ${port}: below 1024 that takes rights of the system; give another one, such as 8000`,
    );
  }
  return isSystemError(error)
    ? new TypeError(
      `Cannot listen at ${repr(host)} port ${port}: ${
        (error as Error).message
      }`,
    )
    : error;
}

/** A class whose handlers speak a version, whatever theirs is. */
function speaking(
  HandlerClass: RequestHandlerClass,
  protocol: string,
): RequestHandlerClass {
  return class extends HandlerClass {
    constructor(
      request: Connection,
      client_address: Address,
      server: ServerContext,
    ) {
      super(request, client_address, server);
      Object.assign(this, { protocol_version: protocol });
    }
  };
}
