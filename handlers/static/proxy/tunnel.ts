// A connection that has switched protocols, such as a WebSocket: bytes both ways, until both sides
// have ended.

import {
  isDisconnect,
  isTimeout,
  markDisconnect,
} from "../../../connection/errors.ts";
import { UpstreamError } from "./failure.ts";
import type { ProxiedHandler } from "./interfaces.ts";
import type { UpstreamConnection } from "./upstream_connection.ts";

/** How much is read at once, in bytes. */
const PIECE = 65_536;

/** How long a side may be silent after the other has ended, in seconds. */
const HALF_OPEN = 30;

/**
 * Sends bytes both ways. Neither side has to send anything: both may be silent for any time.
 *
 * @param handler The handler, after a 101. Its connection is closed by its server.
 * @param upstream The connection to the upstream, which the caller closes.
 */
export async function tunnel(
  handler: ProxiedHandler,
  upstream: UpstreamConnection,
): Promise<void> {
  const { connection } = handler;
  connection.settimeout(null);
  upstream.freeRead();
  const end = () => {
    upstream.close();
    connection.close();
  };
  const { signal } = connection;
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const state = { clientEnded: false };
  /** Runs one direction. If it fails, neither can go on. */
  const run = async (direction: Promise<void>) => {
    try {
      await direction;
    } catch (error) {
      end();
      const isExpected = error instanceof UpstreamError ||
        isDisconnect(error) || isTimeout(error);
      if (!isExpected) throw error;
    }
  };
  try {
    await Promise.all([
      run(fromClient(handler, upstream, state)),
      run(fromUpstream(handler, upstream, state)),
    ]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

async function fromClient(
  { rfile }: ProxiedHandler,
  upstream: UpstreamConnection,
  state: { clientEnded: boolean },
): Promise<void> {
  for (;;) {
    const piece = await rfile.read1(PIECE);
    if (piece.length === 0) break;
    await upstream.write(piece);
  }
  await upstream.closeWrite();
  state.clientEnded = true;
  upstream.limitRead(HALF_OPEN);
}

async function fromUpstream(
  { connection, wfile }: ProxiedHandler,
  upstream: UpstreamConnection,
  state: { readonly clientEnded: boolean },
): Promise<void> {
  const { buffer } = upstream;
  const early = buffer.length > 0 ? buffer.take(buffer.length) : undefined;
  if (early !== undefined) await wfile.write(early);
  const room = new Uint8Array(PIECE);
  for (;;) {
    await wfile.flush();
    if (state.clientEnded) upstream.limitRead(HALF_OPEN);
    const count = await upstream.read(room);
    upstream.freeRead();
    if (count === null) break;
    await wfile.write(room.subarray(0, count));
  }
  await connection.conn.closeWrite().catch((error) => {
    throw markDisconnect(error);
  });
  connection.settimeout(HALF_OPEN);
  connection.limitRead();
}
