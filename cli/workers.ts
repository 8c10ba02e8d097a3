// `--workers`: serves the site in several threads until Ctrl-C.

import { SharedListener } from "../server/parallel/shared_listener.ts";
import { startOn } from "../server/parallel/start.ts";
import { onInterrupt } from "./interrupt.ts";
import {
  GRACE,
  listenAt,
  listenFirst,
  printInterrupt,
  printStart,
  type TestOptions,
} from "./serve.ts";
import type { WorkerSite } from "./site_worker.ts";

/**
 * Serves until Ctrl-C, SIGTERM or SIGHUP, and prints the address, like `test()`.
 *
 * @param workers The number of threads.
 * @param data The site.
 * @param options The address and the certificate.
 * @throws {Error} If it can't listen, or the workers can't be kept running.
 */
export async function serveInWorkers(
  workers: number,
  data: WorkerSite,
  options: TestOptions,
): Promise<void> {
  const { tls_cert, tls_key = null, tls_password = null } = options;
  const { gracePeriod = GRACE, acceptWhileDraining = false } = options;
  const { started = printStart } = options;
  const stop = new AbortController();
  using _interrupted = onInterrupt((name) => {
    if (options.silent !== true) printInterrupt(name);
    stop.abort();
  });
  const listener = await listenFirst(
    (port) =>
      listenAt({ ...options, port }, (address) => new SharedListener(address)),
    options,
  );
  if (stop.signal.aborted) return listener.close();
  const secure = tls_cert !== undefined && tls_cert !== null;
  const module = import.meta.resolve("./site_worker.ts");
  const server = await startOn(listener, module, {
    workers,
    data,
    gracePeriod,
    acceptWhileDraining,
    signal: stop.signal,
    ...(secure &&
      {
        certfile: tls_cert,
        keyfile: tls_key,
        password: tls_password,
        redirectHttp: options.redirect_http ?? false,
        caCertificate: options.ca_certificate ?? null,
      }),
  });
  using _started = stop.signal.aborted ? undefined : started({
    address: server.addr,
    secure,
    stop: () => stop.abort(),
  });
  await server.finished;
}
