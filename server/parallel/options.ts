// The options and the result of `serveParallel()`.

import type { Address } from "../../connection/connection.ts";

/** Options of `serveParallel()`. */
export interface ParallelOptions {
  /**
   * The number of workers; "auto" for one per core.
   *
   * @default {"auto"}
   */
  readonly workers?: number | "auto";
  /**
   * The argument of the module's function, if its default export is one. It is copied to
   * each worker, so it can't contain functions or class instances.
   *
   * @default {undefined}
   */
  readonly data?: unknown;
  /**
   * The file of the certificate chain (PEM), for HTTPS: a path or a file: URL. Each worker
   * reads it.
   *
   * @default {undefined}
   */
  readonly certfile?: string | URL;
  /**
   * The file of the certificate's key; `null` if it is in `certfile`.
   *
   * @default {null}
   */
  readonly keyfile?: string | URL | null;
  /**
   * The password of the key.
   *
   * @default {null}
   */
  readonly password?: string | Uint8Array | null;
  /**
   * Redirect clients that speak plain HTTP to the https URL; see `HTTPSServerOptions`.
   *
   * @default {false}
   */
  readonly redirectHttp?: boolean;
  /**
   * The certificate of a local authority (DER) for such clients; see `HTTPSServerOptions`.
   *
   * @default {null}
   */
  readonly caCertificate?: Uint8Array | null;
  /**
   * The maximum number of open connections, divided among the workers. Beyond its share, a
   * worker acts like a server with `TCPServer.maxConnections`.
   *
   * @default {4096}
   */
  readonly maxConnections?: number;
  /**
   * The maximum number of open connections per client address, divided among the workers.
   *
   * @default {1024}
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * How long `shutdown()` lets responses finish, in seconds.
   *
   * @default {5}
   */
  readonly gracePeriod?: number;
  /**
   * Whether workers accept connections while their responses finish; see `TCPServer.drain()`.
   *
   * @default {false}
   */
  readonly acceptWhileDraining?: boolean;
  /**
   * How long a worker may be blocked by synchronous code before another one replaces it, in
   * seconds; `Infinity` for no limit. The blocked one ends once it is free again. The
   * runtime can't stop an endless loop: it takes a core until the process ends, which then
   * needs `Deno.exit()`.
   *
   * @default {10}
   */
  readonly hangTimeout?: number;
  /** Aborting it stops the server, like `shutdown()`. */
  readonly signal?: AbortSignal;
}

/** A server with several workers. */
export interface ParallelServer extends AsyncDisposable {
  /** Host and port, with the actual port if 0 was requested. */
  readonly addr: Address;
  /** The URL of the root. */
  readonly url: string;
  /** The number of workers. */
  readonly workers: number;
  /**
   * Fulfills once all workers have ended. Rejects if a worker dies within a second six times
   * in a row, or if more are blocked than there should be workers.
   */
  readonly finished: Promise<void>;
  /**
   * Stops all workers: they accept no more connections, and responses get the grace period.
   *
   * @returns A promise that fulfills once all workers have ended.
   */
  shutdown(): Promise<void>;
}
