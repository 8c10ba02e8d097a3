// `serveParallel()` after it was loaded: checks the options and starts the workers.

import { fromFileUrl } from "../../text/file_paths.ts";
import type { Address } from "../../connection/connection.ts";
import { ThreadingHTTPServer } from "../http.ts";
import { shareOf, workerCount } from "./decisions.ts";
import type { ParallelOptions, ParallelServer } from "./options.ts";
import { WorkerPool } from "./pool.ts";
import type { WorkerCertificate } from "./protocol.ts";
import { SharedListener } from "./shared_listener.ts";
import { WORKER_MODULE } from "./worker_thread.ts";

/**
 * Starts a server with several workers.
 *
 * @param address Host and port.
 * @param module The URL of the module with the handler.
 * @param options The options.
 * @returns The server, once all workers listen.
 */
export async function startParallel(
  address: Address,
  module: string | URL,
  options: ParallelOptions,
): Promise<ParallelServer> {
  if (!Array.isArray(address)) {
    throw new TypeError(
      "Cannot share a Unix socket between workers: give a host and a port, or serve without workers",
    );
  }
  return await startOn(new SharedListener(address), module, options);
}

/**
 * Starts the workers of a server on an address that is already held.
 *
 * @param listener The address; closed with the server, also if it can't start.
 * @param module The URL of the module with the handler.
 * @param options The options.
 * @returns The server, once all workers listen.
 */
export async function startOn(
  listener: SharedListener,
  module: string | URL,
  options: ParallelOptions,
): Promise<ParallelServer> {
  const { signal, certfile } = options;
  try {
    signal?.throwIfAborted();
    checkReadable();
    const pool = await startPool(listener, moduleUrl(module), options);
    return serverOf(pool, certfile !== undefined, signal);
  } catch (error) {
    listener.close();
    throw error;
  }
}

function startPool(
  listener: SharedListener,
  module: string,
  options: ParallelOptions,
): Promise<WorkerPool> {
  const {
    workers: requested = "auto",
    data,
    gracePeriod = ThreadingHTTPServer.gracePeriod,
    maxConnections = ThreadingHTTPServer.maxConnections,
    maxConnectionsPerAddress = ThreadingHTTPServer.maxConnectionsPerAddress,
    acceptWhileDraining = false,
    hangTimeout = 10,
  } = options;
  const workers = workerCount(requested, navigator.hardwareConcurrency);
  return WorkerPool.start(listener, {
    module,
    data,
    tls: certificateOf(options),
    workers,
    maxConnections: shareOf(maxConnections, workers),
    maxConnectionsPerAddress: shareOf(maxConnectionsPerAddress, workers),
    gracePeriod,
    acceptWhileDraining,
    hangTimeout,
  });
}

function moduleUrl(module: string | URL): string {
  const url = URL.parse(module);
  if (url !== null) return url.href;
  throw new TypeError(
    `Cannot load ${module}: the module must be a URL; write import.meta.resolve("${module}")`,
  );
}

/** The worker would fail with a message that is printed twice, and couldn't ask for the permission. */
function checkReadable(): void {
  if (WORKER_MODULE.protocol !== "file:") return;
  const path = fromFileUrl(WORKER_MODULE, Deno.build.os);
  if (
    Deno.permissions.requestSync({ name: "read", path }).state === "granted"
  ) {
    return;
  }
  throw new Deno.errors.NotCapable(
    `Cannot start workers without reading their code: run again with --allow-read=${
      fromFileUrl(new URL("../../", WORKER_MODULE), Deno.build.os)
    }`,
  );
}

function certificateOf(
  options: ParallelOptions,
): WorkerCertificate | undefined {
  const { certfile, keyfile = null, password = null } = options;
  if (certfile === undefined) return undefined;
  const { caCertificate = null, redirectHttp = caCertificate !== null } =
    options;
  return {
    certfile: pathOf(certfile),
    keyfile: keyfile === null ? null : pathOf(keyfile),
    password,
    redirect_http: redirectHttp,
    ca_certificate: caCertificate,
  };
}

/** A URL can't be sent to a worker. */
function pathOf(file: string | URL): string {
  return typeof file === "string" ? file : fromFileUrl(file, Deno.build.os);
}

function serverOf(
  pool: WorkerPool,
  secure: boolean,
  signal: AbortSignal | undefined,
): ParallelServer {
  const shutdown = () => pool.shutdown();
  const [host, port] = pool.address;
  const name = host.includes(":") ? `[${host}]` : host;
  signal?.addEventListener("abort", shutdown, { once: true });
  // Aborted while the workers started.
  if (signal?.aborted) void shutdown();
  return {
    addr: pool.address,
    url: `${secure ? "https" : "http"}://${name}:${port}/`,
    workers: pool.workers,
    finished: pool.finished,
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}
