// Opens connections to upstreams.

import { connectError, connectTimeout, type UpstreamError } from "./failure.ts";
import type { ProxySettings, Upstream } from "./interfaces.ts";
import { UpstreamConnection } from "./upstream_connection.ts";

/** How long opening a connection may take, in seconds. */
const MAX_CONNECT = 10;

/** The addresses of `localhost`. The resolver may know only one, and servers listen on either. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"];

/** For an upstream at `localhost`, the address that the last connection was opened to. */
const lastAddress = new Map<string, string>();

/**
 * Opens a connection.
 *
 * @param upstream The upstream.
 * @param settings The time limit, and the certificates to trust.
 * @returns The connection.
 * @throws {UpstreamError} It can't be opened.
 */
export async function connect(
  upstream: Upstream,
  { ca, timeout }: Pick<ProxySettings, "ca" | "timeout">,
): Promise<UpstreamConnection> {
  const seconds = Math.min(timeout, MAX_CONNECT);
  const conn = await within(
    seconds * 1000,
    open(upstream, ca).catch((error) => {
      throw connectError(upstream, error);
    }),
    () => connectTimeout(upstream, seconds),
  );
  return new UpstreamConnection(upstream, conn, timeout);
}

async function open(
  upstream: Upstream,
  ca: string | undefined,
): Promise<Deno.Conn> {
  const { host, name, socket } = upstream;
  if (socket !== undefined) {
    return await Deno.connect({ transport: "unix", path: socket });
  }
  if (host !== "localhost") return await openAt(host, upstream, ca);
  const last = lastAddress.get(name);
  const addresses = LOOPBACK.toSorted((a, b) =>
    Number(b === last) - Number(a === last)
  );
  let first: unknown;
  for (const address of addresses) {
    try {
      const conn = await openAt(address, upstream, ca);
      lastAddress.set(name, address);
      return conn;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

async function openAt(
  hostname: string,
  { host, port, secure }: Upstream,
  ca: string | undefined,
): Promise<Deno.Conn> {
  const tcp = await Deno.connect({ hostname, port });
  if (!secure) return tcp;
  // The certificate is for the host, whichever address it has.
  const tls = await Deno.startTls(tcp, {
    hostname: host,
    alpnProtocols: ["http/1.1"],
    ...(ca !== undefined && { caCerts: [ca] }),
  });
  try {
    await tls.handshake();
  } catch (error) {
    tls.close();
    throw error;
  }
  return tls;
}

/** Whether nothing listens at an address, or this machine doesn't have its family. */
function isUnreachable(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.AddrNotAvailable ||
    (error instanceof Error && /EAFNOSUPPORT|os error 97\b|os error 99\b/
      .test(`${error.message} ${"code" in error ? error.code : ""}`));
}

/** Waits for a connection; one that is opened too late is closed. */
async function within(
  milliseconds: number,
  opening: Promise<Deno.Conn>,
  late: () => UpstreamError,
): Promise<Deno.Conn> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), milliseconds);
  });
  try {
    const conn = await Promise.race([opening, timeout]);
    if (conn !== "late") return conn;
    opening.then((conn) => conn.close(), () => {/* reported as a timeout */});
    throw late();
  } finally {
    clearTimeout(timer);
  }
}
