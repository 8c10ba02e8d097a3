// `--workers`: serves the site in several threads until Ctrl-C.

// deno-lint-ignore-file no-console

import { SharedListener } from "../server/parallel/shared_listener.ts";
import { startOn } from "../server/parallel/start.ts";
import { onInterrupt } from "./interrupt.ts";
import { GRACE, listenAt, printInterrupt, type TestOptions } from "./serve.ts";
import type { WorkerSite } from "./site_worker.ts";
import { startLines } from "./start_lines.ts";

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
  const stop = new AbortController();
  using _interrupted = onInterrupt((name) => {
    printInterrupt(name);
    stop.abort();
  });
  const listener = listenAt(options, (address) => new SharedListener(address));
  const secure = tls_cert !== undefined && tls_cert !== null;
  const module = import.meta.resolve("./site_worker.ts");
  const server = await startOn(listener, module, {
    workers,
    data,
    gracePeriod,
    acceptWhileDraining,
    signal: stop.signal,
    ...(secure &&
      { certfile: tls_cert, keyfile: tls_key, password: tls_password }),
  });
  if (!stop.signal.aborted) {
    console.log(startLines(server.addr, secure).join("\n"));
  }
  await server.finished;
}
