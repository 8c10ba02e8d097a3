// Sends the body of an upstream's response to the client while it arrives. A piece is read from the
// upstream only when the client has taken the ones before.

import type { WritableFile } from "../../../connection/files.ts";
import { ChunkedDecoder } from "../../../parser/chunked.ts";
import type { Field } from "../response/fields.ts";
import { invalidResponse, lostConnection } from "./failure.ts";
import type { ResponseFraming } from "../../../parser/response.ts";
import type { UpstreamConnection } from "./upstream_connection.ts";

/** How much is read from the upstream at once, in bytes. */
const PIECE = 65_536;

const NO_FIELDS: readonly Field[] = Object.freeze([]);

/**
 * Sends a body.
 *
 * @param connection The connection to the upstream, after the head.
 * @param framing How the body ends.
 * @param output Where to send it; `undefined` to drop it.
 * @returns The trailer fields.
 * @throws {UpstreamError} The body ends early, or is malformed.
 */
export async function relayBody(
  connection: UpstreamConnection,
  framing: ResponseFraming,
  output: WritableFile | undefined,
): Promise<readonly Field[]> {
  switch (framing.kind) {
    case "none":
      return NO_FIELDS;
    case "chunked":
      return await relayChunks(connection, output);
    case "length":
      await relayBytes(connection, framing.length, output);
      return NO_FIELDS;
    case "close":
      await relayBytes(connection, Infinity, output);
      return NO_FIELDS;
  }
}

async function relayBytes(
  connection: UpstreamConnection,
  length: number,
  output: WritableFile | undefined,
): Promise<void> {
  const { buffer } = connection;
  let left = length;
  if (buffer.length > 0) {
    const piece = buffer.take(Math.min(left, buffer.length))!;
    left -= piece.length;
    await output?.write(piece);
  }
  if (left === 0) return;
  const room = new Uint8Array(Math.min(left, PIECE));
  while (left > 0 && !buffer.ended) {
    // Unlike a stream of events, what has a length should go on.
    if (length !== Infinity) connection.limitRead();
    const count = await connection.read(
      left < room.length ? room.subarray(0, left) : room,
    );
    connection.freeRead();
    if (count === null) break;
    left -= count;
    await output?.write(room.subarray(0, count));
  }
  if (length !== Infinity && left > 0) {
    throw lostConnection(
      connection.upstream,
      `after ${length - left} of ${length} bytes of its response`,
    );
  }
}

async function relayChunks(
  connection: UpstreamConnection,
  output: WritableFile | undefined,
): Promise<readonly Field[]> {
  const decoder = new ChunkedDecoder();
  for (;;) {
    let piece: Uint8Array | undefined;
    try {
      piece = decoder.read(connection.buffer, PIECE);
    } catch (error) {
      throw connection.buffer.ended
        ? lostConnection(connection.upstream, "in the middle of its response")
        : invalidResponse(connection.upstream, error);
    }
    if (piece === undefined) await connection.fill(PIECE);
    else if (piece.length > 0) await output?.write(piece);
    else return decoder.trailers.items();
  }
}
