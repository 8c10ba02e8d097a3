// A connection whose response is still being sent is not idle: neither a shutdown, nor a new
// connection, nor a deadline cuts the response.

import { assertEquals } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { ThreadingHTTPServer } from "../../server/mod.ts";
import { quiet } from "../_lib/quiet.ts";

const SIZE = 12_000_000;

class Large extends quiet(BaseHTTPRequestHandler) {
  override protocol_version = "HTTP/1.1";
  override timeout: number | null = 1;
  do_GET() {
    this.send_response(200);
    this.send_header("Content-Length", SIZE);
    this.end_headers();
    // Nothing awaits it: the exchange ends with most of it unsent.
    this.wfile.write(new Uint8Array(SIZE));
  }
}

class Single extends ThreadingHTTPServer {
  static override maxConnections = 1;
  static override gracePeriod = 8;
}

const GET = "GET / HTTP/1.1\r\nHost: a\r\n";
const REQUESTS = [`${GET}\r\n`, `${GET}Content-Length: 4\r\n\r\nbody`];

/** Requests the response, reads its first bytes, and leaves the rest in the server for a while. */
async function begin(port: number, request: string): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(request));
  await conn.read(new Uint8Array(10));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return conn;
}

/** Counts the bytes of body after the first ten bytes of the response. */
async function rest(
  conn: Deno.TcpConn,
  pause: (got: number) => Promise<void> | void = () => {},
): Promise<number> {
  const buffer = new Uint8Array(1_000_000);
  let head = "";
  let got = 0;
  while (got < SIZE) {
    const count = await conn.read(buffer);
    if (count === null) break;
    got += count;
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      head += new TextDecoder().decode(
        buffer.subarray(0, Math.min(count, 999)),
      );
      const at = head.indexOf("\r\n\r\n");
      if (at >= 0) got -= at + 4;
    }
    await pause(got);
  }
  return got;
}

for (const [index, request] of REQUESTS.entries()) {
  const kind = index === 0 ? "" : " whose request left a body unread";

  Deno.test(`server_close() waits for a response${kind} that is being sent`, async () => {
    const server = new Single(["127.0.0.1", 0], Large);
    const serving = server.serve_forever();
    using conn = await begin(server.server_port, request);
    const closed = server.server_close();
    assertEquals(await rest(conn), SIZE);
    await closed;
    await serving;
  });

  Deno.test(`a new connection doesn't end a response${kind} that is being sent`, async () => {
    await using server = new Single(["127.0.0.1", 0], Large);
    server.serve_forever();
    using conn = await begin(server.server_port, request);
    using _second = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.server_port,
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(await rest(conn), SIZE);
  });

  Deno.test(`no deadline ends a response${kind} that is read steadily`, async () => {
    await using server = new Single(["127.0.0.1", 0], Large);
    server.serve_forever();
    using conn = await begin(server.server_port, request);
    const began = performance.now();
    const size = await rest(conn, async (got) => {
      // Evenly over twice the timeout.
      const due = began + got / SIZE * 2_000;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    });
    assertEquals(size, SIZE);
  });
}
