// The certificates of the test data, and clients that trust them.

import { Client } from "../_serve.ts";

const FOLDER = new URL("../data/tls/", import.meta.url);

/** The path of a file of the test data. */
export function tlsFile(name: string): string {
  return new URL(name, FOLDER).pathname;
}

/** A certificate and its key. */
export const FILES = {
  certfile: tlsFile("ssl_cert.pem"),
  keyfile: tlsFile("ssl_key.pem"),
};

/** What clients trust. */
export const CA: readonly string[] = [Deno.readTextFileSync(FILES.certfile)];

/** Connects and makes the handshake; its failure closes the connection. */
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

/** A client that speaks bytes through TLS. */
export async function tlsClient(port: number): Promise<Client> {
  // It uses nothing of a connection that those of TLS have not.
  return new Client(await connectTls(port) as Deno.Conn as Deno.TcpConn);
}

/** A connection on which no handshake is begun. */
export async function connectTcp(port: number): Promise<Client> {
  return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
}
