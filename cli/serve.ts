// CPython's `test()`: serves a handler class until Ctrl-C, printing the lines that people
// expect on their terminal.

// deno-lint-ignore-file no-console

import type { Address } from "../connection/connection.ts";
import type { MaybePromise } from "../connection/files.ts";
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
import { PROGRAM } from "./options.ts";
import { announce, type Listening } from "./start.ts";

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
   * With `tls_cert`: redirect clients that speak plain HTTP on the port to the https URL.
   *
   * @default {false}
   */
  readonly redirect_http?: boolean;
  /**
   * With `tls_cert`: the certificate of a local authority (DER) for clients that speak plain
   * HTTP; see `HTTPSServerOptions`.
   *
   * @default {null}
   */
  readonly ca_certificate?: Uint8Array | null;
  /**
   * Listen on the next free port if this one is in use.
   *
   * @default {false}
   */
  readonly port_fallback?: boolean;
  /**
   * Called when the server listens, instead of printing its URLs. The result is disposed
   * when serving ends.
   *
   * @param listening The server.
   * @returns Ends the work that the callback has started.
   */
  readonly started?: (listening: Listening) => Disposable;
  /**
   * Print nothing at Ctrl-C.
   *
   * @default {false}
   */
  readonly silent?: boolean;
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
  const { protocol, signal, tls_cert = null, started = printStart } = options;
  if (signal?.aborted) return;
  const state: { ended: boolean; server?: TCPServer } = { ended: false };
  const close = async () => {
    state.ended = true;
    if (options.acceptWhileDraining) await state.server?.drain();
    await state.server?.server_close();
  };
  // Registered before listening, so that once a client can connect, a signal ends the
  // server gracefully.
  using _interrupted = onInterrupt((name) => {
    if (options.silent !== true) printInterrupt(name);
    void close();
  });
  const listenOn = (port: number) =>
    listen(
      protocol === undefined
        ? HandlerClass
        : withProtocol(HandlerClass, protocol),
      ServerClass ??
        (tls_cert === null ? ThreadingHTTPServer : ThreadingHTTPSServer),
      { ...options, port },
    );
  const first = listenFirst(listenOn, options);
  await using server = first instanceof Promise ? await first : first;
  state.server = server;
  if (state.ended) return;
  signal?.addEventListener("abort", close, { once: true });
  const address = server.server_address;
  using _started = started({
    address,
    secure: tls_cert !== null,
    stop: () => void close(),
  });
  try {
    await server.serve_forever();
    await server.server_close();
  } finally {
    signal?.removeEventListener("abort", close);
  }
}

/**
 * Prints where the server listens. The terminal belongs to the caller.
 *
 * @param listening The server.
 * @returns Ends it when disposed.
 */
export function printStart(listening: Listening): Disposable {
  return announce(listening, { keys: false });
}

/**
 * Listens on the port, or the next free one.
 *
 * @typeParam Server The type of the server.
 * @param listenOn Listens on one port.
 * @param options The port, and whether another may be used.
 * @returns The server; a promise only if the port is in use.
 * @throws {Error} If it can't listen; the message says why.
 */
export function listenFirst<Server>(
  listenOn: (port: number) => Server,
  { bind, port = 8000, port_fallback = false }: TestOptions,
): MaybePromise<Server> {
  try {
    return listenOn(port);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return import("./busy_port.ts").then((busy) => {
      const next = port_fallback
        ? busy.listenOnNext(
          port,
          (free) => ({ port: free, server: listenOn(free) }),
        )
        : undefined;
      if (next === undefined) {
        const message = busy.explainBusy(bind || "0.0.0.0", port);
        throw new Deno.errors.AddrInUse(message);
      }
      const text = busy.busyText(port, busy.holderOf(port));
      console.error(`${PROGRAM}: ${text}; listening on port ${next.port}`);
      return next.server;
    });
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
  options: TestOptions,
): ServerOptions | HTTPSServerOptions {
  const { tls_cert, tls_key, tls_password, redirect_http = false } = options;
  if (tls_cert === undefined || tls_cert === null) return {};
  return {
    certfile: tls_cert,
    keyfile: tls_key ?? null,
    password: tls_password ?? null,
    redirect_http,
    ca_certificate: options.ca_certificate ?? null,
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
