// The `readable` and `writable` of connections over streams of Node.

/** How much `readable` reads at once, in bytes. */
const READ_SIZE = 16_384;

/**
 * The received data of a connection as a web stream. The connection closes if it is cancelled.
 *
 * @param conn The connection.
 * @returns The stream.
 */
export function readableOf(
  conn: Pick<Deno.Conn, "read" | "close">,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull: async (controller) => {
      const piece = new Uint8Array(READ_SIZE);
      const count = await conn.read(piece);
      if (count === null) controller.close();
      else controller.enqueue(piece.subarray(0, count));
    },
    cancel: () => conn.close(),
  }, { highWaterMark: 0 });
}

/**
 * The output of a connection as a web stream. Closing it ends this side of the connection.
 *
 * @param conn The connection, whose `write()` writes all bytes.
 * @returns The stream.
 */
export function writableOf(
  conn: Pick<Deno.Conn, "write" | "closeWrite" | "close">,
): WritableStream<Uint8Array<ArrayBufferLike>> {
  return new WritableStream({
    write: async (piece) => {
      await conn.write(piece);
    },
    close: () => conn.closeWrite(),
    abort: () => conn.close(),
  });
}
