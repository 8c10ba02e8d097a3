// `serveParallel()`: several cores in one process.

import type { Address } from "../connection/connection.ts";
import type { ParallelOptions, ParallelServer } from "./parallel/options.ts";

/**
 * Serves a handler in several threads of this process, to use several cores. Each worker is
 * a `Worker` that loads the module and serves like `ThreadingHTTPServer`, or with `certfile`
 * like `ThreadingHTTPSServer`. They share one port, one log (`logTo()` of this thread), the
 * limits of connections and the memory for caches; everything else, such as variables of the
 * module, exists once per worker. A worker that dies or is blocked is replaced, while the
 * others go on.
 *
 * A process on few cores gains nothing from it, and each worker takes its own memory:
 * measure before you use it.
 *
 * Requires `--allow-net`, and `--allow-read` for the module and for this package, if they
 * are local files.
 *
 * @param address Host and port; 0 for a free one.
 * @param module The URL of a module whose default export is a handler class, or a function
 * that gets `data` and returns one.
 * @param options The number of workers, the certificate and limits.
 * @returns The server, once all workers listen.
 * @throws {Error} If a worker can't start: the error of the module, or of the certificate.
 * @throws {Deno.errors.AddrInUse} If the address is in use.
 * @throws {TypeError} If the address is not a host and port, or the runtime can't share one.
 * @throws {RangeError} If a number is out of range.
 *
 * @example Hello from every core: the default export of examples/parallel.ts is a handler class
 * ```ts
 * import { serveParallel } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const module = new URL("examples/parallel.ts", `file://${Deno.cwd()}/`);
 * await using server = await serveParallel(["127.0.0.1", 0], module, { workers: 2 });
 * const response = await fetch(server.url);
 * assertEquals(await response.text(), "hello\n");
 * ```
 */
export async function serveParallel(
  address: Address,
  module: string | URL,
  options: ParallelOptions = {},
): Promise<ParallelServer> {
  // Most programs need only one thread.
  const { startParallel } = await import("./parallel/start.ts");
  return startParallel(address, module, options);
}
