// CPython's `test()`: serves a handler class until Ctrl-C, printing the lines that people
// expect on their terminal.

// deno-lint-ignore-file no-console

import type { Address } from "../connection/connection.ts";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import type { RequestHandlerClass } from "../handlers/types.ts";
import { ThreadingHTTPServer } from "../server/http.ts";
import {
  HTTPSServer,
  type HTTPSServerOptions,
  ThreadingHTTPSServer,
} from "../server/https.ts";
import type { ServerOptions, TCPServer } from "../server/tcp.ts";
import { repr } from "../text/repr.ts";
import { withProtocol } from "./handlers.ts";
import { onInterrupt } from "./interrupt.ts";
import { startLines } from "./start_lines.ts";

/** A server class for `test()`. */
export interface ServerClass {
  /** How long responses may take when the server closes, in seconds. */
  gracePeriod: number;
  /**
   * Creates a server that listens.
   *
   * @param server_address Host and port.
   * @param RequestHandlerClass The handler class.
   * @param bind_and_activate Whether to listen at once.
   * @param options With `tls_cert`, the certificate and its key.
   */
  new (
    server_address: Address,
    RequestHandlerClass: RequestHandlerClass,
    bind_and_activate: boolean,
    // deno-lint-ignore no-explicit-any -- HTTPS servers take more options.
    options: any,
  ): TCPServer;
}

/** Options of `test()`, with CPython's names. */
export interface TestOptions {
  /**
   * The descriptor of an inherited socket to listen on, instead of an address.
   *
   * @default {none}
   */
  readonly fd?: number;
  /**
   * The HTTP version that handlers speak.
   *
   * @default {the handler class's own}
   */
  readonly protocol?: string;
  /**
   * The port to listen on; 0 for a free one.
   *
   * @default {8000}
   */
  readonly port?: number;
  /**
   * The address to listen on; `null` for all interfaces.
   *
   * @default {null}
   */
  readonly bind?: string | null;
  /**
   * The file of the certificate chain, for HTTPS.
   *
   * @default {null}
   */
  readonly tls_cert?: string | null;
  /**
   * The file of the certificate's key; `null` if it is in the certificate's file.
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
  /**
   * How long responses may take after an interrupt, in seconds.
   *
   * @default {1}
   */
  readonly gracePeriod?: number;
  /**
   * Whether to accept connections while responses finish after an interrupt; see
   * `TCPServer.drain()`.
   *
   * @default {false}
   */
  readonly acceptWhileDraining?: boolean;
  /** Aborting it ends serving like Ctrl-C, but prints nothing. */
  readonly signal?: AbortSignal;
}

/** How long responses may take after an interrupt, in seconds. */
export const GRACE = 1;

/** Messages that already say what failed. */
const OWN_MESSAGE = /^Cannot (?:listen|read|use)\b/;

/**
 * Serves until Ctrl-C, SIGTERM, SIGHUP or the signal, and prints the address. The command
 * uses it; it also takes custom handler and server classes.
 *
 * CPython sets `protocol_version` and `address_family` on the given classes; this function
 * creates subclasses instead.
 *
 * @param HandlerClass The handler class.
 * @param ServerClass The server class. With `tls_cert`, it must extend `HTTPSServer`.
 * @param options The address, the protocol and the certificate.
 * @throws {Error} If it can't listen, or the certificate can't be used.
 * @throws {TypeError} If there is a certificate, but `ServerClass` doesn't extend
 * `HTTPSServer`.
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
  const close = async () => {
    if (options.acceptWhileDraining) await server.drain();
    await server.server_close();
  };
  // Registered before listening, so that once a client can connect, a signal ends the
  // server gracefully. The callback runs only after the synchronous code below has set
  // `server`.
  using _interrupted = onInterrupt((name) => {
    printInterrupt(name);
    void close();
  });
  await using server = listen(
    protocol === undefined
      ? HandlerClass
      : withProtocol(HandlerClass, protocol),
    ServerClass ??
      (tls_cert === null ? ThreadingHTTPServer : ThreadingHTTPSServer),
    options,
  );
  signal?.addEventListener("abort", close, { once: true });
  const lines = startLines(server.server_address, tls_cert !== null);
  console.log(lines.join("\n"));
  try {
    await server.serve_forever();
    await server.server_close();
  } finally {
    signal?.removeEventListener("abort", close);
  }
}

/**
 * Prints CPython's line for Ctrl-C.
 *
 * @param signal The signal.
 */
export function printInterrupt(signal: Deno.Signal): void {
  if (signal === "SIGINT") {
    console.log("\nKeyboard interrupt received, exiting.");
  }
}

/** Creates a server that listens. */
function listen(
  HandlerClass: RequestHandlerClass,
  ServerClass: ServerClass,
  options: TestOptions,
): TCPServer {
  const secure = (options.tls_cert ?? null) !== null;
  if (secure && !isForHttps(ServerClass)) {
    throw new TypeError(
      `Cannot serve HTTPS: ${ServerClass.name} must extend HTTPSServer`,
    );
  }
  class CommandLineServer extends ServerClass {
    static override gracePeriod = options.gracePeriod ?? GRACE;
  }
  const { fd } = options;
  const serverOptions = {
    ...tlsOptions(options),
    ...(fd !== undefined && { fd }),
  };
  return listenAt(
    options,
    (address) =>
      new CommandLineServer(address, HandlerClass, true, serverOptions),
  );
}

/**
 * Listens on the given address, or on all interfaces.
 *
 * @typeParam Listening The type of the server.
 * @param options The address and port.
 * @param listen Listens on one address.
 * @returns Its result.
 * @throws {Error} If it can't listen; the message says why.
 */
export function listenAt<Listening>(
  { bind = null, port = 8000, fd }: TestOptions,
  listen: (address: Address) => Listening,
): Listening {
  // On most systems, "::" accepts IPv4 clients too.
  const hosts = bind === null && fd === undefined
    ? ["::", "0.0.0.0"]
    : [bind ?? ""];
  for (const host of hosts) {
    try {
      return listen([host, port]);
    } catch (error) {
      const last = host === hosts.at(-1);
      if (last || !isSystemError(error)) {
        throw explainedError(error, host, port);
      }
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

/** Whether the system refused an address; another may still work. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && !OWN_MESSAGE.test(error.message) &&
    !(error instanceof Deno.errors.AddrInUse ||
      error instanceof Deno.errors.NotCapable);
}

/** Converts an error to one that says what failed and what to do. */
function explainedError(error: unknown, host: string, port: number): unknown {
  if (error instanceof Deno.errors.AddrInUse) {
    return new Deno.errors.AddrInUse(
      `Cannot listen on port ${port}: it is in use; choose another, or 0 for a free one`,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied && port < 1024) {
    return new Deno.errors.PermissionDenied(
      `Cannot listen on port ${port}: ports below 1024 need special privileges; choose another, such as 8000`,
    );
  }
  return isSystemError(error)
    ? new TypeError(
      `Cannot listen on ${repr(host)} port ${port}: ${
        (error as Error).message
      }`,
    )
    : error;
}
