// Large bodies: the slower side sets the pace, and little is held in between.

import { assert, assertEquals } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import { proxied, upstream } from "./_upstream.ts";

const PIECE = new Uint8Array(65_536).fill(0x61);
const PIECES = 1_024;

/** 64 MiB. */
const SIZE = PIECE.length * PIECES;

/** More than the buffers of four sockets of the system take, and of the proxy. */
const MOST = SIZE / 2;

/** Waits until a number grows no more. */
async function settled(count: () => number): Promise<number> {
  for (let before = -1;;) {
    const now = count();
    if (now === before && now > 0) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** Reads to the end, and returns the number of bytes. */
async function drain(conn: Deno.Conn, size: number): Promise<number> {
  const buffer = new Uint8Array(262_144);
  let total = 0;
  while (total < size) {
    const count = await conn.read(buffer);
    if (count === null) break;
    total += count;
  }
  return total;
}

/** Sends all pieces, and tells how much was taken. */
async function pour(
  send: (piece: Uint8Array) => Promise<void>,
  progress: { sent: number },
): Promise<void> {
  for (let count = 0; count < PIECES; count++) {
    await send(PIECE);
    progress.sent += PIECE.length;
  }
}

async function write(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

for (const isChunked of [false, true]) {
  const framing = isChunked ? "in chunks" : "by length";

  boundedTest(`a slow client slows the upstream down, ${framing}`, async () => {
    const progress = { sent: 0 };
    await using server = await upstream(async (peer) => {
      await peer.head();
      await peer.send(
        `HTTP/1.1 200 OK\r\n${
          isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${SIZE}`
        }\r\n\r\n`,
      );
      await pour(async (piece) => {
        if (isChunked) await peer.send("10000\r\n");
        await peer.send(piece);
        if (isChunked) await peer.send("\r\n");
      }, progress);
      if (isChunked) await peer.send("0\r\n\r\n");
      await peer.ended();
    });
    await using served = await proxied(server);
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: served.served.port,
    });
    await write(
      conn,
      new TextEncoder().encode(
        "GET /api/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      ),
    );
    const waiting = await settled(() => progress.sent);
    assert(waiting < MOST, `${waiting} bytes are in transit`);
    const received = await drain(conn, Infinity);
    assert(received >= SIZE && received < SIZE + 100_000, `${received}`);
    assertEquals(progress.sent, SIZE);
  });

  boundedTest(`a slow upstream slows the client down, ${framing}`, async () => {
    const progress = { sent: 0 };
    const go = Promise.withResolvers<void>();
    await using server = await upstream(async (peer) => {
      await peer.head();
      await go.promise;
      let total = 0;
      while (total < SIZE) total += await peer.skip() ?? Infinity;
      await peer.respond(`${total >= SIZE}`);
      await peer.ended();
    });
    await using served = await proxied(server);
    using client = await served.served.connect();
    await client.write(
      `PUT /api/x HTTP/1.1\r\nHost: localhost\r\n${
        isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${SIZE}`
      }\r\n\r\n`,
    );
    const pouring = pour(async (piece) => {
      if (isChunked) await client.write("10000\r\n");
      await client.write(piece);
      if (isChunked) await client.write("\r\n");
    }, progress);
    const waiting = await settled(() => progress.sent);
    assert(waiting < MOST, `${waiting} bytes are in transit`);
    go.resolve();
    await pouring;
    if (isChunked) await client.write("0\r\n\r\n");
    assertEquals((await client.answer()).body, "true");
    assertEquals(progress.sent, SIZE);
  });
}
