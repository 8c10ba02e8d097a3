// A client that sees the bytes on the wire, and how the connection ends.

import { decodeLatin1 } from "../../text/latin1.ts";

/** How long a client waits for bytes, in milliseconds. */
const PATIENCE = 5_000;

/** What a client received. */
export interface Received {
  /** The bytes as Latin-1 text. */
  readonly text: string;
  /** How the server ended the connection. */
  readonly end: "fin" | "reset" | "open";
  /** When each piece arrived, in milliseconds after the request was sent. */
  readonly times: readonly number[];
}

/** A raw connection. */
export class RawClient implements Disposable {
  readonly conn: Deno.TcpConn;

  constructor(conn: Deno.TcpConn) {
    this.conn = conn;
  }

  static async connect(port: number): Promise<RawClient> {
    return new RawClient(
      await Deno.connect({ hostname: "127.0.0.1", port }),
    );
  }

  /** Sends a request, as text. */
  async send(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) {
      at += await this.conn.write(bytes.subarray(at));
    }
  }

  /** Reads until the connection ends, a time has passed, or text has arrived. */
  async receive(patience = PATIENCE, until?: string): Promise<Received> {
    const began = performance.now();
    const times: number[] = [];
    const into = new Uint8Array(65_536);
    let text = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, patience, "late");
    });
    try {
      while (until === undefined || !text.includes(until)) {
        const reading = this.conn.read(into);
        // Closing the client ends a read that is not awaited any more.
        reading.catch(() => {/* seen below unless it is too late */});
        const count = await Promise.race([reading, late]);
        if (count === "late") return { text, end: "open", times };
        if (count === null) return { text, end: "fin", times };
        times.push(performance.now() - began);
        text += decodeLatin1(into.subarray(0, count));
      }
      return { text, end: "open", times };
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      return { text, end: "reset", times };
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.conn.close();
  }
}

/** Sends a request on a new connection, and reads to its end. */
export async function exchange(
  port: number,
  request: string,
  patience?: number,
): Promise<Received> {
  using client = await RawClient.connect(port);
  await client.send(request);
  return await client.receive(patience);
}

/** A GET request. */
export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;
}
