// The settings of servers: static fields, and their values on an instance.

import { BaseServer } from "./base.ts";
import type { AddressFamily } from "./listen.ts";

/**
 * The settings of a server: the superclass of `TCPServer`, since JSR requires superclasses to
 * be named.
 *
 * CPython's class attributes are static fields here, since the constructor needs them
 * before a subclass's instance fields exist: `static override request_queue_size = 50`.
 *
 * @internal
 */
export abstract class ServerSettings extends BaseServer {
  /**
   * The addresses that an empty host means: all of IPv4 ("AF_INET"), or all of IPv4 and
   * IPv6 ("AF_INET6").
   *
   * @default {"AF_INET"}
   */
  static address_family: AddressFamily = "AF_INET";
  /**
   * The size of the listen backlog.
   *
   * @default {5}
   */
  static request_queue_size: number = 5;
  /** Whether an address can be bound again at once; the runtime always allows it. */
  static allow_reuse_address: boolean = false;
  /**
   * Whether several processes may listen on one port. Requires `--unstable-net`.
   *
   * @default {false}
   */
  static allow_reuse_port: boolean = false;
  /**
   * The maximum number of open connections. Beyond it, the oldest idle one is closed, or if
   * none is idle, new ones wait to be accepted. Each takes a file descriptor, and up to 300
   * KiB while a large file is sent.
   *
   * @default {4096}
   */
  static maxConnections: number = 4_096;
  /**
   * The maximum number of open connections per client address, so that one client can't
   * take them all. Beyond it, the client's oldest idle connection is closed, or if none is
   * idle, the new one. Loopback addresses and Unix sockets are exempt, since a local proxy
   * connects for many clients; a proxy on another machine may need a higher limit.
   *
   * @default {1024}
   */
  static maxConnectionsPerAddress: number = 1_024;
  /**
   * How long `server_close()` lets responses finish, in seconds. `ThreadingMixIn` applies
   * it only to daemon threads; `ThreadingHTTPServer` has daemon threads.
   *
   * @default {5}
   */
  static gracePeriod: number = 5;

  /**
   * The class's `address_family`. Like the six settings below it can't be overridden by a
   * field, which would be set after the constructor has used it.
   */
  get address_family(): AddressFamily {
    return this.#statics.address_family;
  }
  /** The class's `request_queue_size`. */
  get request_queue_size(): number {
    return this.#statics.request_queue_size;
  }
  /** The class's `allow_reuse_address`. */
  get allow_reuse_address(): boolean {
    return this.#statics.allow_reuse_address;
  }
  /** The class's `allow_reuse_port`. */
  get allow_reuse_port(): boolean {
    return this.#statics.allow_reuse_port;
  }
  /** The class's `maxConnections`. */
  get maxConnections(): number {
    return this.#statics.maxConnections;
  }
  /** The class's `maxConnectionsPerAddress`. */
  get maxConnectionsPerAddress(): number {
    return this.#statics.maxConnectionsPerAddress;
  }
  /** The class's `gracePeriod`. */
  get gracePeriod(): number {
    return this.#statics.gracePeriod;
  }

  get #statics(): typeof ServerSettings {
    return this.constructor as typeof ServerSettings;
  }
}
