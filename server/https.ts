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

/** Options of an HTTPS server. */
export interface HTTPSServerOptions extends ServerOptions, CertificateFiles {
  /**
   * The protocols the client may choose from (ALPN, RFC 7301), preferred one first.
   *
   * @default {["http/1.1"]}
   */
  readonly alpn_protocols?: readonly string[] | null;
  /**
   * Redirect clients that speak plain HTTP on this port to the https URL, with 308. Without it
   * their handshake fails. The option `allow` of `staticFiles()` applies to them too.
   *
   * @default {false}
   */
  readonly redirect_http?: boolean;
  /**
   * The certificate of a local authority (DER) to send to clients that speak plain HTTP, at
   * `/.httpserver/ca.crt`, instead of a redirect: phones need it before they can trust the
   * server. It implies `redirect_http`.
   *
   * @default {null}
   */
  readonly ca_certificate?: Uint8Array | null;
}

/**
 * An HTTP server over TLS. A client is accepted after its handshake, so clients that are
 * silent or don't speak TLS delay no others. Failed handshakes are logged in one line each, at
 * most ten per second. With `redirect_http`, clients that speak plain HTTP are redirected instead.
 *
 * The files are PEM. The key may be RSA, ECDSA (P-256, P-384, P-521) or Ed25519, and may be
 * encrypted: in PKCS#8 with PBES2 (PBKDF2 or scrypt; AES or 3DES in CBC mode), or in the
 * older format with `DEK-Info` (AES or 3DES).
 *
 * Requires `--allow-read` for both files.
 *
 * @example A server whose client trusts its certificate
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

  /** Sets `HTTPS=on` for CGI scripts. */
  readonly secure: boolean = true;
  /** The file of the certificate. */
  certfile: string | URL;
  /** The file of the key; `null` if it is in `certfile`. */
  keyfile: string | URL | null;
  /** The key's password; not shown when the server is logged. */
  declare password: Password | null;
  /** The protocols that clients may choose from. */
  alpn_protocols: readonly string[];

  /** Whether clients that speak plain HTTP are redirected. */
  redirect_http: boolean;
  /** The certificate of the authority for clients that speak plain HTTP; `null` for none. */
  ca_certificate: Uint8Array | null;

  readonly #context: SecureContext;

  /**
   * Reads the certificate and key, creates a server and, by default, binds and activates
   * it.
   *
   * @param server_address Host and port.
   * @param RequestHandlerClass The handler class, instantiated for each connection.
   * @param bind_and_activate Whether to listen at once.
   * @param options The certificate and key; `certfile` is required.
   * @throws {Deno.errors.NotFound} If a file is missing; other kinds if it can't be read.
   * @throws {SyntaxError} If a file is empty, malformed, or lacks the expected block.
   * @throws {TypeError} If the password is missing or wrong, the key doesn't match the
   * certificate, or the runtime doesn't support the key.
   * @throws {RangeError} If decrypting the key would take too long, or a protocol's name is
   * too long.
   * @throws {Deno.errors.AddrInUse} If the address is in use.
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
    this.ca_certificate = options.ca_certificate ?? null;
    this.redirect_http = options.redirect_http ?? this.ca_certificate !== null;
    this.#context = context;
    // Not by the base class, which would bind before the certificate is set.
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
   * Creates the listener.
   *
   * @param options How to listen on `server_address`.
   * @returns A listener that accepts connections after their handshake.
   * @throws {TypeError} If the address is a path.
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
      plainHttp: this.redirect_http
        ? {
          authority: this.ca_certificate,
          allows: (address) =>
            this.RequestHandlerClass.allows_plain_http?.(address) ?? true,
        }
        : undefined,
    });
  }

  /**
   * Closes the server like `TCPServer`, and pending handshakes.
   *
   * @returns A promise that fulfills once everything is closed.
   */
  override async server_close(): Promise<void> {
    await super.server_close();
    if (this.socket instanceof TlsListener) await this.socket.ended();
  }
}

/**
 * The superclass of `ThreadingHTTPSServer`: JSR requires superclasses to be named.
 *
 * @internal
 */
export const ThreadingHTTPS: typeof HTTPSServer & ThreadingStatics =
  ThreadingMixIn(HTTPSServer);

/** An HTTPS server that serves connections in parallel. */
export class ThreadingHTTPSServer extends ThreadingHTTPS {
  /**
   * As in CPython. When the server closes, running responses get its `gracePeriod`.
   *
   * @default {true}
   */
  static override daemon_threads: boolean = true;
}

/** A protocol name has 1 to 255 bytes (RFC 7301 §3.1). */
function checkProtocols(protocols: readonly string[]): void {
  for (const name of protocols) {
    const { length } = new TextEncoder().encode(name);
    if (length < 1 || length > 255) {
      throw new RangeError(
        `Cannot announce a protocol: its name must have 1 to 255 bytes, not ${length}`,
      );
    }
  }
}

/**
 * Adds HTTP/1.0 to HTTP/1.1, since an HTTP/1.1 server can respond to both (RFC 9110 §2.5).
 * The runtime refuses clients without a common protocol; OpenSSL does not.
 */
function announced(protocols: readonly string[]): readonly string[] {
  return protocols.includes("http/1.1") && !protocols.includes("http/1.0")
    ? [...protocols, "http/1.0"]
    : protocols;
}

/** Loads `node:tls` on demand, since few importers of this module serve HTTPS. */
function secureContext(certificate: Certificate): SecureContext {
  const { createSecureContext } = globalThis.process.getBuiltinModule(
    "node:tls",
  );
  return createSecureContext({ ...certificate });
}
