// `HTTPSServer` and `ThreadingHTTPSServer`.

import type { SecureContext } from "node:tls";
import type { Address } from "../connection/connection.ts";
import type { RequestHandlerClass } from "../handlers/types.ts";
import {
  type Certificate,
  type CertificateFiles,
  type Password,
  readCertificate,
} from "./certificate.ts";
import { HTTPServer } from "./http.ts";
import { listen, type ListenOptions } from "./listen.ts";
import type { ServerOptions } from "./tcp.ts";
import { ThreadingMixIn, type ThreadingStatics } from "./threading.ts";
import { TlsListener } from "./tls_listener.ts";

/** Options of a server for HTTPS. */
export interface HTTPSServerOptions extends ServerOptions, CertificateFiles {
  /**
   * The protocols that the client may choose from (ALPN, RFC 7301), the preferred one first.
   *
   * @default {["http/1.1"]}
   */
  readonly alpn_protocols?: readonly string[] | null;
}

/**
 * An HTTP server behind TLS. A client is accepted once its handshake is done: one that
 * stays silent or does not speak TLS delays nobody, and costs one line of the log.
 *
 * The files are PEM. The key is RSA, ECDSA (P-256, P-384, P-521) or Ed25519. It may be
 * encrypted: in PKCS#8 with PBES2 (PBKDF2 or scrypt; AES or 3DES in CBC mode), or in the
 * older form with `DEK-Info` (AES or 3DES).
 *
 * Deno asks for `--allow-read` of both files.
 *
 * @example A server with a certificate that its client knows
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@x/httpserver/handlers";
 * import { ThreadingHTTPSServer } from "@x/httpserver/server";
 * import { assertEquals } from "@std/assert";
 *
 * class Quiet extends SimpleHTTPRequestHandler {
 *   override log_message() {}
 * }
 *
 * const certfile = "tests/data/tls/ssl_cert.pem";
 * const options = { certfile, keyfile: "tests/data/tls/ssl_key.pem" };
 * await using server = new ThreadingHTTPSServer(["127.0.0.1", 0], Quiet, true, options);
 * server.serve_forever();
 *
 * using client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(certfile)] });
 * const url = `https://127.0.0.1:${server.server_port}/README.md`;
 * const response = await fetch(url, { client });
 * assertEquals(await response.text(), await Deno.readTextFile("README.md"));
 * ```
 */
export class HTTPSServer extends HTTPServer {
  /**
   * How long a client may take for the TLS handshake, in seconds.
   *
   * @default {10}
   */
  static handshakeTimeout: number = 10;

  /** The file of the certificate. */
  certfile: string | URL;
  /** The file of the key; `null` where it is in `certfile`. */
  keyfile: string | URL | null;
  /** What opens the key; not shown when the server is logged. */
  declare password: Password | null;
  /** The protocols that clients may choose from. */
  alpn_protocols: readonly string[];

  readonly #context: SecureContext;

  /**
   * Reads the certificate and its key, makes a server and, if not told otherwise, binds
   * and activates it.
   *
   * @param server_address Host and port.
   * @param RequestHandlerClass The class of which each connection gets an instance.
   * @param bind_and_activate Whether it listens at once.
   * @param options Where the certificate and the key are; `certfile` is required.
   * @throws {Deno.errors.NotFound} Where a file is missing; other kinds where it can't be read.
   * @throws {SyntaxError} Where a file is empty, malformed, or has not what it should.
   * @throws {TypeError} Where the password is missing or wrong, the key is of another
   * certificate, or the runtime takes no such key.
   * @throws {RangeError} Where opening the key would take too long, or a protocol's name is too long.
   * @throws {Deno.errors.AddrInUse} Where somebody else listens at the address.
   */
  constructor(
    server_address: Address,
    RequestHandlerClass: RequestHandlerClass,
    bind_and_activate: boolean = true,
    options: HTTPSServerOptions,
  ) {
    if ((options as Partial<HTTPSServerOptions>)?.certfile === undefined) {
      throw new TypeError("Cannot serve HTTPS: the option certfile is missing");
    }
    const context = secureContext(readCertificate(options));
    const protocols = options.alpn_protocols ?? ["http/1.1"];
    checkProtocols(protocols);
    super(server_address, RequestHandlerClass, false, options);
    this.certfile = options.certfile;
    this.keyfile = options.keyfile ?? null;
    Object.defineProperty(this, "password", {
      value: options.password ?? null,
      writable: true,
    });
    this.alpn_protocols = protocols;
    this.#context = context;
    // Not left to the base, which would bind before there is a certificate.
    if (bind_and_activate) {
      try {
        this.server_bind();
        this.server_activate();
      } catch (error) {
        void this.server_close();
        throw error;
      }
    }
  }

  /**
   * Makes the listener.
   *
   * @param options How to listen at `server_address`.
   * @returns A listener that gives connections whose handshake is done.
   * @throws {TypeError} Where the address is a path.
   */
  override listen(options: ListenOptions): Deno.Listener {
    if (typeof this.server_address === "string") {
      throw new TypeError("Cannot listen: TLS needs a host and a port");
    }
    const { handshakeTimeout } = this.constructor as typeof HTTPSServer;
    return new TlsListener(listen(this.server_address, options), {
      context: this.#context,
      protocols: announced(this.alpn_protocols),
      handshakeTimeout: handshakeTimeout * 1000,
    });
  }

  /**
   * Closes the server, as `TCPServer` does, with the handshakes that run.
   *
   * @returns A promise that is fulfilled once all is closed.
   */
  override async server_close(): Promise<void> {
    await super.server_close();
    if (this.socket instanceof TlsListener) await this.socket.ended();
  }
}

/**
 * What `ThreadingHTTPSServer` extends: JSR wants a superclass to have a name.
 *
 * @internal
 */
export const ThreadingHTTPS: typeof HTTPSServer & ThreadingStatics =
  ThreadingMixIn(HTTPSServer);

/** An HTTPS server that serves its connections side by side. */
export class ThreadingHTTPSServer extends ThreadingHTTPS {
  /**
   * As CPython's: when the server closes, running answers get its `gracePeriod` and no more.
   *
   * @default {true}
   */
  static override daemon_threads: boolean = true;
}

/** RFC 7301 3.1: a name has 1 to 255 bytes. */
function checkProtocols(protocols: readonly string[]): void {
  for (const name of protocols) {
    const { length } = new TextEncoder().encode(name);
    if (length < 1 || length > 255) {
      throw new RangeError(
        `Cannot announce a protocol: its name has ${length} bytes, not 1 to 255`,
      );
    }
  }
}

/**
 * Adds HTTP/1.0 to HTTP/1.1, as whoever speaks the one answers the other too (RFC 9110
 * 2.5): the runtime refuses a client of which it has no protocol, and OpenSSL does not.
 */
function announced(protocols: readonly string[]): readonly string[] {
  return protocols.includes("http/1.1") && !protocols.includes("http/1.0")
    ? [...protocols, "http/1.0"]
    : protocols;
}

/** Loaded here, and not at the start, as few programs that import this serve HTTPS. */
function secureContext(certificate: Certificate): SecureContext {
  const { createSecureContext } = globalThis.process.getBuiltinModule(
    "node:tls",
  );
  return createSecureContext({ ...certificate });
}
