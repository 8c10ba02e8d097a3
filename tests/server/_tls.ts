// The certificates of the test data, and clients that trust them.

import { fromFileUrl } from "@std/path";
import { Client } from "../_serve.ts";

const FOLDER = new URL("../data/tls/", import.meta.url);

/** The path of a file in the test data. */
export function tlsFile(name: string): string {
  return fromFileUrl(new URL(name, FOLDER));
}

/** A certificate and its key. */
export const FILES = {
  certfile: tlsFile("ssl_cert.pem"),
  keyfile: tlsFile("ssl_key.pem"),
};

/** The certificates that clients trust. */
export const CA: readonly string[] = [Deno.readTextFileSync(FILES.certfile)];

/** Connects and performs the handshake; closes the connection if it fails. */
export async function connectTls(
  port: number,
  alpnProtocols: readonly string[] = [],
): Promise<Deno.TlsConn> {
  const conn = await Deno.connectTls({
    hostname: "127.0.0.1",
    port,
    caCerts: [...CA],
    alpnProtocols: [...alpnProtocols],
  });
  try {
    await conn.handshake();
    return conn;
  } catch (error) {
    conn.close();
    throw error;
  }
}

/** A client that reads and writes bytes over TLS. */
export async function tlsClient(port: number): Promise<Client> {
  // It only uses what TLS connections have too.
  return new Client(await connectTls(port) as Deno.Conn as Deno.TcpConn);
}

/** A connection without a handshake. */
export async function connectTcp(port: number): Promise<Client> {
  return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
}
